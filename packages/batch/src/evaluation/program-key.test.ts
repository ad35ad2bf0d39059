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
