import { expect, it } from "vitest";
import { parseFormula } from "./parser.ts";
import { namesIn } from "./references.ts";

it("lists names, functions, axes and labels with their places", () => {
  const text = "sum(revenue.mrr[t-1, Ent] over segment) + m.f(k[p.x]) * rate";
  const uses = namesIn(parseFormula(text).expression);
  expect(uses.map((use) => `${use.kind} ${use.path.join(".")}`)).toEqual([
    "function sum",
    "name revenue.mrr",
    "label Ent",
    "axis segment",
    "function m.f",
    "name k",
    "name p.x",
    "name rate",
  ]);
  for (const { path, span } of uses) expect(text.slice(span.start, span.end)).toBe(path.join("."));
});

it("leaves out the names of LET and LAMBDA", () => {
  const names = (text: string): string[] =>
    namesIn(parseFormula(text).expression)
      .filter(({ kind }) => kind === "name")
      .map(({ path }) => path.join("."));
  expect(names("LET(x, a, y, x + b, X * y) + x")).toEqual(["a", "b", "x"]);
  expect(names("MAP(v, LAMBDA(c, c * rate))")).toEqual(["v", "rate"]);
});

it("walks a chain of 100,000 operators", () => {
  expect(namesIn(parseFormula(`a${" + b".repeat(100_000)}`).expression)).toHaveLength(100_001);
});
