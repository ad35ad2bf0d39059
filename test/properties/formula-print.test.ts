/** Printing a tree of any shape and parsing the text gives the tree back. */
import { type Expression, parseFormula, printExpression } from "@reckon/formula";
import fc from "fast-check";
import { expect, it } from "vitest";
import { Choices } from "../arbitraries/choices.ts";
import { expressionTree } from "../arbitraries/expression.ts";
import { cases } from "./cases.ts";

function withoutSpans(tree: Expression): unknown {
  return JSON.parse(JSON.stringify(tree, (key, value: unknown) => (key === "span" ? undefined : value)));
}

it("[FO12] print then parse is the identity on trees", () => {
  const kinds = new Set<string>();
  fc.assert(
    fc.property(fc.array(fc.nat(999), { maxLength: 60, size: "max" }), (numbers) => {
      const tree = expressionTree(new Choices(numbers));
      kinds.add(tree.kind);
      const text = printExpression(tree);
      const { expression, diagnostics } = parseFormula(text);
      expect(diagnostics, text).toEqual([]);
      expect(withoutSpans(expression), text).toEqual(withoutSpans(tree));
      expect(printExpression(expression)).toBe(text);
    }),
    cases(1500),
  );
  expect(kinds.size).toBeGreaterThan(8);
});

it("[FO10] any text is read, with every span inside it", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200, size: "max" }), (text) => {
      const { expression, diagnostics } = parseFormula(text);
      const pending: unknown[] = [expression, diagnostics];
      for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
        if (typeof next !== "object" || next === null) continue;
        const { span } = next as { span?: { start: number; end: number } };
        if (span !== undefined) {
          expect(span.start >= 0 && span.start <= span.end && span.end <= text.length).toBe(true);
        }
        pending.push(...Object.values(next));
      }
    }),
    cases(1500),
  );
});

it("[FO10] damaged formulas are read too", () => {
  const bits = fc.constantFrom(
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ";",
    "..",
    "t-1",
    "%",
    "-",
    "x",
    "'",
    '"',
    "#",
    "$A",
    "1:2",
    "!",
    "over",
    " ",
  );
  fc.assert(
    fc.property(fc.array(bits, { maxLength: 40, size: "max" }), (parts) => {
      const text = parts.join("");
      const { diagnostics } = parseFormula(text);
      for (const { span } of diagnostics) expect(span.end).toBeLessThanOrEqual(text.length);
      expect(() => printExpression(parseFormula(text).expression)).not.toThrow();
    }),
    cases(1500),
  );
});
