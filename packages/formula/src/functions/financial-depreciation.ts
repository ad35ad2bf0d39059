/** Depreciation of a thing that costs `cost`, is worth `salvage` after `life` periods. */
import { type ErrorValue, errorValue } from "@reckon/value";
import type { FunctionDefinition } from "./definition.ts";
import { finiteOf } from "./operators.ts";
import { familyOf, logical, number, optional } from "./parameter.ts";

const cost = number("cost", "what it costs");
const salvage = number("salvage", "what it is worth at the end");
const life = number("life", "how many periods it lasts");
const period = number("period", "which period, from 1");
const factor = optional(number("factor", "how many times faster than level"), 2);

export const depreciationFunctions: readonly FunctionDefinition[] = familyOf("financial", [
  {
    name: "SLN",
    parameters: [cost, salvage, life],
    doc: "The level depreciation of a period.",
    example: ["=SLN(30000,7500,10)", "2250"],
    implement: (price: number, rest: number, periods: number) =>
      periods === 0 ? errorValue("#DIV/0!") : finiteOf((price - rest) / periods),
  },
  {
    name: "SYD",
    parameters: [cost, salvage, life, number("per", "which period, from 1")],
    doc: "The depreciation of a period by the sum of the years' digits.",
    example: ["=SYD(3000,600,5,1)", "800"],
    implement: (price: number, rest: number, periods: number, which: number) =>
      periods <= 0 || which <= 0 || which > periods || rest < 0
        ? errorValue("#NUM!")
        : finiteOf(((price - rest) * (periods - which + 1) * 2) / (periods * (periods + 1))),
  },
  {
    name: "DB",
    parameters: [
      cost,
      salvage,
      life,
      period,
      optional(number("month", "months of the first year, 1 to 12"), 12),
    ],
    doc: "The depreciation of a period by a fixed share of what is left, the share rounded to three places.",
    example: ["=ROUND(DB(1000000,100000,6,1,7),2)", "186083.33"],
    implement: decliningBalance,
  },
  {
    name: "DDB",
    parameters: [cost, salvage, life, period, factor],
    doc: "The depreciation of a period by twice, or more, the level share of what is left.",
    example: ["=DDB(2400,300,10,1,2)", "480"],
    implement: (price: number, rest: number, periods: number, which: number, speed: number) =>
      !isValid(price, rest, periods, speed) || which <= 0 || which > periods
        ? errorValue("#NUM!")
        : doubleDeclining(price, rest, periods, which, speed),
  },
  {
    name: "VDB",
    parameters: [
      cost,
      salvage,
      life,
      number("start_period", "from which point, 0 for the start"),
      number("end_period", "to which point"),
      factor,
      optional(logical("no_switch", "TRUE: never change over to level depreciation"), false),
    ],
    doc: "The depreciation between two points, changing over to level depreciation when that is more.",
    example: ["=VDB(2400,300,10,0,1)", "480"],
    implement: variableDeclining,
  },
]);

/** VDB goes through the periods one by one, so their count is bounded. */
const periodsMax = 1_000_000;

function decliningBalance(
  price: number,
  rest: number,
  periods: number,
  which: number,
  months: number,
): number | ErrorValue {
  const last = Math.trunc(months);
  const at = Math.trunc(which);
  const isPartial = last < 12;
  if (price < 0 || rest < 0 || periods <= 0 || at < 1 || last < 1 || last > 12) return errorValue("#NUM!");
  if (at > periods + (isPartial ? 1 : 0)) return errorValue("#NUM!", "there is no such period");
  if (price === 0) return 0;
  const share = Math.round((1 - (rest / price) ** (1 / periods)) * 1000) / 1000;
  const first = (price * share * last) / 12;
  if (at === 1) return first;
  const left = (price - first) * (1 - share) ** (at - 2);
  const isTail = isPartial && at > Math.trunc(periods);
  return finiteOf((left * share * (isTail ? 12 - last : 12)) / 12);
}

function isValid(price: number, rest: number, periods: number, speed: number): boolean {
  return price >= 0 && rest >= 0 && periods > 0 && speed > 0;
}

function doubleDeclining(price: number, rest: number, periods: number, which: number, speed: number): number {
  const share = Math.min(1, speed / periods);
  const before = share === 1 ? (which === 1 ? price : 0) : price * (1 - share) ** (which - 1);
  const after = price * (1 - share) ** which;
  return Math.max(0, before - Math.max(after, rest));
}

/** A period in which only part falls between the points counts by that part. */
function variableDeclining(
  price: number,
  rest: number,
  periods: number,
  start: number,
  end: number,
  speed: number,
  neverSwitches: boolean,
): number | ErrorValue {
  if (!isValid(price, rest, periods, speed) || start < 0 || end < start || end > periods)
    return errorValue("#NUM!");
  if (end > periodsMax) return errorValue("#NUM!", `more than ${periodsMax} periods`);
  if (neverSwitches) {
    let total = 0;
    for (let i = Math.floor(start); i < end; i++) {
      total += doubleDeclining(price, rest, periods, i + 1, speed) * overlap(i, start, end);
    }
    return finiteOf(total);
  }
  let left = price;
  let level = 0;
  let isLevel = false;
  let total = 0;
  for (let i = 0; i < end; i++) {
    const declining = doubleDeclining(price, rest, periods, i + 1, speed);
    if (!isLevel) {
      level = (left - rest) / (periods - i);
      isLevel = level > declining;
    }
    const amount = Math.max(0, isLevel ? level : declining);
    left -= amount;
    total += amount * overlap(i, start, end);
  }
  return finiteOf(total);
}

/** The share of the period from `i` to `i + 1` that lies between two points. */
function overlap(i: number, start: number, end: number): number {
  return Math.max(0, Math.min(i + 1, end) - Math.max(i, start));
}
