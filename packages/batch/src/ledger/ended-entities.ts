/** Which entities a run has, by key; and which an earlier run has under the same deep key. Cost: a look-up a key. */
import type { RunId } from "../entity.ts";
import type { AttemptsHad, EntityState, FinishedEntity } from "../ledger.ts";
import { statement } from "./dialect.ts";
import {
  type LedgerConnection,
  numberOf,
  type SqlRow,
  type SqlValue,
  type Statement,
  textOf,
} from "./ledger-database.ts";
import { readText, storedText } from "./stored-text.ts";

/** Keys that one statement looks for. */
const keysMax = 8192;
/** Of a deep key, in hex; others are none. */
const deepKeyDigits = 32;
const runsLookedAt = 10;
const none = new Uint8Array();

const finishedColumns =
  "e.entity_key, e.position, e.state, e.deep_key, e.chunk_id, e.chunk_row, e.checks_failed";

const finished = statement(({ byKey }) => `SELECT ${finishedColumns} ${byKey("keys")} AND e.state <> 'open'`);
const attempts = statement(
  ({ byKey }) => `SELECT e.entity_key, e.attempts, e.attempts_before ${byKey("keys")} AND e.attempts > 0`,
);
const likeRuns = statement(
  () => `SELECT other.run_id FROM runs AS one JOIN runs AS other
    ON other.model_path = one.model_path AND other.scenario = one.scenario AND other.axis = one.axis
  WHERE one.run_id = :run AND other.run_id <> :run
  ORDER BY other.started_at_ms DESC, other.run_id DESC LIMIT ${runsLookedAt}`,
);
const unchanged = statement(
  ({ byKey, hasDeepKey }) => `SELECT ${finishedColumns} ${byKey("keys")}
    AND ${hasDeepKey("deepKeys")} AND e.state IN ('succeeded', 'skipped')
    AND (SELECT c.block IS NOT NULL FROM chunks AS c WHERE c.chunk_id = e.chunk_id)`,
);

/** For tests of how they are looked up. */
export const lookUps: Readonly<Record<"finished" | "attempts" | "unchanged", Statement>> = {
  finished,
  attempts,
  unchanged,
};

export async function finishedEntities(
  connection: LedgerConnection,
  run: RunId,
  keys: readonly string[],
): Promise<ReadonlyMap<string, FinishedEntity>> {
  const found = new Map<string, FinishedEntity>();
  for (const some of slices(keys))
    for (const row of await connection.all(finished, { run, keys: some.map(storedText) })) {
      const entity = finishedIn(row);
      found.set(entity.key, entity);
    }
  return found;
}

export async function attemptsHad(
  connection: LedgerConnection,
  run: RunId,
  keys: readonly string[],
): Promise<ReadonlyMap<string, AttemptsHad>> {
  const found = new Map<string, AttemptsHad>();
  for (const some of slices(keys))
    for (const row of await connection.all(attempts, { run, keys: some.map(storedText) }))
      found.set(readText(textOf(row, "entity_key")), {
        all: numberOf(row, "attempts"),
        before: numberOf(row, "attempts_before"),
      });
  return found;
}

/** The newest run first; what it has is not looked for in older ones. */
export async function unchangedEntities(
  connection: LedgerConnection,
  run: RunId,
  entities: readonly Pick<FinishedEntity, "key" | "deepKey">[],
): Promise<ReadonlyMap<string, FinishedEntity>> {
  const found = new Map<string, FinishedEntity>();
  let open = entities.filter(({ deepKey }) => deepKey.length === deepKeyDigits);
  for (const row of await connection.all(likeRuns, { run })) {
    if (open.length === 0) break;
    for (const some of slices(open)) {
      const rows = await connection.all(unchanged, {
        run: textOf(row, "run_id"),
        keys: some.map(({ key }) => storedText(key)),
        deepKeys: Buffer.from(some.map(({ deepKey }) => deepKey).join(""), "hex"),
      });
      for (const each of rows) {
        const entity = finishedIn(each);
        found.set(entity.key, entity);
      }
    }
    open = open.filter(({ key }) => !found.has(key));
  }
  return found;
}

/** Out of a row with these columns. */
export function finishedIn(row: SqlRow): FinishedEntity {
  return {
    key: readText(textOf(row, "entity_key")),
    position: numberOf(row, "position"),
    state: textOf(row, "state") as EntityState,
    deepKey: hexOf(row.deep_key),
    chunk: numberOf(row, "chunk_id"),
    chunkRow: numberOf(row, "chunk_row"),
    checksFailed: numberOf(row, "checks_failed"),
  };
}

function hexOf(bytes: SqlValue | undefined): string {
  return hexOfAll([bytes])[0] as string;
}

/** All of them as one text, which is then cut: a third of the time that one after another takes. */
export function hexOfAll(list: readonly (SqlValue | undefined)[]): readonly string[] {
  const all = list.map((bytes) => (bytes instanceof Uint8Array ? bytes : none));
  const text = Buffer.concat(all).toString("hex");
  let end = 0;
  return all.map(({ length }) => {
    const at = end;
    end += 2 * length;
    return text.slice(at, end);
  });
}

function slices<T>(list: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(list.length / keysMax) }, (_, i) =>
    list.slice(i * keysMax, (i + 1) * keysMax),
  );
}
