import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRows, readCsv } from "@reckon/tables";
import { errorValue, type Table } from "@reckon/value";
import { describe, expect, it } from "vitest";
import type { EntityBlock } from "../entity.ts";
import type { EntitySource } from "../entity-source.ts";
import type { BatchProgram } from "../program.ts";
import { createDeepKeys } from "./deep-keys.ts";
import { SideRows } from "./side-rows.ts";
import { type EntitiesOptions, openEntities } from "./table-entities.ts";

const folder = mkdtempSync(join(tmpdir(), "reckon-sources-"));

function program(changes: Partial<BatchProgram> = {}): BatchProgram {
  return {
    key: "ab".repeat(32),
    model: { source: "points.reckon", text: "" },
    scenarios: [],
    scenario: "base",
    sets: [],
    axis: "player",
    tablePath: "players.csv",
    keyColumn: "id",
    readsKey: false,
    scenarioLines: [],
    wanted: [],
    leftOut: [],
    columns: ["minutes"],
    tables: {},
    sideTables: {},
    modules: [],
    invariants: new Uint8Array(),
    laying: {},
    errorsFail: false,
    ...changes,
  };
}

async function entitiesOf(text: string, options: EntitiesOptions = {}, own = program()) {
  const path = join(folder, "rows.csv");
  writeFileSync(path, text);
  const rows = await openRows(path, { name: "rows.csv" });
  if ("problem" in rows) throw new Error(rows.problem);
  return openEntities(rows, own, options);
}

async function blocksOf(source: EntitySource | { readonly problem: string }, rowsMax?: number) {
  if ("problem" in source) throw new Error(source.problem);
  const blocks: EntityBlock[] = [];
  for await (const block of source.blocks(rowsMax === undefined ? {} : { rowsMax })) blocks.push(block);
  return blocks;
}

function tableOf(text: string): Table {
  const table = readCsv(text, "rows.csv");
  if ("problem" in table) throw new Error(table.problem);
  return table;
}

describe("entities of a table", () => {
  it("[BA6] a row without a key, or with one that was there, is a problem with its line; the others are entities", async () => {
    const [block] = await blocksOf(await entitiesOf("id,minutes\np1,1\n,2\n7,3\np1,4\nTRUE,5\n#N/A,6\n"));
    expect(block).toMatchObject({
      keys: ["p1", "7", "TRUE"],
      positions: [0, 2, 4],
      problems: [
        { position: 1, line: 3, message: "rows.csv:3: the key in `id` is blank" },
        { position: 3, line: 5, message: "rows.csv:5: `p1` has a row already, in line 2" },
        { position: 5, line: 7, message: "rows.csv:7: the key in `id` is blank" },
      ],
    });
    expect(block?.table).toMatchObject({ rows: 3, lines: [2, 4, 6] });
    expect(block?.table.columns[1]?.values).toEqual([1, 3, 5]);
    expect(block?.deepKeys).toHaveLength(3);
  });

  it("[BA6] positions go on from block to block, and reading again gives the same", async () => {
    const source = await entitiesOf("id,minutes\na,1\nb,2\n,3\nd,4\ne,5\n");
    const blocks = await blocksOf(source, 2);
    expect(blocks.map(({ positions }) => positions)).toEqual([[0, 1], [3], [4]]);
    expect(await blocksOf(source, 2)).toEqual(blocks);
    expect((await blocksOf(source)).flatMap(({ deepKeys }) => deepKeys)).toEqual(
      blocks.flatMap(({ deepKeys }) => deepKeys),
    );
  });

  it("[BA8] a column that is needed and not there is refused before anything is read", async () => {
    const own = program({ columns: ["minutes", "rate"] });
    expect(await entitiesOf("id,minutes\na,1\n", {}, own)).toEqual({
      problem: "rows.csv: has no column `rate`; it has `id`, `minutes`",
    });
    expect(await entitiesOf("id,minutes\na,1\n", { priorityColumn: "soon" })).toMatchObject({
      problem: expect.stringContaining("has no column `soon`"),
    });
  });

  it("columns that nobody reads are not in a block; priorities are numbers, what is none comes last", async () => {
    const [block] = await blocksOf(
      await entitiesOf("id,x,minutes,soon\na,1,2,3\nb,1,2,\nc,1,2,-1\n", { priorityColumn: "soon" }),
    );
    expect(block?.table.columns.map(({ name }) => name)).toEqual(["id", "minutes", "soon"]);
    expect(block?.priorities).toEqual([3, Number.POSITIVE_INFINITY, -1]);
  });

  it("[BA20] the first cell that is no priority is told with its line, once", async () => {
    const told: string[] = [];
    const source = await entitiesOf("id,x,minutes,soon\na,1,2,3\nb,1,2,\nc,1,2,high\nd,1,2,low\n", {
      priorityColumn: "soon",
      onNotice: (message) => void told.push(message),
    });
    for (let pass = 0; pass < 2; pass++) await blocksOf(source);
    expect(told).toEqual([
      'rows.csv:4: the priority in `soon` is the text "high", no number: such rows come last',
    ]);
  });

  it("what is wrong further down ends the reading with the file's line", async () => {
    const source = await entitiesOf(`id,minutes\n${"a,1\n".repeat(200_000)}b\n`);
    await expect(blocksOf(source)).rejects.toMatchObject({
      code: "source",
      message: "rows.csv:200002: 1 cell, but the first line names 2 columns (id, minutes)",
    });
  });
});

describe("deep keys", () => {
  const keysOf = (text: string, own = program(), sides?: SideRows) => {
    const table = tableOf(text);
    return createDeepKeys(own, sides)(table, table.columns[0]?.values.map(String) ?? []);
  };

  it("[BA36] other columns, other rows, the order of rows and the key play no part", () => {
    const [a, b] = keysOf("id,minutes,x\na,1,1\nb,2,1\n");
    expect(keysOf("id,x,minutes\nc,9,2\na,8,1\n")).toEqual([b, a]);
    expect(a).toMatch(/^[0-9a-f]{32}$/);
  });

  it("[BA36] the key takes part where it is read, or an override names the entity", () => {
    const text = "id,minutes\na,1\nb,1\n";
    const isSame = (changes: Partial<BatchProgram>) => {
      const [a, b] = keysOf(text, program(changes));
      return a === b;
    };
    const lines = { source: "s.scenario", dropped: [], named: [], listed: [] };
    expect(isSame({})).toBe(true);
    expect(isSame({ readsKey: true })).toBe(false);
    expect(isSame({ columns: ["id", "minutes"] })).toBe(false);
    expect(isSame({ scenarioLines: [{ ...lines, listed: [4] }] })).toBe(false);
    expect(isSame({ scenarioLines: [{ ...lines, named: [{ item: 4, entity: "b" }] }] })).toBe(false);
    expect(isSame({ scenarioLines: [{ ...lines, named: [{ item: 4, entity: "c" }] }] })).toBe(true);
    expect(isSame({ sets: [{ path: "game.x[a]", value: "1", entity: "a" }] })).toBe(false);
  });

  it("[BA36] whatever a cell or the program is otherwise gives another key", () => {
    const table = tableOf("id,minutes\na,1\n");
    const values = [
      1,
      1.0000000000000002,
      -0,
      0,
      null,
      "",
      "1",
      "1.",
      true,
      false,
      errorValue("#N/A"),
      "#N/A",
    ];
    const keys = values.map((value) => {
      const own = { ...table, columns: [{ name: "minutes", values: [value] }] };
      return createDeepKeys(program())(own, ["a"])[0];
    });
    expect(new Set(keys).size).toBe(values.length);
    const [first] = keysOf("id,minutes\na,1\n");
    expect(keysOf("id,minutes\na,1\n", program({ key: `${"ab".repeat(31)}ac` }))[0]).not.toBe(first);
    expect(keys[0]).toBe(first);
  });

  it("[BA36] cells do not run into each other", () => {
    const own = program({ columns: ["x", "y"] });
    const keys = keysOf('id,x,y\na,"ab","c"\nb,"a","bc"\nc,,""\nd,"",\n', own);
    expect(new Set(keys).size).toBe(4);
  });

  it("[BA36] texts of any length take part with all of their units", () => {
    const long = "x".repeat(5000);
    const own = { ...tableOf("id,minutes\n"), rows: 3 };
    const texts = [long, `${long}\ud800`, `${long}\ud801`];
    const keys = createDeepKeys(program())({ ...own, columns: [{ name: "minutes", values: texts }] }, [
      "",
      "",
      "",
    ]);
    expect(new Set(keys).size).toBe(3);
  });

  it("[BA36] the rows of an entity in other tables take part, those of others do not", () => {
    const own = program({ sideTables: { "games.csv": { keyColumn: "player", columns: ["n"] } } });
    const sidesOf = (text: string) => SideRows.open(own, () => tableOf(text)) as SideRows;
    const text = "id,minutes\na,1\nb,1\nc,1\n";
    const keys = keysOf(text, own, sidesOf("player,n\na,1\nb,1\nb,2\n"));
    expect(new Set(keys).size).toBe(3);
    expect(keysOf(text, own, sidesOf("player,n\nb,1\nd,4\na,1\nb,2\n"))).toEqual(keys);
    const changed = keysOf(text, own, sidesOf("player,n\na,3\nb,1\nb,2\n"));
    expect([changed[0] === keys[0], changed[1] === keys[1]]).toEqual([false, true]);
  });

  it("[BA36] in other tables, columns that nobody reads, the order of rows and that of columns play no part", () => {
    const columns = ["month", "n"];
    const own = program({ sideTables: { "games.csv": { keyColumn: "player", columns } } });
    const text = "id,minutes\na,1\nb,1\n";
    const keysWith = (games: string) =>
      keysOf(text, own, SideRows.open(own, () => tableOf(games)) as SideRows);
    const keys = keysWith("player,month,n,note\na,1,-0,x\na,10,0,x\na,2,,x\nb,1,5,x\n");
    expect(keysWith("note,n,month,player\ny,5,1,b\n,,2,a\n,0,10,a\nz,-0,1,a\n")).toEqual(keys);
    expect(keysWith("player,month,n\na,1,-0\na,10,0\na,2,\nb,1,5\n")).toEqual(keys);
    const [swapped] = keysWith("player,month,n\na,1,0\na,10,-0\na,2,\nb,1,5\n");
    expect(swapped).not.toBe(keys[0]);
    const [crossed] = keysWith("player,n,month\na,1,-0\na,10,0\na,2,\nb,1,5\n");
    expect(crossed).not.toBe(keys[0]);
  });
});

describe("rows of other tables", () => {
  const own = program({ sideTables: { "games.csv": { keyColumn: "player", columns: ["n"] } } });
  const sides = () =>
    SideRows.open(own, () => tableOf("n,player\n1,a\n2,b\n3,a\n4,x\n5,\n6,x\n")) as SideRows;

  it("[BA7] a chunk gets the rows of its entities, with their lines; the others are counted in a notice", () => {
    const rows = sides();
    expect(rows.rowsFor(["b", "a", "none"])["games.csv"]).toEqual({
      source: "rows.csv",
      rows: 3,
      lines: [3, 2, 4],
      columns: [
        { name: "n", values: [2, 1, 3] },
        { name: "player", values: ["b", "a", "a"] },
      ],
    });
    expect(rows.notices()).toEqual(["games.csv: 3 rows belong to no entity"]);
    rows.rowsFor(["x"]);
    expect(rows.notices()).toEqual(["games.csv: 1 row belongs to no entity"]);
  });

  it("[BA7] reading the entities is enough for their rows to belong to one", async () => {
    const found = sides();
    await blocksOf(await entitiesOf("id,minutes\na,1\nb,1\nx,1\n", { sides: found }, own));
    expect(found.notices()).toEqual(["games.csv: 1 row belongs to no entity"]);
  });

  it("tables that are too large to be held are a problem", () => {
    const huge = {
      source: "games.csv",
      rows: 20_000_001,
      lines: [],
      columns: [{ name: "player", values: [] }],
    };
    expect(SideRows.open(own, () => huge)).toEqual({
      problem: "games.csv: tables with a key in the entity axis are held whole, up to 20000000 cells",
    });
  });

  it("a table that cannot be read, or has no such column, is a problem", () => {
    expect(SideRows.open(own, () => ({ problem: "games.csv: gone" }))).toEqual({
      problem: "games.csv: gone",
    });
    expect(SideRows.open(own, () => tableOf("n\n1\n"))).toEqual({
      problem: "games.csv: has no column `player`",
    });
  });
});
