/** Attributes outside of a circle that compute what one of its members computes. */
import { createEngine, type NodeId } from "@reckon/engine";
import { checkModel, parseModel } from "@reckon/model";
import { expect, it } from "vitest";
import { buildPlan } from "../plan.ts";

function merged(lines: string): {
  readonly rewrites: readonly string[];
  readonly same: (a: string, b: string) => boolean;
} {
  const text = `model m\ntime step 1..100\nblock b by step\n  input x = 9\n${lines}`;
  const { value, diagnostics } = checkModel(parseModel("test.reckon", text), () => ({
    problem: "no tables",
  }));
  if (value === undefined) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  const engine = createEngine({ isChecked: true });
  const plan = buildPlan(value, engine, { optimise: { always: true, share: false, hoist: false } });
  const numbers = (key: string): string => engine.read(plan.demand(key) as NodeId).numbers.join();
  return {
    rewrites: plan.rewrites.map(({ kind, units }) => `${kind} ${units.join(" ")}`),
    same: (a, b) => numbers(a) === numbers(b),
  };
}

it("[PL17] what reads a circle as one of its members does copies that member", () => {
  const { rewrites, same } = merged(
    "  a = b[t-1] + SQRT(x)   start 1\n  b = a[t-1] * 0.5   start 2\n  z = b[t-1] + SQRT(x)   start 1\n",
  );
  expect(rewrites).toEqual(["merge b.a b.z"]);
  expect(same("b.a", "b.z")).toBe(true);
});

it("[PL17] so does what reads itself where the member reads itself", () => {
  const { rewrites, same } = merged(
    "  a = a[t-1] + b[t-1]   start 1\n  b = a[t-1] * 0.5 + b[t-1] / 4   start 2\n  z = z[t-1] + b[t-1]   start 1\n  w = a[t-1] + b[t-1]   start 1\n",
  );
  expect(rewrites).toContain("merge b.a b.z");
  expect([same("b.a", "b.z"), same("b.a", "b.w")]).toEqual([true, true]);
});
