/** What the cache on disk is worth to the next process, and what a cache costs models that have no use for it. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ModelRun } from "../heavy/model-run.ts";
import { paired } from "../heavy/paired.ts";
import { compute, roundsPerMicrosecond } from "../heavy/work.ts";
import { type Figure, figureOf } from "../timing.ts";
import { expectEqual, type Workload, WrongResult } from "../workload.ts";
import { attributesText } from "./model-text.ts";

const inputs = 30;
const formulas = 300;
const roundsMax = 3;
const modelRun = fileURLToPath(new URL("../heavy/model-run.ts", import.meta.url));

/** Tests run what is written, the benchmark what is built. */
const sources = process.env.VITEST === undefined ? [] : ["--conditions=@reckon/source"];

const readOf = (i: number, first: number) => (i % inputs === 0 ? first : i % inputs);

function writeModel(folder: string, rounds: number): void {
  const lines = ['model heavy "300 heavy formulas"', 'use "heavy.js" as heavy', "block b"];
  for (let i = 0; i < inputs; i++) lines.push(`  input x${i} = ${i}`);
  for (let i = 0; i < formulas; i++) lines.push(`  y${i} = heavy.roots(x${i % inputs}, ${i})`);
  writeFileSync(join(folder, "heavy.reckon"), `${lines.join("\n")}\n`);
  const body = `let x = a + b;\n  for (let i = 0; i < ${rounds}; i++) x = Math.sqrt(x * x + 1);\n  return x;`;
  writeFileSync(join(folder, "heavy.js"), `export function roots(a, b) {\n  ${body}\n}\n`);
}

function runModel(folder: string, first: number, rounds: number, made: number): ModelRun {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [...sources, modelRun, folder, String(first), String(formulas)],
    {
      encoding: "utf8",
    },
  );
  if (!stdout.startsWith("{")) throw new Error(/^\w*Error: .*$/m.exec(stderr)?.[0] ?? "no answer");
  const run = JSON.parse(stdout) as ModelRun;
  if (run.made !== made) throw new WrongResult(`${run.made} calls were made where ${made} are right`);
  for (const [i, result] of run.results.entries()) {
    const task = { seed: readOf(i, first), reads: Float64Array.of(i), rounds };
    if (!Object.is(result, compute(task))) throw new WrongResult(`formula ${i} is ${result}`);
  }
  return run;
}

export const kept: Workload = {
  id: "kept",
  title: "a second run from the cache on disk",
  about:
    "300 formulas, each a call of a module's function of 50 ms (size: in µs), on 30 inputs, in an empty folder; then again in another process; then in a third one with one input changed, which ten formulas read. The time from opening the file until all is computed, and from the beginning of the process; the first two also for calls of a fifth of that. `to the first` is the first run's time divided by this one. All results are compared with a loop, and the calls that were made are counted: 300, 0 and 10.",
  face: "keepsResults",
  whyNot: "keeps no results",
  against: "to the first",
  patience: 3,
  sizes: { full: 50_000, quick: 5000, tiny: 15_000 },
  measures: {
    first: "first",
    second: "second",
    changed: "one input changed",
    process: "second, whole process",
    "first-fifth": "first, a fifth as heavy",
    "second-fifth": "second, a fifth as heavy",
  },
  async run(_, size, effort): Promise<Figure[]> {
    const perMicrosecond = roundsPerMicrosecond();
    const count = Math.min(roundsMax, effort.edits);
    const runs = Array.from({ length: count }, () => runThrice(Math.round(size * perMicrosecond)));
    const fifths = Array.from({ length: count }, () => runTwice(Math.round((size / 5) * perMicrosecond)));
    return [
      figureOf("first", timesOf(runs, "first")),
      secondFigure("second", timesOf(runs, "second"), timesOf(runs, "first")),
      secondFigure("changed", timesOf(runs, "changed"), timesOf(runs, "first")),
      secondFigure(
        "process",
        runs.map(({ second }) => second.processMs),
        runs.map(({ first }) => first.processMs),
      ),
      figureOf("first-fifth", timesOf(fifths, "first")),
      secondFigure("second-fifth", timesOf(fifths, "second"), timesOf(fifths, "first")),
    ];
  },
};

interface TwoRuns {
  readonly first: ModelRun;
  readonly second: ModelRun;
}

interface ThreeRuns extends TwoRuns {
  readonly changed: ModelRun;
}

function runTwice(rounds: number): TwoRuns {
  return inFolder(rounds, (folder) => ({
    first: runModel(folder, 0, rounds, formulas),
    second: runModel(folder, 0, rounds, 0),
  }));
}

function runThrice(rounds: number): ThreeRuns {
  return inFolder(rounds, (folder) => ({
    first: runModel(folder, 0, rounds, formulas),
    second: runModel(folder, 0, rounds, 0),
    changed: runModel(folder, 77, rounds, formulas / inputs),
  }));
}

function inFolder<T>(rounds: number, run: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "reckon-bench-"));
  try {
    writeModel(folder, rounds);
    return run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function timesOf<K extends string>(runs: readonly Readonly<Record<K, ModelRun>>[], which: K): number[] {
  return runs.map((run) => run[which].ms);
}

function secondFigure(measure: string, ms: readonly number[], firstMs: readonly number[]): Figure {
  return { ...figureOf(measure, ms), ratios: ms.map((one, i) => (firstMs[i] as number) / one) };
}

export const light: Workload = {
  id: "light",
  title: "a light model with and without a cache",
  about:
    "The model of `text` with 10,000 attributes: to open it and compute, and to change an input of the last block, in one process with a runtime that has a cache and with one that has none. `to no cache` is the time without divided by the time with. Values are compared.",
  face: "opensLight",
  whyNot: "keeps no results",
  against: "to no cache",
  patience: 3,
  sizes: { full: 10_000, quick: 1000, tiny: 200 },
  measures: { open: "open", edit: "edit a value" },
  async run(engine, size, effort): Promise<Figure[]> {
    if (engine.opensLight === undefined) throw new TypeError(`${engine.name} has no cache`);
    const folder = mkdtempSync(join(tmpdir(), "reckon-bench-"));
    try {
      const path = join(folder, "light.reckon");
      writeFileSync(path, attributesText(size));
      const ways = await Promise.all([true, false].map((hasCache) => engine.opensLight!(path, hasCache)));
      const [withCache, without] = ways as [(typeof ways)[number], (typeof ways)[number]];
      const open = await paired(effort, withCache.open, without.open);
      const last = size / 100 - 1;
      const edit = await paired(
        effort,
        async (i) => withCache.edit(`b${last}`, i),
        async (i) => without.edit(`b${last}`, i),
      );
      expectEqual(engine, "the last value", withCache.edit(`b${last}`, 5), without.edit(`b${last}`, 5));
      for (const { close } of ways) await close();
      return [
        { ...figureOf("open", open.ms), ratios: open.ratios },
        { ...figureOf("edit", edit.ms), ratios: edit.ratios },
      ];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
