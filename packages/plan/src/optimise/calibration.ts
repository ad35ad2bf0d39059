/**
 * Calibration: how fast this machine is, measured in a few milliseconds.
 *
 * Four small works are timed, each by its fastest run: a fused loop, one over ranges, a formula that goes cell by cell,
 * and many nodes of one cell. What they took, over what the estimates say of them, are the factors that estimates are
 * multiplied with. The clock comes in as an argument, so a browser can do it too.
 */
import { createEngine, type NodeId } from "@reckon/engine";
import { type CheckedModel, checkModel, parseModel } from "@reckon/model";
import { Column, columnFrom } from "@reckon/value";
import { shapeOf, wholeBox } from "../cells.ts";
import { kernelOf } from "../kernel.ts";
import { buildPlan } from "../plan.ts";
import { nodeNs } from "./work-estimate.ts";

export interface Calibration {
  /** Measured over estimated: of fused loops, of the cells of ranges, of formulas that go cell by cell. */
  readonly fused: number;
  readonly ranges: number;
  readonly slow: number;
  /** What a node costs besides its cells, and what making the code of a formula costs, in ns. */
  readonly nodeNs: number;
  readonly codeNs: number;
}

/** The machine that the estimates were made on. */
export const uncalibrated: Calibration = { fused: 1, ranges: 1, slow: 1, nodeNs, codeNs: 150_000 };

const kernelMsMax = 12;
const kernelRuns = 200;
const cells = 10_000;
const slowCells = 500;
const members = 100;
const periods = 400;
const nodes = 400;
const nodeRuns = 10;

/** Measures. `now` gives milliseconds from any fixed point. Cost: some 30 ms. */
export function calibrate(now: () => number): Calibration {
  const fused = bounded(cellNs(`${head(cells)}  y = x * 1.5 + x\n`, now) / 1.2);
  const axis = `axis k = ${Array.from({ length: members }, (_, i) => `k${i}`).join(", ")}\n`;
  const ranged = `model c\ntime step 1..${periods}\n${axis}block a by k, step\n  input x = 1\nblock b by step\n  y = sum(a.x over k)\n`;
  return {
    fused,
    ranges: bounded(cellNs(ranged, now) / members),
    slow: bounded(cellNs(`${head(slowCells)}  y = LEN(x & "a")\n`, now) / 150),
    nodeNs: Math.max(50, wholeNodeNs(now)),
    codeNs: uncalibrated.codeNs * fused,
  };
}

function head(count: number): string {
  return `model c\ntime step 1..${count}\nblock b by step\n  input x = 1\n`;
}

/** Within bounds: a clock may be coarse. */
function bounded(ratio: number): number {
  return Math.min(10, Math.max(0.1, ratio));
}

/** Nanoseconds a cell of the kernel of `b.y`, in its fastest run. */
function cellNs(text: string, now: () => number): number {
  const attribute = modelOf(text).attributes.get("b.y");
  if (attribute?.kind !== "formula") throw new Error("the calibration has lost its formula");
  const { formula } = attribute;
  const kernel = kernelOf({ name: "b.y", formula });
  const inputs = formula.references.map((reference) => {
    const column = new Column(shapeOf(reference.axes));
    for (let cell = 0; cell < column.length; cell++) column.numbers[cell] = 2 + cell * 1.1;
    return column;
  });
  const out = new Column(shapeOf(formula.axes));
  const box = wholeBox(out.shape);
  let best = Number.POSITIVE_INFINITY;
  const began = now();
  for (let run = 0; run < kernelRuns && now() - began < kernelMsMax; run++) {
    const begun = now();
    void kernel.compute(inputs, out, box);
    best = Math.min(best, now() - begun);
  }
  return (best * 1e6) / out.length;
}

/** What a node of one cell takes in the fastest recalculation of many. */
function wholeNodeNs(now: () => number): number {
  const scalars = Array.from({ length: nodes }, (_, i) => `  a${i} = LN(x + ${i})\n`).join("");
  const engine = createEngine();
  const plan = buildPlan(modelOf(`model c\nblock b\n  input x = 1\n${scalars}`), engine, { optimise: false });
  const input = plan.nodeOf("b.x") as NodeId;
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < nodeRuns; run++) {
    const cell = columnFrom({ outer: 1, periods: 1 }, [run + 2]);
    const begun = now();
    engine.setCells(input, wholeBox(cell.shape), cell);
    best = Math.min(best, now() - begun);
  }
  engine.dispose();
  return (best * 1e6) / nodes;
}

function modelOf(text: string): CheckedModel {
  const model = checkModel(parseModel("calibration", text), () => ({ problem: "no tables" })).value;
  if (model === undefined) throw new Error("the model of the calibration does not check");
  return model;
}
