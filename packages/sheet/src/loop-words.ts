/** How a solve went in words, the same wherever it is told: in warnings, in `why`, in tables of loops. */

import { isErrorValue, type Scalar } from "@reckon/value";
import type { LoopSolve } from "./api.ts";

const digits = 3;
const longFrom = 1e6;
/** A plain iteration that shrinks its distance by less than this a sweep is slow. */
const slowFrom = 0.9;
/** A ratio beyond it tells no more than that it is large. */
const ratioToldMax = 1e6;
/** Steps that end so many times further off than the nearest point were on another way. */
const strayFrom = 3;
/** A record keeps no more of the last ones in order. */
const residualsLooked = 8;

/** Three digits. */
export function roundText(value: number): string {
  if (Number.isNaN(value)) return "unknown";
  if (!Number.isFinite(value)) return value > 0 ? "infinite" : "-infinite";
  const magnitude = Math.abs(value);
  if (magnitude >= longFrom) return value.toExponential(digits - 1).replace(/\.?0*e\+/, "e");
  return String(Number(value.toPrecision(digits)));
}

/**
 * One line: `50 of 50 iterations, residual 14.2 USD > 0.01, oscillating (ratio -1.31); damping 0.5 predicts -0.155`, or
 * `converged in 7 iterations, last change 3.1e-10 USD, ratio -0.31, by aitken`.
 */
export function solveText(solve: LoopSolve): string {
  const { verdict, iterations, lastDelta, ratio, settings, tolerance, method } = solve;
  const unit = solve.unit === undefined ? "" : ` ${solve.unit}`;
  if (verdict === "converged") {
    const change = `, last change ${roundText(lastDelta)}${lastDelta === 0 ? "" : unit}`;
    const speed = ratio === undefined ? "" : `, ratio ${roundText(ratio)}`;
    return `converged in ${counted(iterations, "iteration")}${change}${speed}, by ${methodText(solve)}`;
  }
  const taken = `${iterations} of ${counted(settings.iterationsMax, "iteration")}`;
  if (verdict === "error") return `stopped by ${errorText(solve)}`;
  const against = lastDelta > tolerance ? ` > ${roundText(tolerance)}` : "";
  const isOfNumbers = solve.cuts.every(({ value }) => typeof value === "number" || isErrorValue(value));
  const residual = Number.isFinite(lastDelta)
    ? `, residual ${roundText(lastDelta)}${unit}${against}`
    : // Texts and booleans differ by no amount.
      isOfNumbers
      ? ", residual out of all numbers"
      : "";
  const isTold = ratio !== undefined && verdict !== "switching" && Math.abs(ratio) < ratioToldMax;
  const rate = isTold ? ` (ratio ${roundText(ratio)})` : "";
  const by = method === "plain" ? "" : `, by ${methodText(solve)}`;
  return `${taken}${residual}, ${verdictText(verdict)}${rate}${by}${helpText(solve)}`;
}

/**
 * Residuals as logarithms, to be drawn: each step down is a factor. One of 0 counts as a tenth of the smallest, one that
 * is not finite as ten times the largest. What differs by a hundredth of a digit is drawn alike.
 */
export function residualLogs(residuals: readonly number[]): readonly number[] {
  const logOf = (residual: number): number => Math.round(100 * Math.log10(residual)) / 100;
  const sizes = residuals.filter((residual) => Number.isFinite(residual) && residual > 0).map(logOf);
  const low = sizes.length === 0 ? 0 : Math.min(...sizes);
  const high = sizes.length === 0 ? 0 : Math.max(...sizes);
  return residuals.map((residual) => {
    if (!Number.isFinite(residual)) return high + 1;
    return residual > 0 ? logOf(residual) : low - 1;
  });
}

/** A ratio in a table. */
export function ratioText(ratio: number): string {
  if (Math.abs(ratio) < ratioToldMax || Number.isNaN(ratio)) return roundText(ratio);
  return ratio > 0 ? "> 1e6" : "< -1e6";
}

/** A verdict as a reader knows it. */
export function verdictText(verdict: LoopSolve["verdict"]): string {
  return verdict === "limit" ? "limit reached" : verdict;
}

/** `#DIV/0!, which began in b.cash[2026-03]`. */
function errorText({ cuts }: LoopSolve): string {
  const error = cuts.map(({ value }) => value).find(isErrorValue);
  if (error === undefined) return "an error value";
  if (error.origin === undefined) return error.code;
  const { attribute, at } = error.origin;
  return `${error.code}, which began in ${attribute}${at.length === 0 ? "" : `[${at.join(", ")}]`}`;
}

function methodText({ method, settings }: LoopSolve): string {
  return method === "damped" && settings.damping !== undefined
    ? `damped ${roundText(settings.damping)}`
    : method;
}

function helpText({ damping, dampedRatio, verdict }: LoopSolve): string {
  // A jump is not damped away.
  if (damping === undefined || verdict === "switching") return "";
  const predicted = dampedRatio === undefined ? " would help" : ` predicts ${roundText(dampedRatio)}`;
  return `; damping ${roundText(damping)}${predicted}`;
}

/** Where the solve of a cut began: `debt.closing from 2000000 (start opening)`. */
export function startText({ settings, start, at }: LoopSolve, cut: LoopSolve["cuts"][number]): string {
  // Of a solve of several members the cell that is told.
  const own = cut.at.filter((label) => !at.includes(label));
  const name = own.length === 0 ? cut.attribute : `${cut.attribute}[${own.join(", ")}]`;
  if (start === "warm" || cut.start === undefined) return `${name} from its last solution (warm)`;
  const written = settings.cuts.find(({ attribute }) => attribute === cut.attribute)?.start;
  const isNumber =
    written !== undefined && written !== "" && Number(written.replaceAll("_", "")) === cut.start;
  const isLiteral =
    isNumber || (typeof cut.start !== "number" && written === scalarText(cut.start, shortDigits));
  const why = written === undefined ? "no start is declared" : isLiteral ? "declared" : `start ${written}`;
  const digits = isNumber ? exactDigits : shortDigits;
  return `${name} from ${scalarText(cut.start, digits)} (${why})`;
}

const exactDigits = 15;
const shortDigits = 4;

function scalarText(value: Scalar, digits: number): string {
  if (typeof value === "number") return numberText(value, digits);
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  return isErrorValue(value) ? value.code : "blank";
}

/** Grouped, with two decimals at least where it has some, and all of a whole number: `1,234,567`, `542.79`, `0.0001235`. */
function numberText(value: number, digits: number): string {
  const magnitude = Math.abs(value);
  if (magnitude >= 1e15 || (magnitude > 0 && magnitude < 1e-6)) return roundText(value);
  const before = magnitude === 0 ? 1 : Math.floor(Math.log10(magnitude)) + 1;
  const decimals = Math.max(digits - Math.min(before, digits), magnitude < 1 ? 0 : 2);
  const [whole = "", part = ""] = value.toFixed(decimals).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  const trimmed = part.replace(/0+$/, "");
  return trimmed === "" ? grouped : `${grouped}.${trimmed}`;
}

/** What would help, a sentence each; none where nothing is wrong. */
export function solveAdvice(solve: LoopSolve): readonly string[] {
  const declared = solve.settings.method;
  const freely = declared === "auto" ? [] : [`leave out \`method ${declared}\`: auto takes what it measures`];
  switch (solve.verdict) {
    case "converged":
      return convergedAdvice(solve, freely);
    case "limit":
      return [...limitAdvice(solve), ...freely];
    case "oscillating":
      return [...dampingAdvice(solve), ...freely, ...(declared === "newton" ? [] : ["try `method newton`"])];
    case "diverging":
      return [
        ...dampingAdvice(solve),
        ...freely,
        isEvenStep(solve)
          ? evenAdvice
          : "each step leads further away: start nearer to a solution, if there is one",
        "or break the loop: let one member read the period before (`[t-1]`)",
      ];
    case "switching":
      return [
        ...(solve.settledBy === undefined ? [] : [`no value fits, so one was chosen: ${solve.settledBy}`]),
        "a condition or a rounding inside jumps over the solution: MIN and MAX do not jump",
        "or let the condition read the period before (`[t-1]`)",
      ];
    case "error":
      return [
        ...startAdvice(solve),
        "as soon as the error is gone, the loop is solved from its declared start",
      ];
    default:
      return solve.verdict satisfies never;
  }
}

function convergedAdvice({ ratio, method }: LoopSolve, freely: readonly string[]): readonly string[] {
  if (ratio === undefined) return [];
  if (Math.abs(ratio) >= 1) {
    return [
      `a plain iteration does not come to this solution (ratio ${roundText(ratio)}); \`reckon loops --from\` looks for others`,
    ];
  }
  const isSlow = Math.abs(ratio) >= slowFrom && (method === "plain" || method === "damped");
  return isSlow ? freely : [];
}

/** `x = y + 1`, `y = x`: what moves on evenly goes on for ever. */
function isEvenStep({ ratio, residuals, lastDelta }: LoopSolve): boolean {
  const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-6 * Math.abs(b);
  const isEven = residuals.length > 2 && residuals.every((residual) => near(residual, lastDelta));
  return ratio !== undefined && near(ratio, 1) && isEven;
}

/** An error that begins in the loop itself, where no start is declared: 0 may be where a formula has no value. */
function startAdvice({ attributes, at, cuts, settings, start }: LoopSolve): readonly string[] {
  const origin = cuts.map(({ value }) => value).find(isErrorValue)?.origin;
  const isOwn =
    origin !== undefined &&
    attributes.includes(origin.attribute) &&
    at.every((label) => origin.at.includes(label));
  const cut = settings.cuts.find((each) => each.start === undefined);
  if (!isOwn || cut === undefined || start === "warm") return [];
  const name = cut.attribute.slice(cut.attribute.lastIndexOf(".") + 1);
  return [`the loop begins at 0: if that makes the error, declare another start (\`loop ${name}  start 1\`)`];
}

const evenAdvice = "each step moves by the same amount, wherever it is: no value fits";

function limitAdvice(solve: LoopSolve): readonly string[] {
  const { ratio, iterations, lastDelta, tolerance, settings } = solve;
  if (isEvenStep(solve)) return [evenAdvice];
  const rate = Math.abs(ratio ?? Number.NaN);
  if (iterations < settings.iterationsMax) {
    return ["it hardly moves here, so that no solution could be proven: a higher `limit` does not help"];
  }
  if (!(rate > 0 && rate < 1 && lastDelta > tolerance && tolerance > 0)) {
    return ["raise `limit`, or start nearer to the solution"];
  }
  if (!isOnItsWay(solve, rate)) {
    return ["its last steps came no nearer: perhaps there is no solution here, so try another `start`"];
  }
  const needed = iterations + Math.ceil(Math.log(tolerance / lastDelta) / Math.log(rate)) + 1;
  return [`on its way: at this ratio about \`limit ${roundedUp(needed)}\` is enough`];
}

/** Whether the last residuals, but the one of the sweep in the end, fell at about the rate. */
function isOnItsWay({ residuals, lastDelta }: LoopSolve, rate: number): boolean {
  const last = residuals.slice(-residualsLooked, -1);
  const [first] = last;
  const end = last.at(-1);
  if (first === undefined || end === undefined || last.length < 3) return true;
  // What stands was found long before.
  if (lastDelta * strayFrom < end * rate) return false;
  const measured = (end / first) ** (1 / (last.length - 1));
  // Half as fast counts.
  return measured <= (1 + rate) / 2;
}

function dampingAdvice({ damping, dampedRatio }: LoopSolve): readonly string[] {
  if (damping === undefined) return [];
  const predicted = dampedRatio === undefined ? "" : `: it predicts a ratio of ${roundText(dampedRatio)}`;
  return [`\`method damped  damping ${roundText(damping)}\`${predicted}`];
}

/** To two digits, upwards. */
function roundedUp(count: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(count)) - 1);
  return Math.ceil(count / step) * step;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
