import { expect, it } from "vitest";
import { checkModel } from "./check-model.ts";
import { circularOf } from "./circular.ts";
import type { CheckedFormula } from "./declarations.ts";
import { parseModel } from "./document.ts";

const formulaOf = (id: string, reads: readonly string[]): CheckedFormula =>
  ({ id, formula: { references: reads.map((attribute) => ({ attribute })) } }) as unknown as CheckedFormula;

it("[LA33] whatever can reach itself is among the circular ones, and nothing that stands apart from circles", () => {
  let seed = 41;
  const random = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  for (let round = 0; round < 300; round++) {
    const count = 2 + random(12);
    const reads = Array.from({ length: count }, () =>
      Array.from({ length: random(3) }, () => random(count + 1)),
    );
    const formulas = reads.map((to, i) =>
      formulaOf(
        `f${i}`,
        to.map((t) => (t === count ? "input" : `f${t}`)),
      ),
    );
    const reach = (from: number): Set<number> => {
      const seen = new Set<number>();
      const pending = [...(reads[from] ?? [])];
      for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
        if (at === count || seen.has(at)) continue;
        seen.add(at);
        pending.push(...(reads[at] ?? []));
      }
      return seen;
    };
    const inCircle = reads.map((_, i) => reach(i).has(i));
    const expected = formulas.filter((_, i) => inCircle[i]);
    const found = circularOf(formulas);
    for (const formula of expected) expect(found).toContain(formula);
    for (const formula of found) {
      const at = formulas.indexOf(formula);
      expect([...reach(at)].some((to) => inCircle[to])).toBe(true);
    }
    if (expected.length === 0) expect(found).toEqual([]);
  }
});

it("[LA33] a circle of plain lines is told with its path, forward or backward", () => {
  const codes = (lines: readonly string[]): readonly string[] =>
    checkModel(parseModel("m.reckon", `model m\nblock b\n${lines.join("\n")}\n`), () => ({
      problem: "",
    })).diagnostics.map(({ message }) => message);
  expect(codes(["a = b + 1", "b = c * 2", "c = a - 1", "d = a"])).toEqual([
    expect.stringContaining("b.a → b.b → b.c → b.a"),
  ]);
  expect(codes(["d = c", "c = b + 1", "b = a + 1", "input a = 1"])).toEqual([]);
  expect(codes(["a = a + 1"])).toEqual([expect.stringContaining("b.a → b.a")]);
});
