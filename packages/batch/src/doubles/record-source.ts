/** Entities from records in memory, in the place of a file. */
import type { Scalar, Table } from "@reckon/value";
import type { EntityBlock, RowProblem } from "../entity.ts";
import type { EntitySource } from "../entity-source.ts";

export interface RecordSourceOptions {
  /** The column that names the entity; absent: `id`. */
  readonly key?: string;
  /** A column of numbers, lower first; absent: all alike. */
  readonly priority?: string;
  /** Of the file that it stands for; absent: `records`. */
  readonly name?: string;
  /** Absent: the key and the cells of the row as text. */
  readonly deepKey?: (record: EntityRecord) => string;
}

export type EntityRecord = Readonly<Record<string, Scalar>>;

/**
 * A source whose row `i` is `records[i]`. A record with a blank key, or the key of an earlier one, is a row problem with its
 * line, 2 for the first. Cost: the rows that are asked for.
 *
 * @example
 * ```ts
 * const source = createRecordSource([{ id: "p1", minutes: 90 }, { id: "p2", minutes: 45 }]);
 * source.rows; // 2
 * ```
 */
export function createRecordSource(
  records: readonly EntityRecord[],
  options: RecordSourceOptions = {},
): EntitySource {
  const { key = "id", name = "records" } = options;
  const names = [...new Set(records.flatMap((record) => Object.keys(record)))];
  return {
    name,
    rows: records.length,
    blocks: async function* ({ rowsMax = 4096, signal } = {}) {
      const seen = new Set<string>();
      for (let from = 0; from < records.length; from += rowsMax) {
        if (signal?.aborted === true) return;
        yield blockOf(from, records.slice(from, from + rowsMax));
      }

      function blockOf(from: number, rows: readonly EntityRecord[]): EntityBlock {
        const positions: number[] = [];
        const problems: RowProblem[] = [];
        for (const [i, record] of rows.entries()) {
          const text = String(record[key] ?? "");
          const message = text === "" ? "the key is blank" : `an earlier row has the key "${text}"`;
          if (text === "" || seen.has(text))
            problems.push({ position: from + i, line: from + i + 2, message });
          else positions.push(from + i);
          seen.add(text);
        }
        const kept = positions.map((position) => records[position] as EntityRecord);
        const { priority, deepKey = deepKeyOf } = options;
        return {
          table: tableOf(kept, positions),
          keys: kept.map((record) => String(record[key])),
          positions,
          ...(priority === undefined ? {} : { priorities: kept.map((record) => numberOf(record[priority])) }),
          deepKeys: kept.map(deepKey),
          problems,
        };
      }
    },
    close: () => Promise.resolve(),
  };

  function tableOf(kept: readonly EntityRecord[], positions: readonly number[]): Table {
    return {
      source: name,
      rows: kept.length,
      columns: names.map((column) => ({
        name: column,
        values: kept.map((record) => record[column] ?? null),
      })),
      lines: positions.map((position) => position + 2),
    };
  }
}

/** 32 hex digits as real ones have, made of the cells: FNV-1a four times, for tests are no attackers. */
function deepKeyOf(record: EntityRecord): string {
  const cells = Object.entries(record).filter(([, value]) => value !== null);
  const text = JSON.stringify(cells.sort(([a], [b]) => (a < b ? -1 : 1)));
  return [1, 2, 3, 4].map((salt) => hashText(text, salt)).join("");
}

function numberOf(value: Scalar | undefined): number {
  return typeof value === "number" ? value : Number.POSITIVE_INFINITY;
}

function hashText(text: string, salt: number): string {
  let hash = 0x811c9dc5 ^ Math.imul(salt, 0x9e3779b9);
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
