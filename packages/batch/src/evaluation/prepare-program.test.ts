import { afterEach, expect, it } from "vitest";
import { type BatchFolder, batchFolder, chunkOf, valuesOf } from "../fixtures/batch-folder.ts";
import { createInlineRunner } from "./inline-runner.ts";
import type { Prepared } from "./prepare-program.ts";

const text = `model points
time month 2026-01..2026-03
axis player = table("players.csv", key id)
axis club = A, B

block game by player
  input minutes = player.x
  input factor = 2
  plain = minutes * factor * league.rate
  first = minutes[p1]
  share = plain / league.total

block cash by player, month
  paid = game.plain * PERIOD_INDEX()

block league
  input base = 1
  rate = base * 1.5
  total = sum(game.plain over player)

check game.plain < 250  "Not too many"
check game.minutes[p1] > 0  "The first plays"
check league.rate > 2  "Rates are high"
`;

let folder: BatchFolder | undefined;
const signal = new AbortController().signal;

afterEach(() => folder?.remove());

async function prepared(more?: Parameters<BatchFolder["prepare"]>[0], model = text): Promise<Prepared> {
  folder = await batchFolder(model);
  return folder.prepare(more);
}

function problemOf(found: Prepared): string {
  if ("problem" in found) return found.problem;
  return "diagnostics" in found ? found.diagnostics.map(({ message }) => message).join("\n") : "";
}

it("[BA3] another axis than one of a table, a name that is none, and a file are refused with what there is", async () => {
  const there = "there are `player`";
  expect(problemOf(await prepared({ axis: "club" }))).toMatch(
    `the members of \`club\` do not come from a table: ${there}`,
  );
  expect(problemOf(await prepared({ axis: "month" }))).toMatch(`has no axis \`month\`: ${there}`);
  expect(problemOf(await prepared({ axis: "players.csv" }))).toBe(
    "--over names an axis: write --over player, which is over players.csv",
  );
  expect(problemOf(await prepared({ axis: "stores.csv" }))).toMatch(
    'axis entity = table("stores.csv", key id)',
  );
});

it("[BA4] what reads across entities is left out with a notice, and refused where it is asked for", async () => {
  const found = await prepared();
  if (!("program" in found)) throw new Error(problemOf(found));
  const { program, notices } = found;
  expect(program.wanted.map(({ id }) => id)).toEqual(["game.plain", "cash.paid"]);
  expect(program.leftOut).toEqual([
    { name: "The first plays", because: "The first plays" },
    { name: "game.first", because: "game.first" },
    { name: "game.share", because: "league.total" },
    { name: "league.total", because: "league.total" },
  ]);
  expect(notices).toContain(
    "`game.share` is left out: it needs `league.total`, which reads more of `player` than the current one",
  );
  expect(notices).toContain("`game.first` is left out: it reads more of `player` than the current one");
  expect(notices).toContain("check `Rates are high` does not hold, whatever the player");
  await folder?.remove();
  expect(problemOf(await prepared({ only: ["game.share"] }))).toBe(
    "`game.share` cannot be kept: it needs `league.total`, which reads more of `player` than the current one",
  );
  expect(problemOf(await prepared({ only: ["league.rate"] }))).toMatch("is the same for every `player`");
  expect(problemOf(await prepared({ only: ["game.none"] }))).toMatch("has no attribute `game.none`");
});

it("[BA4] the text of a program keeps the line numbers, and has nothing that is not needed", async () => {
  const found = await prepared({ only: ["game.plain"] });
  if (!("program" in found)) throw new Error(problemOf(found));
  const lines = found.program.model.text.split("\n");
  expect(lines.length).toBe(text.split("\n").length);
  for (const [i, line] of text.split("\n").entries())
    if (lines[i] !== "") expect(lines[i]).toBe(line.replace("rate = base * 1.5", "input rate = 0"));
  expect(found.program.model.text).not.toMatch(/first|share|paid|total|Rates|base/);
  expect(found.program.columns).toEqual(["x"]);
  expect(found.program.readsKey).toBe(false);
});

it("[BA5] an input that lists entities by name is refused", async () => {
  const listed = text.replace("input factor = 2", "input factor = { p1: 2, p2: 3 }");
  const message = problemOf(await prepared({}, listed));
  expect(message).toMatch("an input cannot give values by their names");
});

it("[BA5] an override that names an entity acts on that one, in whatever chunk it is", async () => {
  folder = await batchFolder(text);
  await folder.write("other.reckon", "scenario other of points\n  game.factor[p2] = 10\n  league.base = 2\n");
  const program = await folder.program({ load: { scenarios: ["other"], sets: ["game.minutes[p3]=7"] } });
  const runner = createInlineRunner(program);
  const one = (id: string) => ({ id, x: 1 });
  const first = await runner.run(chunkOf([one("p1"), one("p2")]), { signal });
  expect(valuesOf(first)["game.plain"]).toEqual([[6], [30]]);
  const second = await runner.run(chunkOf([one("p3"), one("p4")]), { signal });
  expect(valuesOf(second)["game.plain"]).toEqual([[42], [6]]);
  expect(valuesOf(await runner.run(chunkOf([one("p2")]), { signal }))["game.plain"]).toEqual([[30]]);
  await runner.close();
});

it("[BA5] [BA62] an override over a range of entities is refused, and one with a mistake is told before anything runs", async () => {
  folder = await batchFolder(text);
  await folder.write("other.reckon", "scenario other of points\n  game.factor[p2..p4] = 10\n");
  expect(problemOf(await folder.prepare({ load: { scenarios: ["other"] } }))).toMatch(
    "changes a range of `player` (p2..p4)",
  );
  await folder.write("other.reckon", "scenario other of points\n  league.total = 10\n  game.facto = 1\n");
  const message = problemOf(await folder.prepare({ load: { scenarios: ["other"] } }));
  expect(message).toMatch("game.facto");
  expect(message).toMatch("`league.total` is a formula");
  expect(problemOf(await folder.prepare({ load: { sets: ["game.facto=1"] } }))).toMatch("game.facto");
  expect(problemOf(await folder.prepare({ load: { sets: ["game.factor=none"] } }))).not.toBe("");
});

const counted = `model points
use "./work.js" as f
use "./unused.js" as g
axis player = table("players.csv", key id)
block game by player
  plain = player.x * league.rate
block league
  input base = 1
  rate = f.slow(base) heavy
  twice = rate * 2
`;

it("[BA10] a function in an invariant is called once a run, whoever computes how many chunks", async () => {
  folder = await batchFolder(counted);
  await folder.write(
    "work.js",
    "export function slow(x) {\n  globalThis.slowCalls = (globalThis.slowCalls ?? 0) + 1;\n  return x + 1;\n}\n",
  );
  await folder.write("unused.js", "export const none = () => 0;\n");
  const calls = globalThis as { slowCalls?: number };
  calls.slowCalls = 0;
  const program = await folder.program();
  expect(program.modules).toEqual([]);
  for (const runner of [createInlineRunner(program), createInlineRunner(program)]) {
    for (const x of [1, 2, 3])
      expect(valuesOf(await runner.run(chunkOf([{ id: `p${x}`, x }]), { signal }))["game.plain"]).toEqual([
        [2 * x],
      ]);
    await runner.close();
  }
  expect(calls.slowCalls).toBe(1);
});

it("[BA10] invariants are those of the scenario, bit for bit, errors with them", async () => {
  folder = await batchFolder(
    counted
      .replace("f.slow(base) heavy", "1 / (base - 1)")
      .replace('use "./work.js" as f\nuse "./unused.js" as g\n', ""),
  );
  await folder.write("other.reckon", "scenario other of points\n  league.base = 3\n");
  const run = async (scenarios: readonly string[]) => {
    const runner = createInlineRunner(await (folder as BatchFolder).program({ load: { scenarios } }));
    const outcome = await runner.run(chunkOf([{ id: "p1", x: 4 }]), { signal });
    await runner.close();
    return valuesOf(outcome)["game.plain"];
  };
  expect(await run(["base"])).toEqual([["#DIV/0!"]]);
  expect(await run(["other"])).toEqual([[2]]);
});

it("[BA62] an invariant whose call fails is told before anything runs", async () => {
  folder = await batchFolder(counted);
  await folder.write("work.js", 'export function slow() {\n  throw new Error("no line");\n}\n');
  await folder.write("unused.js", "export const none = () => 0;\n");
  expect(problemOf(await folder.prepare())).toBe(
    "`league.rate` is the same for all, and could not be computed: f.slow failed: no line",
  );
});

it("[BA8] a file of rows that lacks columns which the model reads is refused with them", async () => {
  const model = `model points
axis player = table("players.csv", key id)
block game by player
  input minutes = player.x  max 60
  plain = minutes * player.rate + player.x
  first = minutes[p1]
  later = player.y * 2
  input kept = table("players.csv", key id, value size)
`;
  const refused = async (columns: readonly string[], rows?: string): Promise<string> => {
    const found = await prepared({ columns, ...(rows === undefined ? {} : { rows }) }, model);
    await folder?.remove();
    return problemOf(found);
  };
  expect(await refused(["id", "rate", "y", "size"], "today.csv")).toBe(
    "today.csv: has no column `x`; it has `id`, `rate`, `y`, `size`",
  );
  expect(await refused(["id", "x"], "today.csv")).toBe(
    "today.csv: has no column `rate`, `y`, `size`; it has `id`, `x`",
  );
  expect(await refused(["x", "rate", "y", "size"], "today.csv")).toMatch(
    "today.csv: has no column `id`; it has",
  );
  expect(await refused(["id", "rate", "y", "size"])).toMatch("must be a constant");
  expect(await refused(["id", "x", "rate", "y", "size"], "today.csv")).toBe("");
});

it("[BA36] of other tables the program says which columns are read, and holds no others", async () => {
  const model = `model points
axis player = table("players.csv", key id)
axis club = table("clubs.csv", key name)
time month 2026-01..2026-02
block game by player, club, month
  input odds = table("odds.csv", by player, month)
  input stake = table("odds.csv", by player, month, value amount)
  input own: text = table("names.csv", by player, value player)
  input share = table("shares.csv", by club, key team)
  points = odds * stake * share * club.level * player.x * LEN(own)
  unread = club.size
`;
  folder = await batchFolder(model);
  const files = {
    "clubs.csv": "name,level,size,note\nA,1,2,3\n",
    "odds.csv": "player,month,odds,amount,updated_at\np1,2026-01,2,1,now\np1,2026-02,2,1,now\n",
    "names.csv": "player,note\np1,x\n",
    "shares.csv": "team,share,note\nA,1,x\n",
  };
  for (const [name, content] of Object.entries(files)) await folder.write(name, content);
  const { sideTables, tables } = await folder.program({ only: ["game.points"] });
  expect(sideTables).toEqual({
    "odds.csv": { keyColumn: "player", columns: ["amount", "month", "odds"] },
    "names.csv": { keyColumn: "player", columns: ["player"] },
  });
  expect(
    Object.entries(tables).map(([path, { columns }]) => [path, columns.map(({ name }) => name)]),
  ).toEqual([
    ["clubs.csv", ["name", "level"]],
    ["shares.csv", ["team", "share"]],
  ]);
});
