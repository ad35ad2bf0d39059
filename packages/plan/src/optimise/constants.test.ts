/** What is a constant and what is not, and that the number that stands in a formula is the one that it is now. */
import { createEngine, type NodeId } from "@reckon/engine";
import { type CheckedModel, checkModel, parseModel } from "@reckon/model";
import { expect, it } from "vitest";
import { buildPlan } from "../plan.ts";

const switches = { always: true, merge: false, share: false, hoist: false };

function modelOf(lines: string, previous?: CheckedModel, periods = 100): CheckedModel {
  const text = `model m\ntime step 1..${periods}\nblock k\n${lines}`;
  const result = checkModel(parseModel("test.reckon", text), () => ({ problem: "no tables here" }), previous);
  if (result.value === undefined)
    throw new Error(result.diagnostics.map(({ message }) => message).join("\n"));
  return result.value;
}

function build(lines: string) {
  const engine = createEngine({ isChecked: true });
  const plan = buildPlan(modelOf(lines), engine, { optimise: switches });
  const nodeOf = (key: string): NodeId => plan.demand(key) as NodeId;
  return {
    update: (changed: string) => void plan.update(modelOf(changed, plan.model)),
    rewrites: () => plan.rewrites.map(({ kind, work, units }) => `${kind} ${work} ${units.join(" ")}`),
    valueOf: (key: string) => engine.read(nodeOf(key)).get(0),
    statusOf: (key: string) => engine.statusOf(nodeOf(key)),
  };
}

const reader = "block b by step\n  input x = 4\n  y = x * k.c\n";

it("[PL19] a manual formula is no constant: it is computed when somebody asks", () => {
  expect(build(`  c = 2 * 3\n${reader}`).rewrites()).toEqual(["fold k.c b.y"]);
  const manual = build(`  c = 2 * 3  manual\n${reader}`);
  expect(manual.rewrites()).toEqual([]);
  manual.update(`  c = 2 * 4  manual\n${reader}`);
  expect([manual.rewrites(), manual.valueOf("b.y")]).toEqual([[], 32]);
});

it("[PL19] a manual formula keeps its reads, and what it showed, until somebody asks", () => {
  const after = (lines: string) => `${lines}${reader.replace("k.c\n", "k.c  manual\n")}`;
  const manual = build(after("  c = 2 * 3\n"));
  expect([manual.rewrites(), manual.valueOf("b.y")]).toEqual([[], 24]);
  manual.update(after("  c = 2 * 4\n"));
  expect(manual.statusOf("b.y")).toBe("stale");
  expect(manual.valueOf("b.y")).toBe(32);
});

it("[PL19] a constant of constants is one, whether folding pays in it or not, until one of them is pinned", () => {
  const engine = createEngine({ isChecked: true });
  const lines = (rate: string) =>
    `  both = rate * 2 + third\n  third = 1 + rate\n  rate = ${rate}\nblock b by step\n  input x = 4\n  y = x * k.both\n`;
  // What pays in many cells does not in one.
  const plan = buildPlan(modelOf(lines("3"), undefined, 500_000), engine, { optimise: { fold: true } });
  const said = () => plan.rewrites.map(({ work, units }) => `${work} in ${units.join()}`);
  const y = () => engine.read(plan.demand("b.y") as NodeId).get(0);
  expect([said(), y()]).toEqual([["k.both in b.y"], 40]);
  plan.update(modelOf(lines("5"), plan.model, 500_000));
  expect([said(), y()]).toEqual([["k.both in b.y"], 64]);
  for (const pinned of ["k.both", "k.rate", "k.third"]) {
    plan.setPinned(new Set([pinned]));
    expect(said()).toEqual([]);
    plan.setPinned(new Set());
    expect(said()).toEqual(["k.both in b.y"]);
  }
});

it("[PL19] 0 and −0 are two constants", () => {
  const plan = build(`  c = 0 * 1\n${reader}`);
  expect(plan.valueOf("b.y")).toBe(0);
  plan.update(`  c = 0 * (-1)\n${reader}`);
  expect(plan.rewrites()).toEqual(["fold k.c b.y"]);
  expect(plan.valueOf("b.y")).toBe(-0);
  plan.update(`  c = 0 * 1\n${reader}`);
  expect(plan.valueOf("b.y")).toBe(0);
});
