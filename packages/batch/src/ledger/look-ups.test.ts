import { expect, it } from "vitest";
import { lookUps } from "./ended-entities.ts";
import { migrate } from "./migrate.ts";
import { attemptRows, entityRows, resultRows } from "./result-stream.ts";
import { openSqlite } from "./sqlite-database.ts";

/** How SQLite goes about a statement: each line a table. */
async function planOf(sql: string): Promise<string[]> {
  const database = openSqlite({ path: ":memory:" });
  await migrate(database, { now: 1 });
  const text = `EXPLAIN QUERY PLAN ${sql}`;
  const rows = await database.all({ sqlite: text, postgres: text }, {});
  await database.close();
  return rows.map(({ detail }) => String(detail));
}

it.each(Object.entries(lookUps))(
  "%s looks up key by key, and does not walk over the run",
  async (_, { sqlite }) => {
    const [given, entities] = await planOf(sqlite);
    expect(given).toMatch(/^SCAN .*VIRTUAL TABLE/);
    expect(entities).toBe("SEARCH e USING INDEX entities_by_key (run_id=? AND entity_key=?)");
  },
);

it("pages go on where the last one ended, without sorting", async () => {
  expect(await planOf(resultRows.sqlite)).toEqual([
    "SEARCH entities USING PRIMARY KEY (run_id=? AND position>?)",
  ]);
  expect(await planOf(entityRows.sqlite)).toEqual([
    "SEARCH e USING PRIMARY KEY (run_id=? AND position>?)",
    "SEARCH c USING INTEGER PRIMARY KEY (rowid=?)",
  ]);
  const attempts = await planOf(attemptRows.sqlite);
  expect(attempts.filter((line) => /SCAN|TEMP B-TREE/.test(line))).toEqual([]);
  expect(attempts.at(-1)).toBe("SEARCH e USING COVERING INDEX entities_by_key (run_id=? AND entity_key=?)");
});
