/**
 * What is left of a source to be computed, in portions: entities that have ended in an earlier session, or whose values an
 * earlier run has, are taken out, some thousands at a time.
 */

import type { RowProblem, RunId } from "../entity.ts";
import type { EntitySource } from "../entity-source.ts";
import { problemOf } from "../ledger/merge-records.ts";
import type { FinishedEntity, Ledger } from "../ledger.ts";
import { formPortions, type PastAttempts } from "./chunk-forming.ts";
import { type EntityRows, joinedRows, pickedRows, slicedRows } from "./entity-rows.ts";
import { type EntityWindow, openWindow } from "./entity-window.ts";
import { nextPortion, type Portion, samplePortion } from "./portion.ts";

export interface EntityPagesOptions {
  readonly source: EntitySource;
  readonly ledger: Ledger;
  readonly run: RunId;
  /** Some entities may have ended, or been tried, before. */
  readonly isResumed: boolean;
  readonly skipsUnchanged: boolean;
  readonly onSkipped: (count: number) => void;
  /** Is told, before what comes behind them begins, which entities of the source have ended in an earlier session. */
  readonly onFinished?: (finished: readonly FinishedEntity[]) => Promise<void>;
}

const pageEntities = 4096;
const noAttempts: PastAttempts = new Map();

export class EntityPages {
  readonly #options: EntityPagesOptions;
  readonly #window: EntityWindow;
  readonly #problems: RowProblem[] = [];
  #portions: Portion[] = [];
  /** Left over from a look for the sample: the next to be computed, and looked at already. */
  #held: EntityRows | undefined;
  #looked = 0;
  /** Whether the run had rows that are no entities when this session began. */
  #hadProblems: boolean | undefined;
  #skipped = 0;

  constructor(options: EntityPagesOptions) {
    this.#options = options;
    this.#window = openWindow(options.source, {
      onProblems: (problems) => this.#problems.push(...problems),
    });
  }

  /** Entities read so far. */
  get read(): number {
    return this.#window.next();
  }

  /** Of the entities looked at, the share that earlier runs have. */
  get unchangedShare(): number {
    return this.#looked === 0 ? 0 : this.#skipped / this.#looked;
  }

  /** Up to so many entities for the sample; `undefined` at the end. Who was tried before comes later, alone. */
  async takeSample(count: number): Promise<Portion | undefined> {
    // Where nothing is left to be computed the next ones probably are not either: each look takes in more.
    for (let look = count; ; look = Math.min(pageEntities, 2 * look)) {
      const fresh = this.#held ?? (await this.#takeFresh(look));
      this.#held = undefined;
      if (fresh === undefined) return undefined;
      const { length } = fresh.keys;
      if (length > count) this.#held = slicedRows(fresh, count, length);
      if (length > 0) return samplePortion(slicedRows(fresh, 0, Math.min(count, length)));
    }
  }

  /** What was never tried among the next `count` entities; what was comes later, alone. */
  async #takeFresh(count: number): Promise<EntityRows | undefined> {
    const rows = await this.#take(count);
    if (rows === undefined) return undefined;
    const { left, past } = await this.#left(rows);
    for (const [i, key] of left.keys.entries()) {
      const attempts = past.get(key);
      if (attempts !== undefined) this.#portions.push(nextPortion(-1, attempts, slicedRows(left, i, i + 1)));
    }
    return without(left, (key) => past.has(key));
  }

  /** How many entities there are: exactly, if no more than `count` are left. They are put back. */
  async count(count: number): Promise<number | undefined> {
    const rows = await this.#take(count + 1);
    if (rows === undefined) return this.read;
    const all = rows.keys.length <= count ? this.read : undefined;
    this.#window.putBack(rows);
    return all;
  }

  /** The next portion of chunks of this size, which is the same for all but the sample. */
  async take(chunkEntities: number): Promise<Portion | undefined> {
    while (this.#portions.length === 0) {
      const size = Math.max(1, Math.floor(pageEntities / chunkEntities)) * chunkEntities;
      // A page ends with a chunk, also behind a sample.
      const rows = await this.#take(size - (this.read % chunkEntities));
      const held = this.#held;
      this.#held = undefined;
      if (rows === undefined && held === undefined) return undefined;
      const { left, past } =
        rows === undefined ? { left: undefined, past: noAttempts } : await this.#left(rows);
      const parts = [held, left].filter((part) => part !== undefined);
      this.#portions = formPortions(joinedRows(parts), chunkEntities, past).reverse();
    }
    return this.#portions.pop();
  }

  async close(): Promise<void> {
    await this.#window.close();
  }

  async #take(count: number): Promise<EntityRows | undefined> {
    const rows = await this.#window.take(count);
    const problems = this.#problems.splice(0);
    if (problems.length > 0) await this.#options.ledger.recordProblems(this.#options.run, problems);
    return rows;
  }

  /** The rows that have to be computed. */
  async #left(rows: EntityRows): Promise<{ readonly left: EntityRows; readonly past: PastAttempts }> {
    const { ledger, run, isResumed, skipsUnchanged } = this.#options;
    let left = rows;
    let past = noAttempts;
    if (isResumed) {
      const finished = await ledger.finished(run, rows.keys);
      left = without(left, (key, position) => finished.get(key)?.position === position);
      left = await this.#withoutRepeated(left, finished);
      await this.#forgetProblems(left);
      if (finished.size > 0) await this.#options.onFinished?.([...finished.values()]);
      past = await ledger.attempts(run, left.keys);
    }
    if (skipsUnchanged && left.keys.length > 0) left = await this.#withoutUnchanged(left, past);
    return { left, past };
  }

  /** A row with the key of an earlier one that has ended is no entity, whatever would come of it. */
  async #withoutRepeated(
    rows: EntityRows,
    finished: ReadonlyMap<string, FinishedEntity>,
  ): Promise<EntityRows> {
    const problems: RowProblem[] = [];
    const left = without(rows, (key, position, row) => {
      const first = finished.get(key)?.position ?? position;
      if (first >= position) return false;
      problems.push(problemOf(key, first, position, rows.table.lines[row]));
      return true;
    });
    if (problems.length > 0) await this.#options.ledger.recordProblems(this.#options.run, problems);
    return left;
  }

  /** Rows that were no entities when an earlier session read them, and have been corrected. */
  async #forgetProblems({ positions }: EntityRows): Promise<void> {
    const { ledger, run } = this.#options;
    this.#hadProblems ??= await hasAny(ledger.query.problems(run));
    if (this.#hadProblems && positions.length > 0) await ledger.forgetProblems(run, positions);
  }

  async #withoutUnchanged(rows: EntityRows, past: PastAttempts): Promise<EntityRows> {
    const { ledger, run, onSkipped } = this.#options;
    const asked = rows.keys.map((key, i) => ({ key, deepKey: rows.deepKeys[i] as string }));
    const unchanged = await ledger.unchanged(run, asked);
    this.#looked += rows.keys.length;
    const taken: FinishedEntity[] = [];
    const left = without(rows, (key, position, row) => {
      const entity = unchanged.get(key);
      if (entity === undefined || past.has(key)) return false;
      taken.push({ ...entity, state: "skipped", position, line: rows.table.lines[row] ?? 0 });
      return true;
    });
    if (taken.length > 0) {
      await ledger.recordUnchanged(run, taken);
      this.#skipped += taken.length;
      onSkipped(taken.length);
    }
    return left;
  }
}

async function hasAny(pages: AsyncIterable<readonly unknown[]>): Promise<boolean> {
  for await (const page of pages) if (page.length > 0) return true;
  return false;
}

function without(
  rows: EntityRows,
  isOut: (key: string, position: number, row: number) => boolean,
): EntityRows {
  const kept: number[] = [];
  for (const [i, key] of rows.keys.entries()) if (!isOut(key, rows.positions[i] as number, i)) kept.push(i);
  return kept.length === rows.keys.length ? rows : pickedRows(rows, kept);
}
