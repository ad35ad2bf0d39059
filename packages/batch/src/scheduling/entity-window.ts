/**
 * Entities in the order in which they begin: that of the source, or, where it has priorities, the lowest of those that have
 * been read and not begun.
 *
 * Which entity comes n-th depends on the source alone, never on how many are taken at a time, so a resumed run finds the same
 * order: before each entity rows are read as long as another block fits the window.
 *
 * Memory: a block, and with priorities at most `windowRows` rows, each kept by itself, as one row of a block that begins late
 * would keep the whole block otherwise.
 */
import type { Scalar, Table } from "@reckon/value";
import type { EntityBlock, RowProblem } from "../entity.ts";
import type { EntitySource } from "../entity-source.ts";
import { type EntityRows, joinedRows, slicedRows } from "./entity-rows.ts";
import { OrderedHeap } from "./ordered-heap.ts";

/** Rows that are looked at for the one that begins first (BA20). */
const windowRows = 65_536;
const blockRows = 4096;

export interface EntityWindow {
  /** The next `count` entities; fewer, or none, only at the end. Rejects as the source does. */
  readonly take: (count: number) => Promise<EntityRows | undefined>;
  /** Puts back what was taken last, to be taken first. */
  readonly putBack: (rows: EntityRows) => void;
  /** Ordinal of the next entity. */
  readonly next: () => number;
  readonly close: () => Promise<void>;
}

export interface WindowOptions {
  readonly signal?: AbortSignal;
  /** Is told rows that are no entities, as they are read. */
  readonly onProblems?: (problems: readonly RowProblem[]) => void;
  /** For tests; absent: as BA20 has it. */
  readonly windowRows?: number;
  readonly blockRows?: number;
}

export function openWindow(source: EntitySource, options: WindowOptions = {}): EntityWindow {
  const blocks = new BlockReader(source, options);
  let front: EntityRows | undefined;
  let ordinal = 0;
  const read = async (count: number): Promise<EntityRows | undefined> => {
    const rows = await blocks.take(count, ordinal);
    ordinal += rows?.keys.length ?? 0;
    return rows;
  };
  return {
    take: async (count) => {
      const held = front;
      if (held === undefined) return await read(count);
      if (held.keys.length > count) {
        front = slicedRows(held, count, held.keys.length);
        return slicedRows(held, 0, count);
      }
      front = undefined;
      const more = held.keys.length < count ? await read(count - held.keys.length) : undefined;
      return joinedRows(more === undefined ? [held] : [held, more]);
    },
    putBack: (rows) => {
      if (rows.keys.length === 0) return;
      front = joinedRows(front === undefined ? [rows] : [rows, front]);
    },
    next: () => front?.ordinals[0] ?? ordinal,
    close: () => blocks.close(),
  };
}

/** A row by itself, where rows change their order. */
interface LooseRow {
  readonly priority: number;
  readonly position: number;
  readonly key: string;
  readonly deepKey: string;
  readonly line: number;
  readonly cells: readonly Scalar[];
}

class BlockReader {
  readonly #options: WindowOptions;
  readonly #blocks: AsyncIterator<EntityBlock>;
  readonly #loose = new OrderedHeap<LooseRow>((a, b) =>
    a.priority === b.priority ? a.position < b.position : a.priority < b.priority,
  );
  /** Blocks whose rows keep their order, and how many rows of the first are gone. */
  readonly #queue: EntityBlock[] = [];
  #taken = 0;
  #form: Table | undefined;
  #isAtEnd = false;

  constructor(source: EntitySource, options: WindowOptions) {
    this.#options = options;
    const { signal, blockRows: rowsMax = blockRows } = options;
    const blocks = source.blocks({ rowsMax, ...(signal === undefined ? {} : { signal }) });
    this.#blocks = blocks[Symbol.asyncIterator]();
  }

  async take(count: number, ordinal: number): Promise<EntityRows | undefined> {
    const parts: EntityRows[] = [];
    let found = 0;
    while (found < count) {
      if (!this.#isAtEnd && this.#isHungry()) {
        await this.#read();
        continue;
      }
      const part =
        this.#loose.size > 0
          ? this.#takeLoose(count - found, ordinal + found)
          : this.#takeNeighbours(count - found, ordinal + found);
      if (part === undefined) break;
      parts.push(part);
      found += part.keys.length;
    }
    return parts.length === 0 ? undefined : joinedRows(parts);
  }

  async close(): Promise<void> {
    this.#isAtEnd = true;
    await this.#blocks.return?.();
  }

  /** Whether rows have to be read before the next entity can be told. */
  #isHungry(): boolean {
    const { windowRows: most = windowRows, blockRows: block = blockRows } = this.#options;
    if (this.#loose.size > 0) return this.#loose.size <= most - block;
    return this.#queue.length === 0;
  }

  async #read(): Promise<void> {
    const { value: block, done } = await this.#blocks.next();
    if (done === true) {
      this.#isAtEnd = true;
      return;
    }
    if (block.problems.length > 0) this.#options.onProblems?.(block.problems);
    if (block.keys.length === 0) return;
    if (block.priorities === undefined) this.#queue.push(block);
    else this.#loosen(block, block.priorities);
  }

  #loosen({ table, keys, positions, deepKeys }: EntityBlock, priorities: readonly number[]): void {
    this.#form ??= { ...table, rows: 0, lines: [] };
    for (const [row, key] of keys.entries())
      this.#loose.push({
        key,
        priority: priorities[row] as number,
        position: positions[row] as number,
        deepKey: deepKeys[row] as string,
        line: table.lines[row] ?? 0,
        cells: table.columns.map(({ values }) => values[row] ?? null),
      });
  }

  #takeNeighbours(count: number, ordinal: number): EntityRows | undefined {
    const [block] = this.#queue;
    if (block === undefined) return undefined;
    const from = this.#taken;
    const to = Math.min(from + count, block.keys.length);
    const rows = slicedRows({ ...block, ordinals: [] }, from, to);
    if (to === block.keys.length) this.#queue.shift();
    this.#taken = to === block.keys.length ? 0 : to;
    return { ...rows, ordinals: ordinalsFrom(ordinal, to - from) };
  }

  /** So many of the lowest as need no further block to be read. */
  #takeLoose(count: number, ordinal: number): EntityRows {
    const rows: LooseRow[] = [];
    do rows.push(this.#loose.pop() as LooseRow);
    while (rows.length < count && this.#loose.size > 0 && (this.#isAtEnd || !this.#isHungry()));
    const form = this.#form as Table;
    return {
      table: {
        source: form.source,
        rows: rows.length,
        columns: form.columns.map(({ name }, column) => ({
          name,
          values: rows.map(({ cells }) => cells[column] as Scalar),
        })),
        lines: rows.map(({ line }) => line),
      },
      keys: rows.map(({ key }) => key),
      positions: rows.map(({ position }) => position),
      deepKeys: rows.map(({ deepKey }) => deepKey),
      priorities: rows.map(({ priority }) => priority),
      ordinals: ordinalsFrom(ordinal, rows.length),
    };
  }
}

function ordinalsFrom(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}
