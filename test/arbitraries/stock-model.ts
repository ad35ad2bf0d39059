/**
 * Random models of stocks: cascades and feedback over time, by Euler or Runge and Kutta, in steps of a period or finer,
 * with smoothings, delays, curves, lags and a scenario, with and without a second axis. Drawn from choices, so that a
 * failing model shrinks.
 *
 * Nothing reads in a circle within a period except through a stock: an auxiliary reads only those before it, first
 * values only inputs. Flows pull towards something, so numbers stay in range whatever is drawn.
 */
import fc from "fast-check";
import { Choices } from "./choices.ts";
import type { ModelText } from "./model.ts";

type StockSeed = readonly number[];

export const stockSeed: fc.Arbitrary<StockSeed> = fc.array(fc.nat(999), {
  minLength: 4,
  maxLength: 120,
  size: "max",
});

const firstYear = 2000;

interface Names {
  readonly inputs: readonly string[];
  readonly stocks: readonly string[];
  readonly curves: readonly string[];
}

/** The text of a model, and of a scenario that overrides some of its inputs. */
export function stockModelText(seed: StockSeed): ModelText {
  const choices = new Choices(seed);
  const periods = 2 + choices.below(7);
  const steps = choices.pick([1, 2, 1, 4, 3, 5]);
  const method = choices.pick(["euler", "euler", "rk4"]);
  const isWide = choices.once(3);
  const isLooped = choices.once(6);
  const names: Names = {
    inputs: Array.from({ length: 1 + choices.below(3) }, (_, i) => `input_${i}`),
    stocks: Array.from({ length: 1 + choices.below(4) }, (_, i) => `stock_${i}`),
    curves: Array.from({ length: choices.below(3) }, (_, i) => `curve_${i}`),
  };
  const dt = steps === 1 ? "" : `  dt ${steps === 3 ? "1/3" : 1 / steps}`;
  const lines = [
    "model moving",
    "",
    `time year ${firstYear}..${firstYear + periods - 1}${dt}  method ${method}`,
    ...(isWide ? ["axis place = A, B"] : []),
    "",
    `block world by ${isWide ? "place, " : ""}year`,
    ...names.inputs.map((name) => `  input ${name} = ${inputText(choices, periods, isWide)}`),
    ...names.curves.map((name) => `  curve ${name} = ${pointsText(choices)}`),
    ...auxiliaries(choices, names, 1 + choices.below(5), isWide),
    ...names.stocks.map((name) => stockText(choices, name, names, isLooped)),
    ...(isLooped ? loopLines(choices, names) : []),
    "",
    "block result",
    `  last = world.${choices.pick(names.stocks)}${isWide ? "[B," : "["}${firstYear + periods - 1}]`,
  ];
  const text = `${lines.join("\n")}\n`;
  const input = choices.pick(names.inputs);
  const at = choices.once(2) ? `[${isWide ? "A, " : ""}${firstYear + choices.below(periods)}..]` : "";
  const pin = choices.once(3) ? `  pin world.${choices.pick(names.stocks)}${at} = ${number(choices)}\n` : "";
  const scenario = `scenario other of moving\n  world.${input}${at} = ${number(choices)}\n${pin}`;
  return { text, scenarios: [{ source: "other.reckon", text: scenario }] };
}

function number(choices: Choices): string {
  const drawn = choices.below(41);
  return String((drawn % 2 === 0 ? drawn : -drawn) / 8);
}

function inputText(choices: Choices, periods: number, isWide: boolean): string {
  if (choices.below(3) === 0) return number(choices);
  const series = () => `[${Array.from({ length: periods }, () => number(choices)).join(", ")}]`;
  return isWide ? `{ A: ${series()}, B: ${series()} }` : series();
}

function pointsText(choices: Choices): string {
  let x = -3;
  const points = Array.from({ length: 2 + choices.below(3) }, () => {
    x += 1 + choices.below(3);
    return `(${x}, ${number(choices)})`;
  });
  return points.join(" ");
}

/** Two that read each other and a stock, and a third that reads them; their loop contracts. */
function loopLines(choices: Choices, names: Names): string[] {
  const least = choices.once(2) ? `MIN(open_0, ${number(choices)})` : "open_0";
  return [
    `  open_0 = 0.4 * close_0 + ${choices.pick(names.stocks)}`,
    `  close_0 = ${choices.pick(["0.5", "-0.7"])} * ${least} + ${choices.pick(names.inputs)} / 2`,
    "  loop close_0  start 0  tolerance 0.000000000001  limit 1000",
  ];
}

/** Auxiliaries, each from inputs, stocks, and those before it. */
function auxiliaries(choices: Choices, names: Names, count: number, isWide: boolean): string[] {
  const known: string[] = [...names.inputs, ...names.stocks];
  return Array.from({ length: count }, (_, i) => {
    const name = `f_${i}`;
    const line = `  ${name} = ${auxiliaryText(choices, known, names, name, isWide)}`;
    known.push(name);
    return line;
  });
}

function auxiliaryText(
  choices: Choices,
  known: readonly string[],
  names: Names,
  own: string,
  isWide: boolean,
): string {
  const read = (): string => choices.pick(known);
  const time = () => choices.pick(["2", "1.5", "3", "0.75 + 0.25", "4"]);
  const first = (): string => (choices.once(2) ? `, ${number(choices)}` : "");
  const curved = (): string => {
    const inner = `${read()} / 2`;
    return names.curves.length === 0 ? inner : `${choices.pick(names.curves)}(${inner})`;
  };
  const kinds: readonly (() => string)[] = [
    () => `${read()} * 0.5 - ${read()} * 0.25`,
    () => `SMOOTH(${read()}, ${time()}${first()})`,
    () => `SMOOTH3(${read()}, ${time()}${first()})`,
    () => `DELAY1(${read()}, ${time()}${first()})`,
    () => `DELAY3(${read()}, ${time()}${first()}) + ${read()}`,
    () => `DELAY_FIXED(${read()}, ${choices.pick(["1", "2", "0.5", "1.25", "3"])}, ${number(choices)})`,
    () => `${curved()} - 0.25 * ${read()}`,
    () => `MIN(${read()}, MAX(${read()}, ${number(choices)}))`,
    () => `IF(${read()} > ${number(choices)}, ${read()}, 1 / 3)`,
    () => `0.5 * ${own}[t-1] + ${read()} / 3  start ${number(choices)}`,
    () => `${read()}[t-1] + 0.125  start ${number(choices)}`,
    () => `${choices.pick(names.stocks)} / (1 + ABS(${read()}))`,
    () => `1 / ${read()}`,
    () => (isWide ? `${choices.pick([...names.inputs, ...names.stocks])}[A] * 0.5 + ${read()}` : read()),
    () => (isWide ? `sum(${choices.pick(names.stocks)} over place) / 4` : `IFERROR(1 / ${read()}, 2)`),
  ];
  return choices.pick(kinds)();
}

function stockText(choices: Choices, name: string, names: Names, isLooped: boolean): string {
  const others = [...names.inputs, ...names.stocks, "f_0", ...(isLooped ? ["close_0"] : [])];
  const pull = choices.pick(["0.3", "0.7", "0.125", "1 / 7"]);
  const goal = `${choices.pick(others)} / ${choices.pick(["2", "3", "1"])}`;
  const initial = choices.pick([
    number(choices),
    choices.pick(names.inputs),
    `${choices.pick(names.inputs)} * 0.5 + 1`,
  ]);
  return `  ${name} = integral((${goal} - ${name}) * ${pull})  start ${initial}`;
}
