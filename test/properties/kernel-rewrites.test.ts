/**
 * What compiling does to the work (constants computed, equal parts shared, parts hoisted out of time) changes no bit and
 * no error, alone and together; and it is done.
 */
import {
  type BoundFormula,
  checkFormula,
  compileKernel,
  evaluateCell,
  type KernelRewriting,
  parseFormula,
} from "@reckon/formula";
import { type Column, sameColumn } from "@reckon/value";
import fc from "fast-check";
import { expect, it } from "vitest";
import { type CellFormula, cellFormula } from "../arbitraries/cell-formula.ts";
import { Choices } from "../arbitraries/choices.ts";
import { axesOf, cellOf, columnOver, month, scopeOf, segment } from "../arbitraries/formula-world.ts";
import { cases } from "./cases.ts";

function bind({ text, start, end, axes }: Omit<CellFormula, "isNumeric">): BoundFormula | undefined {
  const clauses = {
    ...(start === undefined ? {} : { start: parseFormula(start).expression }),
    ...(end === undefined ? {} : { end: parseFormula(end).expression }),
  };
  return checkFormula(parseFormula(text).expression, scopeOf(axes), clauses).formula;
}

const ways: readonly (boolean | KernelRewriting)[] = [
  true,
  false,
  { fold: false },
  { share: false },
  { hoist: false },
  { fold: false, share: false },
  { hoist: false, share: false },
];

function computed(
  formula: BoundFormula,
  columns: ReadonlyMap<string, Column>,
  optimise: boolean | KernelRewriting,
) {
  const kernel = compileKernel(formula, { interpretedCells: 0, optimise });
  const out = columnOver(formula.axes, () => 0);
  const inputs = formula.references.map(({ attribute }) => columns.get(attribute) ?? out);
  const { outer, periods } = out.shape;
  void kernel.compute(inputs, out, { outerFrom: 0, outerTo: outer, from: 0, to: periods });
  return { out, kernel, inputs };
}

it("[FO75] rewrites keep all bits and errors, each on its own and all together", () => {
  const done = { folded: 0, shared: 0, hoisted: 0 };
  fc.assert(
    fc.property(
      fc.array(fc.nat(999), { maxLength: 40, size: "max" }),
      fc.array(fc.nat(99_999), { minLength: 4, maxLength: 4 }),
      fc.boolean(),
      (numbers, draws, isMixed) => {
        const written = cellFormula(new Choices(numbers));
        const { text } = written;
        const formula = bind({
          ...written,
          text: `IF(${text} > 1 / 3 + 2, (${text}) * (4 - 1), ${text}) + 2 ^ 0.5 * ${text}`,
        });
        if (formula === undefined) return;
        const columns = new Map<string, Column>();
        for (const { attribute } of formula.references) {
          if (attribute === "self" || columns.has(attribute)) continue;
          const isText = attribute === "note" || attribute === "favourite";
          const draw = (i: number): number => (draws[i % 4] as number) + i * 977 + attribute.length;
          columns.set(
            attribute,
            columnOver(axesOf(attribute, formula.axes), (i) =>
              isText ? (segment.labels[draw(i) % 3] as string) : cellOf(draw(i), isMixed),
            ),
          );
        }
        const expected = columnOver(formula.axes, () => 0);
        const inputs = formula.references.map(({ attribute }) => columns.get(attribute) ?? expected);
        for (let t = 0; t < expected.shape.periods; t++) {
          for (let m = 0; m < expected.shape.outer; m++) {
            const at = m * expected.shape.periods + t;
            expected.set(at, evaluateCell(formula, inputs, { outer: m, period: t }));
          }
        }
        for (const way of ways) {
          const { out, kernel } = computed(formula, columns, way);
          expect(sameColumn(out, expected), `${text} ${JSON.stringify(way)}`).toBe(true);
          const { rewrites } = kernel;
          if (way === false) expect(rewrites).toEqual({ folded: 0, shared: 0, hoisted: 0 });
          if (way !== true) continue;
          done.folded += rewrites.folded;
          done.shared += rewrites.shared;
          done.hoisted += rewrites.hoisted;
        }
      },
    ),
    cases(300),
  );
  expect(Math.min(done.folded, done.shared, done.hoisted)).toBeGreaterThan(100);
});

function rewritesOf(text: string, optimise: boolean | KernelRewriting = true) {
  const formula = bind({ text, axes: [segment, month], start: "0" });
  if (formula === undefined) throw new Error(text);
  return compileKernel(formula, { optimise }).rewrites;
}

it.each([
  ["price * (1 + 19%) ^ 2", { folded: 2 }],
  ["price * 2 * 3", { folded: 0 }],
  ["price + 1 / 0", { folded: 0 }],
  ["ROUND(2 / 3, 2) * season", { folded: 2 }],
  ["IF(2 > 1, season, price)", { folded: 1 }],
  ["seats * mrr + seats * mrr", { shared: 1 }],
  ["MAX(seats + mrr, 1) + MIN(seats + mrr, 1)", { shared: 2 }],
  ["sum(share over region) * seats + sum(share over region)", { shared: 1 }],
  ["season + seats", { shared: 0, hoisted: 0 }],
  ["price * rate * seats", { hoisted: 3 }],
  ["sum(share * tax over region) + seats", { hoisted: 2 }],
  ["SUM(season[*]) * seats", { hoisted: 2 }],
  ["self[2026-01] + seats", { hoisted: 1 }],
])("[FO76] %s: %o", (text, expected) => {
  expect(rewritesOf(text)).toMatchObject(expected);
});

it("[FO76] what reads the column being written is not hoisted", () => {
  const formula = bind({
    text: "seats + IF(PERIOD_INDEX() > 3, self[2026-02], 1)",
    axes: [month],
    start: "0",
  });
  if (formula !== undefined) throw new Error("seats has an axis that the target lacks");
  const own = bind({ text: "season + IF(PERIOD_INDEX() > 3, self[2026-02], 1)", axes: [month] });
  if (own === undefined) throw new Error("does not bind");
  const columns = new Map([["season", columnOver([month], (i) => i + 0.5)]]);
  const { out, kernel } = computed(own, columns, true);
  // All that could be hoisted is the read of its own cell.
  expect(kernel.rewrites.hoisted).toBe(0);
  expect(out.get(5)).toBe(5.5 + (1.5 + 1));
});

it("[FO76] a part shared by all periods that is an error gives up the member's cells, and only its", () => {
  const formula = bind({ text: "season / price", axes: [segment, month] }) as BoundFormula;
  const columns = new Map([
    ["season", columnOver([month], (i) => i + 1)],
    ["price", columnOver([segment], (i) => (i === 1 ? 0 : 2))],
  ]);
  const { out } = computed(formula, columns, true);
  expect([out.get(0), out.get(23), out.get(24)]).toMatchObject([0.5, { code: "#DIV/0!" }, 0.5]);
});
