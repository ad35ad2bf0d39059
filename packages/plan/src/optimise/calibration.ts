/**
 * Calibration: how fast this machine is, measured in some tens of milliseconds.
 *
 * A small model with a formula of every kind of work is laid and computed several times, as any model is, and the
 * engine's own measurements of it are taken: so what the engine adds to the work, and how far the program has
 * been made faster by then, is in them. Each coefficient is the lower quartile of the runs. What depends on the length of a
 * formula is a factor on the estimates of work-estimate.ts; the rest is in nanoseconds. The clock comes in as an argument, so a
 * browser can do it too.
 *
 *   fused        one loop over numbers              steps        a member of a circle, each period
 *   ranges       cells of ranges in such a loop     sweeps       a member of a loop, each sweep of a period
 *   cells        code that goes cell by cell        nodes        a column, whatever its length
 *   interpreted  formulas of few cells              singles      one value, sharing its code with others
 */
import { createEngine, type NodeId } from "@reckon/engine";
import type { BoundFormula } from "@reckon/formula";
import { type CheckedModel, checkModel, parseModel } from "@reckon/model";
import { buildPlan } from "../plan.ts";
import { type Calibration, uncalibrated } from "./machine.ts";
import { walkedNs } from "./prediction.ts";
import { sweepsOf } from "./sweeps.ts";
import { estimateWork, formulaNs, interpretedCells, interpretedNs, nodeNs } from "./work-estimate.ts";

const runs = 9;
/** Runs before those that count. */
const warmRuns = 3;
const steps = 900;
const members = 12;
const singles = 1_500;
const nodes = 6;
const lone = [
  "x + 1",
  "2 - x",
  "x * x + 1",
  "IF(x > 1, 2, x)",
  "MIN(x, 3)",
  "ABS(x) / 2",
  "x ^ 2",
  "ROUND(x, 1)",
];

const lines = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => `  ${line(i)}\n`).join("");

const text = `model calibration
time step 1..${steps}
axis k = ${Array.from({ length: members }, (_, i) => `k${i}`).join(", ")}
axis few = a, b, c
block wide by k, step
  input x = 1.5
  long = IF(x > 1, x * 1.5 + x, x / 3) - x * x
block plain by step
  input x = 1.5
  fused  = IF(x > 1, x * 1.5 + x, x / 3) - x * x
  ranged = sum(wide.x over k)
  cells  = LEN(x & "a")
block circle by step
  a = b[t-1] * 0.5 + plain.x   start 1
  b = a - a * 0.25
block loops by step
  c = d * 0.4 + plain.x
  d = 3 - c * 0.5
  loop d  start 1
block short by few
  input x = 1.5
${lines(nodes, (i) => `n${i} = x * 1.5 + IF(x > ${i}, x, 2) - x / 3`)}block single
  r0 = MAX(plain.x[*])
  r1 = MIN(plain.x[*])
  r2 = MAX(wide.x[k1, *]) + 1
  input x = 1.5
${lines(singles, (i) => `s${i} = x * ${i} + 1.5`)}${lines(lone.length, (i) => `l${i} = ${lone[i]}`)}`;

/** Nanoseconds by attribute, and the sweeps that the loop took. */
interface Run {
  readonly ns: ReadonlyMap<string, number>;
  readonly sweeps: number;
}

/** Measures. `now` gives milliseconds from any fixed point. Cost: some tenths of a second. */
export function calibrate(now: () => number): Calibration {
  const model = modelOf(text);
  const measured = Array.from({ length: runs }, () => runOf(model, now)).slice(warmRuns);
  const ns = (...keys: string[]): number =>
    quarterOf(measured.flatMap((run) => keys.map((key) => run.ns.get(key) ?? 0)));
  const several = (prefix: string, count: number): number =>
    ns(...Array.from({ length: count }, (_, i) => `${prefix}${i}`));
  const formula = (key: string): BoundFormula => {
    const attribute = model.attributes.get(key);
    if (attribute?.kind !== "formula") throw new Error(`the calibration has lost ${key}`);
    return attribute.formula;
  };
  const short = several("short.n", nodes) / (3 * interpretedNs(formula("short.n0")).ns + nodeNs);
  const interpreted = bounded(short);
  const fixed = nodeNs * interpreted;
  const ofRanges = interpretedNs(formula("single.r0"));
  const beside = fixed + (ofRanges.ns - ofRanges.rangeNs) * interpreted;
  const interpretedRanges = bounded((several("single.r", 3) - beside) / ofRanges.rangeNs);
  // What is left of the short column without the cells, by the long one, is what any column with code takes.
  const [shortCells, longCells] = [steps, steps * members];
  const cellNs = Math.max(0, ns("wide.long") - ns("plain.fused")) / (longCells - shortCells);
  const columnNs = Math.max(fixed, ns("plain.fused") - cellNs * shortCells);
  const factorOf = (key: string): number => bounded((ns(key) - columnNs) / formulaNs(formula(key)));
  const inCircles = (key: string, computed: number): number => {
    const first = interpretedCells * walkedNs(formula(key), { interpreted, interpretedRanges });
    return Math.max(20, (ns(key) - first) / Math.max(1, computed - interpretedCells));
  };
  const fused = bounded(cellNs / estimateWork(formula("wide.long")).nsPerCell);
  return {
    fused,
    ranges: factorOf("plain.ranged"),
    cells: factorOf("plain.cells"),
    interpreted,
    interpretedRanges,
    nodeNs: fixed,
    columnNs,
    singleNs: Math.max(10, several("single.s", singles)),
    loneNs: Math.max(10, several("single.l", lone.length)),
    stepNs: inCircles("circle.a", steps),
    sweepNs: inCircles("loops.d", steps * quarterOf(measured.map(({ sweeps }) => sweeps))),
    codeNs: uncalibrated.codeNs * fused,
  };
}

/** Within bounds: a clock may be coarse. */
function bounded(ratio: number): number {
  return Math.min(20, Math.max(0.05, ratio));
}

function runOf(model: CheckedModel, now: () => number): Run {
  const engine = createEngine({ clock: { now } });
  const plan = buildPlan(model, engine, { optimise: false });
  const ns = new Map<string, number>();
  for (const { unit, node } of plan.laid()) ns.set(unit.key, (engine.costOf(node) ?? 0) * 1e6);
  const sweeps = sweepsOf(engine).get(plan.nodeOf("loops.d") as NodeId) ?? 1;
  engine.dispose();
  return { ns, sweeps };
}

/** What a quarter of the runs stayed below: what comes into a run makes it longer, never shorter. */
export function quarterOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 2] ?? 0;
}

function modelOf(source: string): CheckedModel {
  const model = checkModel(parseModel("calibration", source), () => ({ problem: "no tables" })).value;
  if (model === undefined) throw new Error("the model of the calibration does not check");
  return model;
}
