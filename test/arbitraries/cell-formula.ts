/**
 * Random formulas over the formula world (formula-world.ts) as text, with the axes they are for and their clauses.
 * Most of them bind; those that do not are passed over by the caller. `isNumeric` ones use nothing but what a fused loop
 * can do, so over columns of numbers they must become one.
 */
import type { Axis } from "@reckon/value";
import type { Choices } from "./choices.ts";
import { month, region, segment } from "./formula-world.ts";

export interface CellFormula {
  readonly text: string;
  readonly start?: string;
  readonly end?: string;
  readonly axes: readonly Axis[];
  readonly isNumeric: boolean;
}

const shapes: readonly (readonly Axis[])[] = [
  [segment, month],
  [month],
  [],
  [region, segment],
  [region, segment, month],
  [segment],
];

/** Single cells that every target can read, by the axes they need. */
const plain: readonly (readonly [string, readonly Axis[]])[] = [
  ["rate", []],
  ["price", [segment]],
  ["tax", [region]],
  ["season", [month]],
  ["share", [region, segment]],
  ["seats", [segment, month]],
  ["mrr", [segment, month]],
  ["price[Mid]", []],
  ["seats[Ent]", [month]],
  ["seats[2026-04]", [segment]],
  ["sales[SMB, US, 2026-02]", []],
  ["self[t-1]", [month]],
  ["season[t-2]", [month]],
  ["season[t+1]", [month]],
  ["seats[t-1]", [segment, month]],
];

/** Spans that can stand in a reduction alone, by the axes their target needs. */
const spans: readonly (readonly [string, readonly Axis[]])[] = [
  ["price[*]", []],
  ["season[*]", []],
  ["season[2026-Q2]", []],
  ["seats[*]", [month]],
  ["season[t-2..t clip]", [month]],
  ["seats[t-3..t-1 clip]", [segment, month]],
  ["season[t-1..t+1]", [month]],
  ["seats[..t]", [segment, month]],
  ["season[t-1..]", [month]],
  ["price[Mid..Ent] * 2", []],
  ["seats[t-2..t clip] * mrr[t-2..t clip]", [segment, month]],
];

/** What only the cells path and the interpreter do. */
const others: readonly (readonly [string, readonly Axis[]])[] = [
  ['rate & "x"', []],
  ["IFERROR(rate / price, -1)", [segment]],
  ["price[favourite]", [region]],
  ["LEN(note)", []],
  ['IF(note = "Ent", 1, rate)', []],
  ["sum(share * price * tax over segment, region)", []],
  ["COUNTA(price[*])", []],
  ["PERIOD_LABEL()", [month]],
  ["MEMBER(segment)", [segment]],
  ["LAMBDA(x, x * rate)(2)", []],
  ["REDUCE(0, price[*], LAMBDA(a, b, a + b))", []],
  ["CHOOSE(MOD(PERIOD_INDEX(), 3) + 1, rate, season, 1 / 0)", [month]],
  ["IF(rate > 0, , season)", [month]],
  ["{1, 2, 3} * rate", []],
  ["INDEX({1, 2; 3, 4}, 2, 1) + rate", []],
  ["SWITCH(rate, 0, season, 1)", [month]],
  ["TEXTJOIN(note, TRUE, price[*])", []],
];

/** A random formula. */
export function cellFormula(choices: Choices): CellFormula {
  const axes = choices.pick(shapes);
  const isNumeric = !choices.once(3);
  const text = numeric(choices, { axes, depth: 3, isNumeric, over: undefined });
  const start = choices.pick(["0", "100", "rate", axes.includes(segment) ? "price * 2" : "-1.5"]);
  return { text, axes, isNumeric, start, end: choices.pick(["0", "rate", "7"]) };
}

interface Spot {
  readonly axes: readonly Axis[];
  readonly depth: number;
  readonly isNumeric: boolean;
  /** Inside the arguments of a reduction over this axis. */
  readonly over: Axis | undefined;
}

function fits(needed: readonly Axis[], { axes, over }: Spot): boolean {
  return needed.every((axis) => axes.includes(axis) || axis === over);
}

function leaf(choices: Choices, spot: Spot): string {
  const options = plain.filter(
    ([text, needed]) => fits(needed, spot) && !(text.includes("[t") && !spot.axes.includes(month)),
  );
  if (choices.once(4)) return choices.pick(["0", "2", "0.5", "1e200", "-3", "1e-320"]);
  return choices.pick(options)[0];
}

function numeric(choices: Choices, spot: Spot): string {
  if (spot.depth <= 0) return leaf(choices, spot);
  const inner = (): string => numeric(choices, { ...spot, depth: spot.depth - 1 });
  switch (choices.below(12)) {
    case 0:
    case 1:
      return leaf(choices, spot);
    case 2:
    case 3:
      return `(${inner()} ${choices.pick(["+", "-", "*", "/"])} ${inner()})`;
    case 4:
      return `(${inner()} ${choices.pick(["^", "+", "-"])} ${inner()} * ${inner()})`;
    case 5:
      return `IF(${condition(choices, spot)}, ${inner()}, ${inner()})`;
    case 6:
      return `${choices.pick(["MIN", "MAX", "SUM"])}(${inner()}, ${inner()})`;
    case 7:
      return choices.pick([
        `ABS(${inner()})`,
        `ROUND(${inner()}, 2)`,
        `SQRT(${inner()})`,
        `LN(${inner()})`,
        `EXP(${inner()})`,
        `INT(${inner()})`,
        `MOD(${inner()}, ${inner()})`,
      ]);
    case 8:
      return `-${inner()}%`;
    case 9:
      return reduction(choices, spot);
    case 10:
      if (spot.axes.includes(month)) return choices.pick(["PERIOD_INDEX()", "PERIOD()", "PERIODS()"]);
      return spot.axes.includes(segment) ? "MEMBER_INDEX(segment)" : leaf(choices, spot);
    default:
      return spot.isNumeric ? `LET(x, ${leaf(choices, spot)}, x * 2 + x)` : other(choices, spot);
  }
}

function other(choices: Choices, spot: Spot): string {
  const options = others.filter(([, needed]) => fits(needed, spot));
  return `(${choices.pick(options)[0]})`;
}

function condition(choices: Choices, spot: Spot): string {
  const inner = (): string => numeric(choices, { ...spot, depth: spot.depth - 2 });
  const compared = (): string => {
    const operator = choices.pick(["<", "<=", ">", ">=", "=", "<>"]);
    const left = inner();
    // Numbers that differ in their last bits only are compared by 15 digits.
    return choices.once(4)
      ? `${left} + 0.1 + 0.2 ${operator} ${left} + 0.3`
      : `${left} ${operator} ${inner()}`;
  };
  switch (choices.below(5)) {
    case 0:
      return `AND(${compared()}, ${compared()})`;
    case 1:
      return `OR(${compared()}, ${inner()})`;
    case 2:
      return `NOT(${compared()})`;
    case 3:
      return inner();
    default:
      return compared();
  }
}

function reduction(choices: Choices, spot: Spot): string {
  const name = choices.pick(["SUM", "MIN", "MAX", "AVERAGE", "COUNT"]);
  if (spot.over !== undefined) return leaf(choices, spot);
  if (choices.once(2)) {
    const options = spans.filter(([, needed]) => fits(needed, spot));
    return `${name}(${choices.pick(options)[0]})`;
  }
  const over = choices.pick(
    [segment, region, month].filter((axis) => !spot.axes.includes(axis) || axis !== month),
  );
  const anchor = over === segment ? "price" : over === region ? "tax" : "season";
  const element = numeric(choices, { ...spot, depth: spot.depth - 1, over });
  return `${name}(${anchor} + ${element} over ${over.name})`;
}
