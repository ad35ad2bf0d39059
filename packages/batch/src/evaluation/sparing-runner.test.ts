import { keptErrors } from "@reckon/value";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { EntityChunk } from "../entity.ts";
import { type BatchFolder, batchFolder, chunkOf, valuesOf } from "../fixtures/batch-folder.ts";
import type { BatchProgram } from "../program.ts";
import { createInlineRunner } from "./inline-runner.ts";
import { createSparingRunner } from "./sparing-runner.ts";
import { createThreadRunner } from "./thread-runner.ts";

let folder: BatchFolder;
let program: BatchProgram;
const signal = new AbortController().signal;

beforeAll(async () => {
  folder = await batchFolder(`model points
axis player = table("players.csv", key id)
block game by player
  share = 1 / player.x
`);
  program = await folder.program({ columns: ["id", "x"] });
});
afterAll(() => folder.remove());

/** A hundred entities, each with an error of its own. */
function chunk(number: number): EntityChunk {
  return chunkOf(Array.from({ length: 100 }, (_, i) => ({ id: `p${100 * number + i}`, x: 0 })));
}

it("[BA12] error values are kept here up to a number, and from there on by threads that are replaced", async () => {
  const runner = createSparingRunner(
    createInlineRunner(program),
    () => createThreadRunner(program, { threads: 1 }),
    { errorsMax: 150 },
  );
  const before = keptErrors();
  const kept: number[] = [];
  const isHere: boolean[] = [];
  for (let number = 0; number < 5; number++) {
    const outcome = await runner.run(chunk(number), { signal });
    expect(valuesOf(outcome)["game.share"]).toEqual(Array.from({ length: 100 }, () => ["#DIV/0!"]));
    if (outcome.kind === "done") isHere.push(outcome.figures.worker === "main");
    kept.push(keptErrors() - before);
  }
  await runner.close();
  expect(isHere).toEqual([true, true, false, false, false]);
  expect(kept).toEqual([100, 200, 200, 200, 200]);
});
