import { afterEach, expect, it } from "vitest";
import { type BatchFolder, batchFolder } from "../fixtures/batch-folder.ts";

const text = `model points
use "./work.js" as f
axis player = table("players.csv", key id)
axis club = table("clubs.csv", key id)
block game by player
  plain = player.x * league.rate
  other = player.y + 1
block wide by club, player
  each = club.level * f.work(game.plain)
block league
  input base = 2
  rate = base + 1
`;
const files = {
  "points.reckon": text,
  "work.js": "export const work = (x) => x;\n",
  "clubs.csv": "id,level\nA,1\nB,2\n",
};
const folders: BatchFolder[] = [];
const only = ["wide.each"];

afterEach(async () => {
  for (const folder of folders.splice(0)) await folder.remove();
});

async function keyOf(
  changed: Partial<Record<keyof typeof files, string>> = {},
  more: Parameters<BatchFolder["program"]>[0] = {},
): Promise<string> {
  const folder = await batchFolder(text);
  folders.push(folder);
  for (const [name, content] of Object.entries({ ...files, ...changed })) await folder.write(name, content);
  return (await folder.program({ only, ...more })).key;
}

it("a program has the same key wherever it lies, and whatever else the model says", async () => {
  const key = await keyOf();
  expect(await keyOf()).toBe(key);
  expect(await keyOf({ "points.reckon": text.replace("player.y + 1", "player.y * 7") })).toBe(key);
  expect(await keyOf({}, { columns: ["id", "y", "x", "z"] })).toBe(key);
});

it("[BA36] comments, empty lines, spacing and line ends play no part, in the model and in scenarios", async () => {
  const key = await keyOf();
  const commented = text
    .replace("model points", "\uFEFFmodel points  # the header\n\n# hello")
    .replace("plain = player.x * league.rate", "plain   = player.x *  # what\n    league.rate")
    .replaceAll("block", "# a part\nblock");
  expect(await keyOf({ "points.reckon": commented.replaceAll("\n", "\r\n") })).toBe(key);
  expect(await keyOf({ "points.reckon": text.replace("block league", "block league\n  spare = 1") })).toBe(
    key,
  );
  const dated = text.replace("player.x *", "(player.x + f.work(game.day)) *");
  const [day, difference] = ["2026-01-01", "2026 - 01 - 01"].map((value) =>
    keyOf({ "points.reckon": dated.replace("  plain", `  input day: date = ${value}\n  plain`) }),
  );
  expect(await day).not.toBe(await difference);

  const scenarioKey = async (name: string, scenario: string, base = text) => {
    const folder = await batchFolder(
      base
        .replace("player.x *", "(player.x + game.bonus) *")
        .replace("  plain", "  input bonus = 0\n  plain"),
    );
    folders.push(folder);
    for (const [file, content] of Object.entries({
      "work.js": files["work.js"],
      "clubs.csv": files["clubs.csv"],
      [name]: scenario,
    }))
      await folder.write(file, content);
    return (await folder.program({ only, load: { scenarios: [`${folder.path}/${name}`] } })).key;
  };
  const up = await scenarioKey("up.scenario", "scenario up of points\n  game.bonus = 3\n");
  expect(
    await scenarioKey(
      "up.scenario",
      "# up\nscenario up of points\n\n\n  game.bonus   =  3 # three\n  league.base = 2\n",
    ),
  ).toBe(up);
  expect(await scenarioKey("up.scenario", "scenario up of points\n  game.bonus = 3.5\n")).not.toBe(up);
  const record = await scenarioKey("up.yaml", "scenario: up\nmodel: points\noverrides:\n  game.bonus: 3\n");
  expect(
    await scenarioKey(
      "up.yaml",
      "# up\nscenario: up\nmodel:   points\n\noverrides:\n  # three\n  game.bonus: 3\n",
    ),
  ).toBe(record);
  expect(await scenarioKey("up.yaml", "scenario: up\nmodel: points\noverrides:\n  game.bonus: 4\n")).not.toBe(
    record,
  );
});

it("[BA36] of tables without a row for each entity the columns that are read take part; their rows' order where it is that of members", async () => {
  const reading = `${text.replace("club.level *", "wide.odds * club.level *").replace("  each", '  input odds = table("odds.csv", by club, value odds)\n  each')}`;
  const withTables = async (clubs: string, odds: string) => {
    const folder = await batchFolder(reading);
    folders.push(folder);
    for (const [file, content] of Object.entries({
      "work.js": files["work.js"],
      "clubs.csv": clubs,
      "odds.csv": odds,
    }))
      await folder.write(file, content);
    return (await folder.program({ only })).key;
  };
  const clubs = "id,level\nA,1\nB,2\n";
  const odds = "club,odds\nA,1.5\nB,2.5\n";
  const key = await withTables(clubs, odds);
  expect(await withTables("note,level,id\nx,1,A\ny,2,B\n", odds)).toBe(key);
  expect(await withTables(clubs, "updated_at,odds,club\n2026-01-01,2.5,B\n2026-01-02,1.5,A\n")).toBe(key);
  expect(await withTables(clubs, "club,odds\nA,2.5\nB,1.5\n")).not.toBe(key);
  expect(await withTables("id,level\nB,2\nA,1\n", odds)).not.toBe(key);
});

it("a formula, an invariant, a module, a table, a value given, and what is kept are in the key", async () => {
  const keys = await Promise.all([
    keyOf(),
    keyOf({ "points.reckon": text.replace("player.x *", "player.x +") }),
    keyOf({ "points.reckon": text.replace("input base = 2", "input base = 2.5") }),
    keyOf({ "work.js": "export const work = (x) => x + 0;\n" }),
    keyOf({ "clubs.csv": "id,level\nA,1\nB,-2\n" }),
    keyOf({}, { load: { sets: ["league.base=3"] } }),
    keyOf({}, { only: ["game.plain", "wide.each"] }),
    keyOf({}, { errorsFail: true }),
  ]);
  expect(new Set(keys).size).toBe(keys.length);
});
