/**
 * Entities with equal deep keys (BA23): the first is computed, the others take its values when the ledger has them.
 *
 *   deep key unknown      the entity leads: it is computed
 *   somebody leads        it follows, and waits: until the leader's values are in the ledger, or it has come to nothing
 *   known                 it takes the values at once
 *   known as `own`        it is computed, and nobody waits for it
 *
 * So values are never copied and never held here, and who waits holds its row alone.
 */
import type { EntityOutcome } from "../entity.ts";
import type { EntityState, FinishedEntity } from "../ledger.ts";
import { rowsWithErrors } from "./block-rows.ts";
import { type EntityRows, pickedRows } from "./entity-rows.ts";
import type { KnownEntities, KnownValues } from "./known-entities.ts";
import type { Portion } from "./portion.ts";
import type { WrittenRecord } from "./scheduler-events.ts";

interface EqualGroup {
  readonly leader: number;
  /** It has succeeded, and its values are on their way into the ledger. */
  hasEnded: boolean;
  readonly followers: Follower[];
}

export interface Follower {
  readonly number: number;
  /** One row. */
  readonly rows: EntityRows;
}

/** Rows of a portion: which are to be computed, and which have values already. */
export interface LedRows {
  readonly own: EntityRows;
  readonly taken: readonly FinishedEntity[];
}

export class EqualEntities {
  readonly #known: KnownEntities;
  readonly #groups = new Map<string, EqualGroup>();
  #waiting = 0;

  constructor(known: KnownEntities) {
    this.#known = known;
  }

  /** Whether there is no entity that others could wait for. */
  get isEmpty(): boolean {
    return this.#groups.size === 0;
  }

  /** How many entities wait for others. */
  get waiting(): number {
    return this.#waiting;
  }

  lead({ rows, number }: Portion): LedRows {
    const leading: number[] = [];
    const taken: FinishedEntity[] = [];
    for (const [row, deepKey] of rows.deepKeys.entries()) {
      const group = this.#groups.get(deepKey);
      const position = rows.positions[row] as number;
      if (group !== undefined && group.leader !== position) {
        group.followers.push({ number, rows: pickedRows(rows, [row]) });
        this.#waiting++;
        continue;
      }
      const known = group === undefined ? this.#known.find(deepKey) : undefined;
      if (known !== undefined && known !== "own") {
        taken.push(takenEntity(rows, row, known));
        continue;
      }
      if (group === undefined && known === undefined)
        this.#groups.set(deepKey, { leader: position, hasEnded: false, followers: [] });
      leading.push(row);
    }
    return { own: leading.length === rows.keys.length ? rows : pickedRows(rows, leading), taken };
  }

  /** Entities have ended. Those that are to be computed now, as there is nothing in these that they could take. */
  end(
    { deepKeys, positions }: EntityRows,
    ended: readonly (EntityState | undefined)[],
    outcomes: readonly EntityOutcome[],
    block: Uint8Array,
  ): readonly Follower[] {
    const errors = ended.includes("succeeded") ? rowsWithErrors(block) : undefined;
    const freed: Follower[] = [];
    for (const [row, { kind }] of outcomes.entries()) {
      if (ended[row] === undefined) continue;
      const hasValues = kind === "succeeded" && errors?.has(row) === false;
      const deepKey = deepKeys[row] as string;
      if (!hasValues) this.#known.put(deepKey, "own");
      const group = this.#groups.get(deepKey);
      if (group === undefined || group.leader !== positions[row]) continue;
      group.hasEnded = hasValues;
      if (!hasValues) freed.push(...this.#release(deepKey, group));
    }
    return freed;
  }

  /**
   * Entities are in the ledger: those that have waited for them take their values. Where a row has turned out to be none, those
   * that have waited for it are to be looked at again.
   */
  write({ record, outcome }: WrittenRecord): {
    readonly taken: readonly FinishedEntity[];
    readonly again: readonly Follower[];
  } {
    const { chunk, repeated, problems } = outcome;
    const gone = new Set(problems.map(({ position }) => position));
    const taken: FinishedEntity[] = [];
    const again: Follower[] = [];
    for (const [chunkRow, position] of record.positions.entries()) {
      const told = record.outcomes[chunkRow];
      const deepKey = record.deepKeys[chunkRow] as string;
      const group = this.#groups.get(deepKey);
      if (told?.kind !== "succeeded" || group?.leader !== position || !group.hasEnded) continue;
      const followers = this.#release(deepKey, group);
      if (chunk === undefined || repeated > 0 || gone.has(position)) {
        again.push(...followers);
        continue;
      }
      const values = { chunk, chunkRow, checksFailed: told.checksFailed };
      this.#known.put(deepKey, values);
      for (const { rows } of followers) taken.push(takenEntity(rows, 0, values));
    }
    return { taken, again };
  }

  /** Lets go of all; how many entities had waited. */
  clear(): number {
    const waiting = this.#waiting;
    this.#groups.clear();
    this.#waiting = 0;
    return waiting;
  }

  #release(deepKey: string, group: EqualGroup): readonly Follower[] {
    this.#groups.delete(deepKey);
    this.#waiting -= group.followers.length;
    return group.followers;
  }
}

function takenEntity(
  { keys, positions, deepKeys, table }: EntityRows,
  row: number,
  values: KnownValues,
): FinishedEntity {
  return {
    ...values,
    key: keys[row] as string,
    position: positions[row] as number,
    deepKey: deepKeys[row] as string,
    state: "succeeded",
    line: table.lines[row] ?? 0,
  };
}
