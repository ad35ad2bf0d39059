/** Cash flows: present values and rates of return; rates converted. */
import { type ErrorValue, errorValue, isArrayValue, isErrorValue, type Scalar } from "@reckon/value";
import { toNumber } from "./coerce.ts";
import { type FunctionDefinition, isLambda, type Value } from "./definition.ts";
import { cellsOf, numbersOf, reduceNumbers } from "./number-arguments.ts";
import { finiteOf } from "./operators.ts";
import { familyOf, number, optional, strictNumber, value } from "./parameter.ts";
import { findRoot } from "./root-finding.ts";

const flows = value("values", "amounts of equal periods; at least one negative and one positive");
const guess = optional(number("guess", "where to begin looking"), 0.1);
const dates = value("dates", "a date for each amount; the first is the earliest");

export const flowFunctions: readonly FunctionDefinition[] = familyOf("financial", [
  {
    name: "NPV",
    parameters: [
      number("rate", "interest of one period"),
      value("value", "amounts at the end of the periods"),
    ],
    repeat: 1,
    doc: "What later amounts are worth one period before the first.",
    example: ["=ROUND(NPV(10%,-10000,3000,4200,6800),2)", "1188.44"],
    implement: (rate: number, ...args: Value[]) =>
      rate === -1
        ? errorValue("#DIV/0!")
        : reduceNumbers(args, (all) =>
            finiteOf(all.reduce((total, flow, i) => total + flow / (1 + rate) ** (i + 1), 0)),
          ),
  },
  {
    name: "IRR",
    parameters: [flows, guess],
    doc: "The rate at which amounts of equal periods are worth nothing together.",
    example: ["=ROUND(IRR({-70000,12000,15000,18000,21000,26000}),4)", "0.0866"],
    implement: (amounts: Value, start: number) =>
      reduceNumbers([amounts], (all) => {
        if (!changesSign(all)) return errorValue("#NUM!", "the amounts have one sign");
        return rateWhere(
          all,
          all.map((_, i) => i),
          start,
        );
      }),
  },
  {
    name: "MIRR",
    parameters: [flows, number("finance_rate", "interest paid"), number("reinvest_rate", "interest earned")],
    doc: "The rate of return when what comes in is invested at another rate.",
    example: ["=ROUND(MIRR({-120000,39000,30000,21000,37000,46000},10%,12%),4)", "0.1261"],
    implement: (amounts: Value, paid: number, earned: number) =>
      reduceNumbers([amounts], (all) => modifiedRate(all, paid, earned)),
  },
  {
    name: "XNPV",
    parameters: [number("rate", "interest of a year"), value("values", "the amounts"), dates],
    doc: "What dated amounts are worth on the first date.",
    example: ["=ROUND(XNPV(10%,{-100,110},{46023,46388}),6)", "0"],
    implement: (rate: number, amounts: Value, days: Value) => {
      const dated = datedFlows(amounts, days);
      if (isErrorValue(dated)) return dated;
      if (rate <= -1) return errorValue("#NUM!", "the rate is -100 % or below");
      return finiteOf(presentValue(dated.flows, dated.years, rate));
    },
  },
  {
    name: "XIRR",
    parameters: [value("values", "the amounts"), dates, guess],
    doc: "The yearly rate at which dated amounts are worth nothing together.",
    example: ["=ROUND(XIRR({-100,110},{46023,46388}),6)", "0.1"],
    implement: (amounts: Value, days: Value, start: number) => {
      const dated = datedFlows(amounts, days);
      if (isErrorValue(dated)) return dated;
      if (!changesSign(dated.flows)) return errorValue("#NUM!", "the amounts have one sign");
      return start <= -1 ? errorValue("#NUM!") : rateWhere(dated.flows, dated.years, start);
    },
  },
  {
    name: "FVSCHEDULE",
    parameters: [
      number("principal", "the amount at the start"),
      value("schedule", "the interest of each period"),
    ],
    doc: "What an amount grows to at rates that change.",
    example: ["=FVSCHEDULE(100,{0.5,1})", "300"],
    implement: (amount: number, rates: Value) => {
      let result = amount;
      for (const cell of cellsOf(rates)) {
        const rate = typeof cell === "string" ? errorValue("#VALUE!") : toNumber(cell);
        if (typeof rate !== "number") return rate;
        result *= 1 + rate;
      }
      return finiteOf(result);
    },
  },
  {
    name: "RRI",
    parameters: [
      number("nper", "periods"),
      number("pv", "the amount at the start"),
      number("fv", "the amount at the end"),
    ],
    doc: "The interest of one period at which an amount grows to another.",
    example: ["=ROUND(RRI(2,100,121),6)", "0.1"],
    implement: (n: number, pv: number, fv: number) => {
      if (n <= 0 || pv === 0) return errorValue("#NUM!");
      return finiteOf((fv / pv) ** (1 / n) - 1);
    },
  },
  {
    name: "PDURATION",
    parameters: [
      number("rate", "interest of one period"),
      number("pv", "the amount at the start"),
      number("fv", "the amount wanted"),
    ],
    doc: "How many periods an amount takes to grow to another.",
    example: ["=ROUND(PDURATION(10%,100,121),6)", "2"],
    implement: (rate: number, pv: number, fv: number) =>
      rate <= 0 || pv <= 0 || fv <= 0
        ? errorValue("#NUM!")
        : finiteOf((Math.log(fv) - Math.log(pv)) / Math.log1p(rate)),
  },
  {
    name: "EFFECT",
    parameters: [
      strictNumber("nominal_rate", "the yearly rate as named"),
      strictNumber("npery", "interest periods in a year, ≥ 1"),
    ],
    doc: "The yearly rate that compounding makes of a nominal one.",
    example: ["=ROUND(EFFECT(5.25%,4),6)", "0.053543"],
    implement: (rate: number, count: number) => {
      const whole = Math.trunc(count);
      return rate <= 0 || whole < 1 ? errorValue("#NUM!") : finiteOf((1 + rate / whole) ** whole - 1);
    },
  },
  {
    name: "NOMINAL",
    parameters: [
      strictNumber("effect_rate", "the yearly rate with compounding"),
      strictNumber("npery", "interest periods in a year, ≥ 1"),
    ],
    doc: "The nominal yearly rate behind an effective one.",
    example: ["=ROUND(NOMINAL(5.3543%,4),6)", "0.0525"],
    implement: (rate: number, count: number) => {
      const whole = Math.trunc(count);
      return rate <= 0 || whole < 1 ? errorValue("#NUM!") : finiteOf(((1 + rate) ** (1 / whole) - 1) * whole);
    },
  },
]);

function presentValue(amounts: readonly number[], times: readonly number[], rate: number): number {
  return amounts.reduce((total, flow, i) => total + flow / (1 + rate) ** (times[i] as number), 0);
}

function rateWhere(amounts: readonly number[], times: readonly number[], start: number): number | ErrorValue {
  const scale = amounts.reduce((most, flow) => Math.max(most, Math.abs(flow)), 0);
  const worth = (rate: number): number => presentValue(amounts, times, rate) / scale;
  return findRoot(worth, start, -0.999999) ?? errorValue("#NUM!", "no rate fits");
}

function changesSign(amounts: readonly number[]): boolean {
  return amounts.some((flow) => flow > 0) && amounts.some((flow) => flow < 0);
}

function modifiedRate(amounts: readonly number[], paid: number, earned: number): Scalar {
  const n = amounts.length;
  // Only the amounts of each sign count, so that a rate of -100 % harms none that is not there.
  const outgoing = amounts.reduce((total, flow, i) => (flow < 0 ? total + flow / (1 + paid) ** i : total), 0);
  const incoming = amounts.reduce(
    (total, flow, i) => (flow > 0 ? total + flow * (1 + earned) ** (n - 1 - i) : total),
    0,
  );
  if (outgoing === 0 || n < 2) return errorValue("#DIV/0!", "nothing is paid out");
  const rate = (incoming / -outgoing) ** (1 / (n - 1)) - 1;
  return rate === Number.POSITIVE_INFINITY ? errorValue("#DIV/0!") : finiteOf(rate);
}

/** Amounts with the years (of 365 days) between their dates and the first. */
function datedFlows(amounts: Value, days: Value): { flows: number[]; years: number[] } | ErrorValue {
  const flowsOf = strictNumbers(amounts);
  if (isErrorValue(flowsOf)) return flowsOf;
  const daysOf = strictNumbers(days);
  if (isErrorValue(daysOf)) return daysOf;
  if (flowsOf.length !== daysOf.length) return errorValue("#NUM!", "amounts and dates differ in count");
  const whole = daysOf.map(Math.floor);
  const first = whole[0];
  if (first === undefined) return errorValue("#NUM!", "there are no amounts");
  if (whole.some((day) => day < first || day < 0)) return errorValue("#NUM!", "a date lies before the first");
  return { flows: flowsOf, years: whole.map((day) => (day - first) / 365) };
}

/** Every cell as a number: a text here is a slip and not passed over. */
function strictNumbers(from: Value): number[] | ErrorValue {
  if (!isArrayValue(from) || isLambda(from)) return numbersOf([from]);
  const numbers: number[] = [];
  for (const cell of from.cells) {
    const each = typeof cell === "boolean" ? errorValue("#VALUE!") : toNumber(cell);
    if (typeof each !== "number") return each;
    numbers.push(each);
  }
  return numbers;
}
