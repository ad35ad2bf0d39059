import { inlineExecutor } from "@reckon/engine";
import { afterEach, expect, it } from "vitest";
import type { ChunkRunner } from "../chunk-runner.ts";
import { type BatchFolder, batchFolder, chunkOf, tableOf, valuesOf } from "../fixtures/batch-folder.ts";
import { openEntitySheet } from "./entity-sheet.ts";
import { createInlineRunner } from "./inline-runner.ts";
import { loadProgramModules } from "./program-modules.ts";
import type { SheetParts } from "./sheet-parts.ts";

const text = `model points
use "./work.js" as f
time month 2026-01..2026-02
axis player = table("players.csv", key id)
axis club = A, B
block game by player
  input minutes = player.x  min 0  max 200
  plain = minutes * 2
  worked = f.work(minutes)
  safe = IFERROR(1 / minutes, -1)
  ratio = 1 / minutes
block side by player, month
  input adds = table("adds.csv", by player, month, value adds)
  added = adds + game.plain
block wide by club, player, month
  each = game.plain * MEMBER_INDEX(club) + PERIOD_INDEX()
check game.plain < 100  "Not too many"
`;
const work = 'export function work(x) {\n  if (x === 13) throw new Error("bad luck");\n  return x;\n}\n';
const signal = new AbortController().signal;
const only = ["game.plain", "game.safe"];

let folder: BatchFolder;
const runners: ChunkRunner[] = [];

afterEach(async () => {
  for (const runner of runners.splice(0)) await runner.close();
  await folder.remove();
});

async function runnerOf(...more: Parameters<BatchFolder["program"]>): Promise<ChunkRunner> {
  folder = await batchFolder(text);
  await folder.write("work.js", work);
  await folder.write("adds.csv", "player,month,adds\n");
  const runner = createInlineRunner(await folder.program(...more));
  runners.push(runner);
  return runner;
}

function rowsOf(
  ...minutes: readonly (number | string)[]
): { readonly id: string; readonly x: number | string }[] {
  return minutes.map((x, i) => ({ id: `p${i}`, x }));
}

function adds(...cells: readonly (readonly [string, string, number])[]) {
  return {
    "adds.csv": tableOf(
      "adds.csv",
      cells.map(([player, month, each]) => ({ player, month, adds: each })),
    ),
  };
}

it("[BA9] the cells of an entity lie together, wherever the axis stands", async () => {
  const runner = await runnerOf({ only: ["wide.each"] });
  const found = valuesOf(await runner.run(chunkOf(rowsOf(1, 10)), { signal }));
  expect(found["wide.each"]).toEqual([
    [3, 4, 5, 6],
    [21, 22, 41, 42],
  ]);
});

it("[BA9] loops start cold in a kept sheet, whatever the model says", async () => {
  folder = await batchFolder(`model points
axis player = table("players.csv", key id)
block game by player
  up = IF(down > 1, 2, player.x)
  down = up
  loop up start 0 warm
`);
  const runner = createInlineRunner(await folder.program());
  runners.push(runner);
  const first = await runner.run(chunkOf(rowsOf(2)), { signal });
  const later = await runner.run(chunkOf(rowsOf(0)), { signal });
  expect([valuesOf(first)["game.up"], valuesOf(later)["game.up"]]).toEqual([[[2]], [[0]]]);
});

it("[BA7] an entity gets its rows of a side table; without one, or with two, it is invalid and the others are computed", async () => {
  const runner = await runnerOf({ only: ["side.added"] });
  const whole = adds(["p0", "2026-01", 1], ["p0", "2026-02", 2], ["p1", "2026-01", 5], ["p1", "2026-02", 6]);
  const found = await runner.run(chunkOf(rowsOf(1, 2), whole), { signal });
  expect(valuesOf(found)["side.added"]).toEqual([
    [3, 4],
    [9, 10],
  ]);
  const broken = adds(
    ["p0", "2026-01", 1],
    ["p1", "2026-01", 5],
    ["p1", "2026-02", 6],
    ["p2", "2026-01", 5],
    ["p2", "2026-01", 6],
    ["p2", "2026-02", 6],
  );
  const outcome = await runner.run(chunkOf(rowsOf(1, 2, 3), broken), { signal });
  expect(valuesOf(outcome)["side.added"]).toEqual([
    [null, null],
    [9, 10],
    [null, null],
  ]);
  const entities = outcome.kind === "done" ? outcome.entities : [];
  expect(entities.map(({ kind }) => kind)).toEqual(["invalid", "succeeded", "invalid"]);
  expect(entities[0]).toMatchObject({
    code: "model/table-key-missing",
    message: "players.csv:2: adds.csv has no row for `p0, 2026-02`",
    line: 2,
  });
  expect(entities[2]).toMatchObject({ code: "model/table-key-duplicate", line: 4 });
});

it("[BA13] rows that do not fit the model are invalid with message and line; the others are computed", async () => {
  const runner = await runnerOf({ only });
  const outcome = await runner.run(chunkOf(rowsOf(1, "many", 2, 201)), { signal });
  expect(valuesOf(outcome)["game.plain"]).toEqual([[2], [null], [4], [null]]);
  expect(outcome.kind === "done" && outcome.entities).toEqual([
    { kind: "succeeded", checksFailed: 0 },
    {
      kind: "invalid",
      code: "model/wrong-type",
      message: 'players.csv:3: `game.minutes[p1]` is the text "many"; it must be a number',
      line: 3,
    },
    { kind: "succeeded", checksFailed: 0 },
    {
      kind: "invalid",
      code: "model/out-of-range",
      message: "players.csv:5: `game.minutes[p3]` is 201; it must be between 0 and 200",
      line: 5,
    },
  ]);
  const alone = await runner.run(chunkOf(rowsOf("many")), { signal });
  expect(valuesOf(alone)["game.plain"]).toEqual([[null]]);
  expect(valuesOf(await runner.run(chunkOf(rowsOf(5)), { signal }))["game.plain"]).toEqual([[10]]);
});

it("[BA14] a call that fails makes its entity fail; an error value by itself is a result", async () => {
  const runner = await runnerOf({ only: ["game.worked", "game.ratio"] });
  const outcome = await runner.run(chunkOf(rowsOf(13, 0, 60)), { signal });
  expect(valuesOf(outcome)).toEqual({
    "game.worked": [[null], [0], [60]],
    "game.ratio": [[null], ["#DIV/0!"], [1 / 60]],
  });
  expect(outcome.kind === "done" && outcome.entities).toEqual([
    { kind: "failed", code: "call", message: "f.work failed: bad luck", attribute: "game.worked" },
    { kind: "succeeded", checksFailed: 0 },
    { kind: "succeeded", checksFailed: 1 },
  ]);
});

it("[BA14] a call that fails in a check makes its entity fail; any other error in a check is one that fails", async () => {
  folder = await batchFolder(`model points
use "./work.js" as f
axis player = table("players.csv", key id)
block game by player
  plain = player.x * 2
check f.work(game.plain / 2) >= 0  "Works"
check 1 / game.plain > 0  "Is there"
`);
  await folder.write("work.js", work);
  const runner = createInlineRunner(await folder.program());
  runners.push(runner);
  const outcome = await runner.run(chunkOf(rowsOf(13, 0, -1, 6)), { signal });
  expect(valuesOf(outcome)).toEqual({ "game.plain": [[null], [0], [-2], [12]] });
  const message = 'the check "Works" cannot be computed: f.work failed: bad luck';
  expect(outcome.kind === "done" && outcome.entities).toEqual([
    { kind: "failed", code: "call", message, attribute: "Works" },
    { kind: "succeeded", checksFailed: 1 },
    { kind: "succeeded", checksFailed: 2 },
    { kind: "succeeded", checksFailed: 0 },
  ]);
});

it("[BA14] a call of what is not kept, but needed, counts as well, and one that nobody needs does not", async () => {
  const runner = await runnerOf({ only });
  const outcome = await runner.run(chunkOf(rowsOf(13)), { signal });
  expect(outcome.kind === "done" && outcome.entities).toEqual([{ kind: "succeeded", checksFailed: 0 }]);
});

it("[BA14] where errors fail, one in a kept attribute is a failure", async () => {
  const runner = await runnerOf({ only: ["game.ratio"], errorsFail: true });
  const outcome = await runner.run(chunkOf(rowsOf(0, 4)), { signal });
  expect(valuesOf(outcome)["game.ratio"]).toEqual([[null], [0.25]]);
  expect(outcome.kind === "done" && outcome.entities[0]).toMatchObject({
    kind: "failed",
    code: "#DIV/0!",
    attribute: "game.ratio",
  });
});

it("[BA11] formulas run once a chunk, and make no task", async () => {
  folder = await batchFolder(text);
  await folder.write("work.js", work);
  await folder.write("adds.csv", "player,month,adds\n");
  const program = await folder.program({ only });
  const module = await loadProgramModules(program.modules);
  if ("problem" in module) throw new Error(module.problem);
  const started: number[] = [];
  let tasks = 0;
  const parts: SheetParts = {
    module,
    executor: {
      ...inlineExecutor,
      submit: (task, given) => {
        tasks += task.kernel.remote === undefined ? 0 : 1;
        return inlineExecutor.submit(task, given);
      },
    },
    now: () => performance.now(),
    after: () => () => undefined,
    worker: "here",
    cpuMs: () => 0,
    lookUps: () => ({ found: 0, all: 0 }),
    onEvent: (event) => {
      if (event.kind === "started") started.push(event.node);
    },
  };
  const sheet = openEntitySheet(program, parts);
  await sheet.evaluate(chunkOf(rowsOf(...Array.from({ length: 500 }, (_, i) => i % 200))), signal);
  const rows = Array.from({ length: 500 }, (_, i) => ({ id: `q${i}`, x: i % 90 }));
  started.length = 0;
  const outcome = await sheet.evaluate(chunkOf(rows), signal);
  expect(valuesOf(outcome)["game.plain"]?.[499]).toEqual([2 * (499 % 90)]);
  // Two kept formulas and a check.
  expect(started.length).toBe(3);
  expect(new Set(started).size).toBe(3);
  expect(tasks).toBe(0);
  sheet.dispose();
});

it("under a scenario a slow call is made for the scenario's value alone, once its cost is known", async () => {
  folder = await batchFolder(`model points
use "./work.js" as f
axis player = table("players.csv", key id)
block game by player
  input factor = 1
  slow = f.slow(player.x * factor)
  same = f.slow(player.x + 0.5)
check game.slow > 0
`);
  await folder.write(
    "work.js",
    "export function slow(x) {\n  const end = performance.now() + 5;\n  while (performance.now() < end);\n  globalThis.slowArguments.push(x);\n  return x;\n}\n",
  );
  await folder.write("other.reckon", "scenario other of points\n  game.factor *= 10\n");
  const asked: number[] = [];
  Object.assign(globalThis, { slowArguments: asked });
  const runner = createInlineRunner(await folder.program({ load: { scenarios: ["other"] } }));
  runners.push(runner);
  await runner.run(chunkOf(rowsOf(1, 2)), { signal });
  for (const x of [3, 0]) {
    asked.length = 0;
    const outcome = await runner.run(chunkOf(rowsOf(x, x + 1)), { signal });
    expect(asked.toSorted((a, b) => a - b)).toEqual(
      [10 * x, 10 * (x + 1), x + 0.5, x + 1.5].toSorted((a, b) => a - b),
    );
    expect(valuesOf(outcome)).toEqual({
      "game.slow": [[10 * x], [10 * (x + 1)]],
      "game.same": [[x + 0.5], [x + 1.5]],
    });
    expect(outcome.kind === "done" && outcome.entities[0]).toEqual({
      kind: "succeeded",
      checksFailed: x === 0 ? 1 : 0,
    });
  }
});

it("a chunk that was given up is cancelled, and the next one is computed", async () => {
  const runner = await runnerOf({ only });
  const stop = new AbortController();
  stop.abort();
  expect(await runner.run(chunkOf(rowsOf(1)), { signal: stop.signal })).toMatchObject({ kind: "cancelled" });
  expect(valuesOf(await runner.run(chunkOf(rowsOf(1)), { signal }))["game.plain"]).toEqual([[2]]);
});

it("a chunk is told with what it took", async () => {
  const runner = await runnerOf({ only });
  const outcome = await runner.run(chunkOf(rowsOf(1)), { signal });
  const figures = outcome.kind === "done" ? outcome.figures : undefined;
  expect(figures).toMatchObject({ worker: "main", cacheHits: 0, cacheLookUps: 0 });
  expect(figures?.durationMs).toBeGreaterThan(0);
  expect(figures?.memoryPeakBytes).toBeGreaterThan(1_000_000);
});

it("[BA17] a sheet that is opened before a chunk comes is the one that computes it", async () => {
  folder = await batchFolder(text);
  await folder.write("work.js", work);
  await folder.write("adds.csv", "player,month,adds\n");
  const program = await folder.program({ only: ["game.plain", "side.added"] });
  const module = await loadProgramModules(program.modules);
  if ("problem" in module) throw new Error(module.problem);
  const rows = adds(["p0", "2026-01", 1], ["p0", "2026-02", 2]);
  // What is opened later is told by its text.
  const model = { ...program.model };
  const sheet = openEntitySheet(
    { ...program, model },
    {
      module,
      now: () => performance.now(),
      after: () => () => undefined,
      worker: "here",
      cpuMs: () => 0,
      lookUps: () => ({ found: 0, all: 0 }),
    },
  );
  await sheet.open(chunkOf(rowsOf(1), rows));
  Object.assign(model, { text: "no model" });
  const found = valuesOf(await sheet.evaluate(chunkOf(rowsOf(7), rows), signal));
  expect(found).toEqual({ "game.plain": [[14]], "side.added": [[15, 16]] });
  sheet.dispose();
});
