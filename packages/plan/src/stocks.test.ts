import { createEngine } from "@reckon/engine";
import { type CheckedModel, checkModel, parseModel } from "@reckon/model";
import { describe, expect, it } from "vitest";
import { buildPlan } from "./plan.ts";

function modelOf(lines: string, previous?: CheckedModel, time = "time step 0..4  dt 0.5"): CheckedModel {
  const text = `model m\n${time}\nblock b by step\n  input x = 2\n${lines}\n`;
  const { value, diagnostics } = checkModel(parseModel("m", text), () => ({ problem: "none" }), previous);
  return value ?? expect.fail(JSON.stringify(diagnostics));
}

const written = "  a = integral(y - a)  start x\n  y = SMOOTH(a, 2) + DELAY_FIXED(x, 1, 0)";

describe("stocks as they are laid", () => {
  it("[LA84] come and go with the formulas that stand on them", () => {
    const engine = createEngine();
    const plain = modelOf("  a = x\n  y = a");
    const plan = buildPlan(plain, engine);
    const before = [...plan.nodes()].length;
    const stocks = modelOf(written, plain);
    plan.update(stocks);
    expect(
      [...plan.nodes()]
        .map(([key]) => key)
        .filter((key) => key.includes(" "))
        .toSorted(),
    ).toEqual([
      "b.a initial",
      "b.y DELAY_FIXED 2",
      "b.y DELAY_FIXED 2 initial",
      "b.y DELAY_FIXED 2 time",
      "b.y SMOOTH 1",
      "b.y SMOOTH 1 initial",
    ]);
    const fresh = createEngine();
    const again = buildPlan(stocks, fresh);
    for (const id of ["b.a", "b.y"])
      expect([...engine.read(plan.nodeOf(id) as never).numbers]).toEqual([
        ...fresh.read(again.nodeOf(id) as never).numbers,
      ]);
    expect(plan.dependentsOf(plan.nodeOf("b.a") as never)).toEqual(expect.arrayContaining(["b.y"]));
    expect(plan.dependentsOf(plan.nodeOf("b.x") as never).toSorted()).toEqual(["b.a", "b.y"]);
    plan.update(modelOf("  a = x\n  y = a", stocks));
    expect([...plan.nodes()].length).toBe(before);
  });

  it("[LA79] another step lays the stocks again, and not what stands beside them", () => {
    const lines = `${written}\n  z = x * 3`;
    const engine = createEngine();
    const model = modelOf(lines);
    const plan = buildPlan(model, engine);
    const touched = plan.update(modelOf(lines, model, "time step 0..4  dt 0.25"));
    expect(touched.toSorted()).toEqual(["b.a", "b.y"]);
  });

  it("[LA78] are laid with what is wanted, and only with that", () => {
    const lines = `${written}\n  z = SMOOTH(x, 3)`;
    const plan = buildPlan(modelOf(lines), createEngine(), { only: ["b.y"] });
    expect(plan.nodeOf("b.z SMOOTH 1")).toBeUndefined();
    expect(plan.nodeOf("b.y SMOOTH 1")).toBeDefined();
    expect(plan.demand("b.z")).toBeDefined();
    expect(plan.nodeOf("b.z SMOOTH 1")).toBeDefined();
  });

  it("[LA72] are neither merged nor folded, however alike or constant their flows are", () => {
    const lines =
      "  a = integral(one)  start 0\n  c = integral(one)  start 5\n  one = 1\n  d = a + c\n  e = 1 * one";
    const plan = buildPlan(modelOf(lines), createEngine(), { optimise: { always: true } });
    const engine = createEngine();
    const laid = buildPlan(modelOf(lines), engine, { optimise: { always: true } });
    expect([...engine.read(laid.nodeOf("b.d") as never).numbers]).toEqual([5, 7, 9, 11, 13]);
    expect(plan.rewrites.some(({ units }) => units.includes("b.c"))).toBe(false);
  });
});
