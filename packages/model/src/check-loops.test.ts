import { describe, expect, it } from "vitest";
import { checkModel } from "./check-model.ts";
import type { CheckedModel } from "./declarations.ts";
import { parseModel } from "./document.ts";

const none = () => ({ problem: "none" });
const check = (lines: string, previous?: CheckedModel) =>
  checkModel(
    parseModel("m.reckon", `model a\ntime month 2026-01..2026-06\naxis s = A, B\n${lines}`),
    none,
    previous,
  );
const codes = (lines: string): string[] =>
  check(lines).diagnostics.map(({ code, severity }) => (severity === "error" ? code : `${severity} ${code}`));

describe("recurrences", () => {
  it("[LA32] lags alone, or leads alone, need no declaration", () => {
    expect(codes("block b by month\n  x = y[t-1] + 1  start 0\n  y = x[t-2] * 2  start 0\n")).toEqual([]);
    expect(codes("block b by month\n  x = x[t+1] + 1  end 0\n")).toEqual([]);
    expect(codes("block b by month\n  x = SUM(x[t-3..t-1])  start 0\n")).toEqual([]);
    expect(codes("block b by month\n  opening = closing[t-1]  start 0\n  closing = opening + 1\n")).toEqual(
      [],
    );
  });

  it("[LA38] the fixed first period counts as a lag", () => {
    expect(codes("block b by month\n  x = y[2026-01]\n  y = x[t-1]  start 1\n")).toEqual([]);
  });

  it("[LA39] past and future may be mixed where no cell depends on itself", () => {
    expect(codes("block b by month\n  x = y[t-1]  start 0\n  y = x[t+2]  end 0\n")).toEqual([]);
    expect(
      codes('block b by s, month\n  x = IF(MEMBER(s) = "A", x[t-1], x[t+1]) + 1  start 0  end 0\n'),
    ).toEqual([]);
    const relaxed = "block b by month\n  x = (x[t-1] + x[t+1]) / 2  start 0  end 9\n";
    expect(codes(relaxed)).toEqual(["model/mixed-lags"]);
    expect(codes(`${relaxed}  loop x\n`)).toEqual([]);
  });

  it("[LA32] a literal condition that leaves a branch out makes no cycle", () => {
    expect(codes("block b\n  x = IF(FALSE, y, 1)\n  y = x\n")).toEqual([]);
    expect(codes("block b\n  x = IF(1 > 2, y, 1)\n  y = x\n")).toEqual([]);
    expect(codes("block b by month\n  x = IF(1 > 2, y, 1)\n  y = x\n")).toEqual([]);
    expect(codes("block b by month\n  x = IF(1 < 2, y, 1)\n  y = x\n")).toEqual(["model/undeclared-loop"]);
  });

  it("[LA32] [FP51] nor do conditions on the current member or period", () => {
    expect(codes('block b by s\n  x = IF(MEMBER(s) = "B", 1 - x[A], 0.5)\n')).toEqual([]);
    expect(codes('block b by s\n  x = IF(MEMBER(s) = "A", 1, y)\n  y = IF(MEMBER(s) = "A", x, 2)\n')).toEqual(
      [],
    );
    expect(
      codes(
        "block b by month\n  x = IF(PERIOD_INDEX() = 1, 1, y)\n  y = IF(PERIOD_INDEX() = 1, x, x[t-1])  start 0\n",
      ),
    ).toEqual([]);
  });
});

describe("loops", () => {
  const debt =
    "block debt by month\n  input rate = 8%\n  opening = closing[t-1]  start 2_000\n  interest = (opening + closing) / 2 * rate / 12\n  sweep = MIN(opening, 500 - interest)\n  closing = opening - sweep\n";

  it("[LA33] an undeclared loop is told with its path and the two ways out", () => {
    const [problem, ...rest] = check(debt).diagnostics;
    expect(rest).toEqual([]);
    expect(problem).toMatchObject({
      code: "model/undeclared-loop",
      message: "debt.interest → debt.closing → debt.sweep → debt.interest, within one month",
      hint: "declare it (`loop closing start …`) or break it (`opening * rate / 12`)",
    });
  });

  it("[LA33] [FP55] the path names members and periods where not all are in the loop", () => {
    const messages = (lines: string) => check(lines).diagnostics.map(({ message }) => message);
    expect(messages('block b by s, month\n  x = IF(MEMBER(s) = "A", y, 1)\n  y = x\n')).toEqual([
      "b.x[A] → b.y[A] → b.x[A], within one month",
    ]);
    expect(messages("block b by month\n  x = IF(PERIOD_INDEX() = 3, y, 1)\n  y = x\n")).toEqual([
      "b.x[2026-03] → b.y[2026-03] → b.x[2026-03], within one month",
    ]);
    expect(messages('block b by s\n  x = IF(MEMBER(s) = "A", x[B], x[A])\n')).toEqual([
      "b.x[A] → b.x[B] → b.x[A]",
    ]);
    expect(messages("block b by s\n  x = x[A] / 2 + 1\n")).toEqual(["b.x[A] → b.x[A]"]);
  });

  it("[LA33] declared, it is a loop with its settings", () => {
    const { value, diagnostics } = check(
      `${debt}  loop closing  start opening  tolerance 0.01 USD  limit 50\n`,
    );
    expect(diagnostics).toEqual([]);
    expect(value?.loops).toMatchObject([
      { attribute: "debt.closing", toleranceAbsolute: 0.01, toleranceRelative: 1e-9, iterationsMax: 50 },
    ]);
    expect(value?.loops[0]?.start?.references[0]?.attribute).toBe("debt.opening");
  });

  it("[LA33] self-reference, reductions and windows with the current period are loops", () => {
    expect(codes("block b\n  x = x / 2 + 1\n")).toEqual(["model/undeclared-loop"]);
    expect(codes("block b by s\n  x = sum(x over s) / 10 + 1\n")).toEqual(["model/undeclared-loop"]);
    expect(codes("block b by month\n  x = SUM(x[t-1..t]) / 4  start 0\n")).toEqual(["model/undeclared-loop"]);
    expect(codes("block b by month\n  x = x[t-1]  start y\n  y = x\n")).toEqual(["model/undeclared-loop"]);
  });

  it("[LA34] every cycle runs through a cut", () => {
    const two = "block b\n  p = q / 2\n  q = p / 2 + r / 4\n  r = q / 2 + u / 8\n  u = r / 2\n";
    expect(codes(`${two}  loop q\n`)).toEqual(["model/undeclared-loop"]);
    expect(codes(`${two}  loop q\n  loop r\n`)).toEqual([]);
  });

  it("[LA35] needless loops are warnings, loops on inputs errors", () => {
    expect(codes("block b\n  input x = 1\n  y = x\n  loop y\n")).toEqual(["warning model/needless-loop"]);
    // With a formula broken nobody knows whether it stands in the loop.
    expect(codes("block b\n  y = z / 2\n  z = y + nothing\n  loop y\n")).toEqual(["formula/unknown-name"]);
    expect(codes("block b\n  input x = 1\n  y = x\n  loop x\n")).toEqual(["model/loop-on-input"]);
    expect(codes("block b\n  x = x / 2\n  loop z\n")).toContain("model/unknown-attribute");
  });

  it("[LA36] the start must be known before the loop", () => {
    expect(codes("block b by month\n  x = y / 2\n  y = x / 2\n  z = x + 1\n  loop x  start z\n")).toEqual([
      "model/loop-start-cycle",
    ]);
    expect(
      codes("block b by month\n  x = y / 2\n  y = x / 2\n  z = x[t-1]  start 0\n  loop x  start z\n"),
    ).toEqual([]);
  });

  it("[LA37] tolerances", () => {
    const settings = (clauses: string) => {
      const loop = check(`block b\n  x = x / 2\n  loop x  ${clauses}\n`).value?.loops[0];
      return [loop?.toleranceAbsolute, loop?.toleranceRelative, loop?.iterationsMax];
    };
    expect(settings("")).toEqual([1e-9, 1e-9, 100]);
    expect(settings("tolerance 0.5")).toEqual([0.5, 1e-9, 100]);
    expect(settings("tolerance 0.1%")).toEqual([0, 0.001, 100]);
    expect(settings("tolerance 0.5 USD  relative 1e-6  limit 7")).toEqual([0.5, 1e-6, 7]);
  });

  it("[LA38] cycles across periods must be declared, too", () => {
    const total = "block b by month\n  x = t.total / 10\nblock t\n  total = sum(b.x over month) + 1\n";
    expect(codes(total)).toEqual(["model/loop-across-periods"]);
    expect(codes(`${total}  loop total\n`)).toEqual([]);
    expect(codes("block b by month\n  x = y[2026-03]\n  y = x[t-1]  start 1\n")).toEqual([
      "model/loop-across-periods",
    ]);
    expect(codes("block b by month\n  x = y[2026-03]\n  y = x[t+1]  end 1\n")).toEqual([
      "model/loop-across-periods",
    ]);
    expect(codes("block b by month\n  x = y[2026-01]\n  y = x[t-1]  start 1\n")).toEqual([]);
  });

  it("[LA35] a loop line of an attribute with a cell in a cycle is needed, others are not", () => {
    const one = 'block b by s\n  x = IF(MEMBER(s) = "A", y, 1) / 2\n  y = x\n';
    expect(codes(`${one}  loop y\n`)).toEqual([]);
    const none = 'block b by s\n  x = IF(MEMBER(s) = "A", y[B], 1) / 2\n  y = x\n';
    expect(codes(`${none}  loop y\n`)).toEqual(["warning model/needless-loop"]);
  });

  it("[LA36] the start of a loop of some members may read others", () => {
    const one = 'block b by s\n  x = IF(MEMBER(s) = "A", y, 1) / 2\n  y = x\n';
    expect(codes(`${one}  loop y  start x[B]\n`)).toEqual([]);
    expect(codes(`${one}  loop y  start x[A]\n`)).toEqual(["model/loop-start-cycle"]);
  });
});

it("[LA33] a cycle that comes with new lines is found in a model checked again, and one that goes is gone", () => {
  const before = "block b\n  x = 1\n  y = x + 1\n";
  const cyclic = "block b\n  x = z\n  y = x + 1\n  z = y\n";
  const previous = check(before).value;
  expect(check(cyclic, previous).diagnostics.map(({ code }) => code)).toEqual(["model/undeclared-loop"]);
  const declared = check(`${cyclic}  loop z\n`, previous);
  expect(declared.value?.loops.map(({ attribute }) => attribute)).toEqual(["b.z"]);
  expect(check(`${before}  w = y\n`, declared.value).diagnostics).toEqual([]);
  expect(check(`${before}  w = y\n  loop w\n`, previous).diagnostics.map(({ code }) => code)).toEqual([
    "model/needless-loop",
  ]);
});
