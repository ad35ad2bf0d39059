import { createEngine } from "@reckon/engine";
import { checkModel, LineFormula, parseModel } from "@reckon/model";
import { describe, expect, it, vi } from "vitest";
import { buildPlan } from "../plan.ts";
import { type AnalyseOptions, analysePlan } from "./analyse-plan.ts";
import { calibrate } from "./calibration.ts";
import { type Calibration, uncalibrated } from "./machine.ts";
import type { PlanAnalysis } from "./plan-analysis.ts";
import { criticalPathOf, Schedule, type Work } from "./schedule.ts";

/** A clock that goes on by itself, so that costs are known: each look at it takes a millisecond. */
function countingClock(): { now: () => number } {
  let ms = 0;
  return { now: () => ms++ };
}

interface Options extends Pick<AnalyseOptions, "calibration" | "costs"> {
  readonly isMeasured?: boolean;
}

function analyse(text: string, { isMeasured, ...options }: Options = {}): PlanAnalysis {
  const result = checkModel(parseModel("test.reckon", text), () => ({ problem: "no tables here" }));
  if (result.value === undefined)
    throw new Error(result.diagnostics.map(({ message }) => message).join("\n"));
  const engine = createEngine(isMeasured === true ? { clock: countingClock() } : {});
  return analysePlan(buildPlan(result.value, engine, { optimise: false }), { engine, ...options });
}

const timeOnThreads = (work: readonly Work[], threads: number, taskCost?: number): number =>
  new Schedule(work).timeOn(threads, taskCost);

/** Tasks 0 … n − 1 from numbers: each costs its number and waits for those before it that its bits name. */
function workFrom(numbers: readonly number[]): Work[] {
  return numbers.map((number, i) => ({
    cost: 1 + (number % 7),
    before: Array.from({ length: Math.min(i, 4) }, (_, k) => i - 1 - k).filter(
      (_, k) => ((number >> (k + 3)) & 1) === 1,
    ),
  }));
}

describe("schedules", () => {
  const chain = [4, 2, 3].map((cost, i) => ({ cost, before: i === 0 ? [] : [i - 1] }));
  const wide = [4, 2, 3].map((cost) => ({ cost, before: [] }));

  it("[PL23] finds the dearest chain", () => {
    expect(criticalPathOf(chain)).toEqual({ tasks: [0, 1, 2], cost: 9 });
    expect(criticalPathOf(wide)).toEqual({ tasks: [0], cost: 4 });
    expect(criticalPathOf([])).toEqual({ tasks: [], cost: 0 });
  });

  it("[PL24] deals out tasks to free threads, the urgent ones first", () => {
    expect([timeOnThreads(chain, 1), timeOnThreads(chain, 2)]).toEqual([9, 9]);
    expect([timeOnThreads(wide, 1), timeOnThreads(wide, 2), timeOnThreads(wide, 3)]).toEqual([9, 5, 4]);
    expect(timeOnThreads(wide, 2, 1)).toBe(7);
  });

  it("[PL24] is never faster than the path or the work allow, nor slower than one thread", () => {
    for (let seed = 1; seed < 200; seed++) {
      const numbers = Array.from(
        { length: 1 + (seed % 40) },
        (_, i) => (seed * 7919 + i * i * 104_729) % 4096,
      );
      const work = workFrom(numbers);
      const all = work.reduce((sum, { cost }) => sum + cost, 0);
      const path = criticalPathOf(work);
      path.tasks.forEach((task, i) => {
        if (i > 0) expect(work[task]?.before).toContain(path.tasks[i - 1]);
      });
      expect(timeOnThreads(work, 1)).toBe(all);
      for (const threads of [2, 3, 8]) {
        const ms = timeOnThreads(work, threads);
        expect(ms).toBeGreaterThanOrEqual(Math.max(path.cost, all / threads));
        expect(ms).toBeLessThanOrEqual(all / threads + path.cost);
      }
    }
  });
});

describe("an analysis of many cells", () => {
  it("makes the trees of a few formulas that are alike, not of all", () => {
    const lines = Array.from(
      { length: 300 },
      (_, i) => `  y${i} = x * ${i} + 1.5\n  z${i} = LEN(x) + ${i}\n`,
    );
    const trees = vi.spyOn(LineFormula.prototype, "formula", "get");
    const { units } = analyse(`model m\nblock b\n  input x = 2\n${lines.join("")}`);
    expect(trees.mock.calls.length).toBeLessThan(20);
    trees.mockRestore();
    const fused = units.filter(({ isFused }) => isFused === true).map(({ name }) => name);
    expect(fused).toEqual(Array.from({ length: 300 }, (_, i) => `b.y${i}`));
    expect(units.filter(({ isFused }) => isFused === undefined).map(({ name }) => name)).toEqual(["b.x"]);
    expect(new Set(units.slice(1).map(({ predictedMs }) => predictedMs)).size).toBe(1);
  });
});

describe("an analysis", () => {
  const text =
    "model m\ntime step 1..50\nblock b by step\n  input x = 2\n  y = x * 3\n  z = y + 1\n  w = x - 1\n  r = r[t-1] + s[t-1]   start 0\n  s = r + w\ncheck b.z > 0\n";

  it("[PL23] has the levels, the critical path and the best speed-up, circles as one", () => {
    const { levels, criticalPath, workMs, speedUpMax, units } = analyse(text, { isMeasured: true });
    expect(units.map(({ name, kind }) => `${kind} ${name}`).sort()).toEqual([
      "check check check 1",
      "formula b.r",
      "formula b.s",
      "formula b.w",
      "formula b.y",
      "formula b.z",
      "input b.x",
    ]);
    expect(levels.reduce((sum, level) => sum + level.units, 0)).toBe(6);
    expect(criticalPath.ms).toBeLessThan(workMs);
    expect(speedUpMax).toBeCloseTo(workMs / criticalPath.ms);
    const names = criticalPath.steps.map(({ name }) => name);
    expect(names.includes("b.r")).toBe(names.includes("b.s"));
  });

  it("[PL25] takes what was measured, and says how far off the prediction was", () => {
    const estimated = analyse(text);
    expect(estimated.measuredShare).toBe(0);
    expect(estimated.prediction).toEqual({
      sequentialMs: expect.any(Number),
      codeMs: expect.any(Number),
      isCalibrated: false,
    });
    const measured = analyse(text, { isMeasured: true });
    expect(measured.measuredShare).toBe(1);
    const { measuredMs = 0, ratio = 0, sequentialMs } = measured.prediction;
    expect(ratio).toBeCloseTo(sequentialMs / measuredMs);
    for (const { measuredMs: own, ms, kind } of measured.units) if (kind !== "input") expect(ms).toBe(own);
  });

  it("[PL25] scales estimates by a measurement of the machine", { timeout: 60_000 }, () => {
    let ms = 0;
    const slow = calibrate(() => (ms += 5));
    const fast = calibrate(() => (ms += 0.000_001));
    // To this clock every computation takes as long, so longer columns seem to cost nothing more.
    for (const name of [
      "interpreted",
      "nodeNs",
      "columnNs",
      "singleNs",
      "loneNs",
      "stepNs",
      "sweepNs",
    ] as const)
      expect(slow[name], name).toBeGreaterThan(fast[name]);
    const real = calibrate(() => performance.now());
    for (const factor of Object.values(real)) expect(factor).toBeGreaterThan(0);
  });

  it("[PL25] takes the median of several runs where it is given one", () => {
    const { units, prediction } = analyse(text, { costs: new Map([["b.z", 4]]) });
    expect(units.find(({ name }) => name === "b.z")).toMatchObject({ measuredMs: 4, ms: 4 });
    expect(prediction.measuredMs).toBe(4);
  });

  it("[PL25] predicts nothing of a module, and leaves it out of the error", () => {
    const module = 'model m\nuse "./f.ts" as f\nblock b\n  input x = 2\n  y = f.g(x)\n  z = x + 1\n';
    const { units, prediction } = analyse(module, {
      costs: new Map([
        ["b.y", 80],
        ["b.z", 2],
      ]),
    });
    expect(units.find(({ name }) => name === "b.y")).toMatchObject({
      isUnpredictable: true,
      predictedMs: 80,
    });
    expect(prediction.measuredMs).toBe(2);
  });

  it("[PL25] predicts each way a formula goes by its own figure", () => {
    const ways = `model m\ntime step 1..1000\naxis few = a, b\nblock b by step\n  input x = 2\n  column = x * 2\n  texts = LEN(x & "a")\n  ranged = SUM(x[t-40..t clip]) + MAX(x[t-40..t clip])\n  p = q[t-1] + x   start 0\n  q = p / 2\n  l = m / 3 + x\n  m = l / 3\n  loop m\nblock c by few\n  input x = 1\n  short = x + 1\nblock d\n  input x = 1\n  lone = x + 1\n${Array.from({ length: 20 }, (_, i) => `  s${i} = x * ${i}\n`).join("")}`;
    const predicted = (machine: Partial<Calibration> = {}) =>
      new Map(
        analyse(ways, { calibration: { ...uncalibrated, ...machine } }).units.map((unit) => [
          unit.name,
          unit.predictedMs,
        ]),
      );
    const before = predicted();
    const dearer = (machine: Partial<Calibration>) => {
      const after = predicted(machine);
      return [...before]
        .filter(([name, ms]) => (after.get(name) ?? 0) > ms)
        .map(([name]) => name)
        .toSorted();
    };
    expect(dearer({ cells: 2 })).toEqual(["b.texts"]);
    expect(dearer({ ranges: 2 })).toEqual(["b.ranged"]);
    expect(dearer({ stepNs: 900 })).toEqual(["b.p", "b.q"]);
    expect(dearer({ sweepNs: 900 })).toEqual(["b.l", "b.m"]);
    expect(dearer({ nodeNs: 9_000 })).toEqual(["c.short"]);
    expect(dearer({ loneNs: 9_000 })).toEqual(["d.lone"]);
    expect(dearer({ singleNs: 9_000 })).toHaveLength(20);
    expect(dearer({ fused: 2 })).toContain("b.column");
    expect(dearer({ interpreted: 2 })).toEqual(["b.l", "b.m", "b.p", "b.q", "c.short"]);
  });

  it("counts the memory of columns and tables", () => {
    const { memory, cells, references } = analyse(text);
    expect([cells, memory.columnBytes]).toEqual([7 * 50, 8 * 7 * 50]);
    expect(references).toBe(8);
    expect(memory.tableBytes).toBeGreaterThan(0);
  });
});

describe("recommendations", () => {
  const kinds = (text: string, isMeasured = true) =>
    analyse(text, { isMeasured }).recommendations.map(({ kind, attribute }) =>
      `${kind} ${attribute ?? ""}`.trim(),
    );
  const series = (periods: number, lines: string) =>
    `model m\ntime step 1..${periods}\nblock b by step\n  input x = 2\n${lines}`;
  const many = Array.from({ length: 30 }, (_, i) => `  a${i} = x + ${i}\n`).join("");

  it("[PL26] says to stay sequential where all of it takes no time", () => {
    const { recommendations } = analyse(series(10, "  y = x * 3\n"));
    expect(recommendations).toEqual([
      { kind: "sequential", text: expect.stringMatching(/^stay sequential: all of it takes 0\.\d+ ms/) },
    ]);
  });

  it("[PL26] says so, too, where one chain is nearly all the work", () => {
    const chain = Array.from({ length: 40 }, (_, i) => `  a${i} = ${i === 0 ? "x" : `a${i - 1}`} + 1\n`).join(
      "",
    );
    expect(kinds(series(3, chain))).toEqual(["sequential"]);
  });

  it("[PL26] tells of threads where much can run at once", () => {
    expect(kinds(series(3, many))).toContain("threads");
  });

  it("[PL26] tells of formulas that grow with the square of the periods, with a remedy", () => {
    const found = analyse(series(5_000, "  y = MAX(x[t-4999..t clip]) * 2\n")).recommendations;
    expect(found.find(({ kind }) => kind === "quadratic")).toMatchObject({
      attribute: "b.y",
      text: expect.stringContaining("best = MAX(best[t-1], x)"),
      gainMs: expect.any(Number),
    });
    // Sums of long stretches come from partial sums.
    expect(kinds(series(5_000, "  y = SUM(x[t-4999..t clip]) * 2\n"))).not.toContain("quadratic b.y");
  });

  it("[PL26] tells of attributes that are the same along an axis", () => {
    const found = analyse(
      series(200_000, "block c\n  input k = 3\nblock d by step\n  y = SQRT(c.k) * 2\n"),
    ).recommendations;
    expect(found).toContainEqual(
      expect.objectContaining({ kind: "axes", attribute: "d.y", gainBytes: 8 * 199_999 }),
    );
  });
});
