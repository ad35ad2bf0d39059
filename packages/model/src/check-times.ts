/**
 * Warns of smoothings and delays that are shorter than a step: a stock that should lose in a step more than it holds
 * overshoots, and what is delayed comes out a whole step later.
 *
 * Times are looked at that are made of constants and inputs, as the model gives them; a scenario may say others.
 * Cost: the calls, and the cells of their times, of each no more than `cellsMax`.
 */
import { evaluateCell } from "@reckon/formula";
import type { CheckReport } from "./check-report.ts";
import type { CheckedAttribute, CheckedFormula } from "./declarations.ts";
import type { DeclaredAttribute, DeclaredNames } from "./declared-names.ts";

const cellsMax = 4096;

export function checkTimes(
  stocks: readonly CheckedFormula[],
  attributes: readonly CheckedAttribute[],
  { names, report }: { readonly names: DeclaredNames; readonly report: CheckReport },
): void {
  const timed = stocks.filter(({ time }) => time !== undefined);
  if (timed.length === 0) return;
  const byId = new Map(attributes.map((attribute) => [attribute.id, attribute]));
  for (const stock of timed) {
    const shortest = shortestTime(stock, byId);
    const steps = stock.integration?.stepsPerPeriod ?? 1;
    if (shortest === undefined || shortest * steps >= 1 - 1e-9 || !mayOvershoot(stock, shortest)) continue;
    const { at } = names.attributes.get(stock.partOf ?? stock.id) as DeclaredAttribute;
    const within = stock.axes.find((axis) => axis.time !== undefined)?.name ?? "period";
    const facts = { call: stock.text, time: shown(shortest), step: shown(1 / steps), within };
    const isFixed = stock.formula.delay !== undefined;
    // A step is a whole part of a period.
    const wanted = shortest > 0 ? shown(1 / Math.ceil(1 / shortest - 1e-9)) : undefined;
    const place = { item: at, span: stock.span };
    report.add(
      "model/short-time",
      place,
      { ...facts, isFixed, ...(wanted === undefined ? {} : { wanted }) },
      { severity: "warning" },
    );
  }
}

/** The ids of the inputs that times are made of. */
export function timeInputs(stocks: readonly CheckedFormula[]): ReadonlySet<string> {
  return new Set(stocks.flatMap(({ time }) => time?.references.map(({ attribute }) => attribute) ?? []));
}

/** A time of 0 or less of anything but a fixed delay is an error value, and says so itself. */
function mayOvershoot({ formula }: CheckedFormula, time: number): boolean {
  return time > 0 || (formula.delay !== undefined && time === 0);
}

/** The least of the times, in periods, of one stage where there are three; undefined where they are not known. */
function shortestTime(
  { time, axes, text, formula }: CheckedFormula,
  attributes: ReadonlyMap<string, CheckedAttribute>,
): number | undefined {
  if (time === undefined || time.callsModule) return undefined;
  const inputs = time.references.map(({ attribute }) => attributes.get(attribute));
  if (!inputs.every((input) => input?.kind === "input")) return undefined;
  const periods = axes.find((axis) => axis.time !== undefined)?.labels.length ?? 1;
  const cells = axes.reduce((product, axis) => product * axis.labels.length, 1);
  const columns = inputs.map(({ column }) => column);
  let least = Number.POSITIVE_INFINITY;
  // A fixed delay has the time of the first period throughout; what is constant is so everywhere.
  const step = formula.delay !== undefined ? periods : 1;
  const end = time.references.length === 0 ? 1 : Math.min(cells, cellsMax * step);
  for (let cell = 0; cell < end; cell += step) {
    const value = evaluateCell(time, columns, { outer: Math.floor(cell / periods), period: cell % periods });
    if (typeof value === "number") least = Math.min(least, value);
  }
  return least === Number.POSITIVE_INFINITY ? undefined : isOfThree(text) ? least / 3 : least;
}

function isOfThree(text: string): boolean {
  return /^\s*\w+3\b/.test(text);
}

/** A part of a period as one would write it: 0.25, 1/3. */
function shown(part: number): string {
  const rounded = Number(part.toPrecision(6));
  if (Math.abs(rounded - part) <= 1e-12 * part) return String(rounded);
  const steps = Math.round(1 / part);
  return Math.abs(steps * part - 1) < 1e-12 ? `1/${steps}` : String(Number(part.toPrecision(3)));
}
