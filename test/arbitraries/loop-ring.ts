/**
 * Rings: x = S(k x + b), where S is one special stage (a bound, a condition, a rounding, a curve …) and the line before
 * it is spread over a chain of unknowns. Gains and offsets are small fractions of powers of two, so that the solutions
 * of the linear ones are exact.
 */
import type { LoopMethod, LoopVerdict } from "@reckon/engine";
import { zeroBetween } from "../spec/circular-models.ts";
import type { Choices } from "./choices.ts";
import { type LoopCase, type LoopDraft, loopCase } from "./loop-case.ts";
import {
  call,
  constant,
  ifAbove,
  larger,
  named,
  over,
  plus,
  rounded,
  smaller,
  type Term,
  times,
} from "./loop-term.ts";

/** A ring before its line is spread out. */
interface Ring extends Omit<LoopDraft, "unknowns" | "cuts" | "solutions"> {
  readonly k: number;
  readonly b: number;
  /** The special stage of what the line gives; absent: the line alone. */
  readonly stage?: (line: Term) => Term;
  /** All x with x = S(k x + b). */
  readonly solutions: readonly number[];
  readonly start?: number;
}

const solved: readonly LoopVerdict[] = ["converged"];
/** The verdicts of a loop that has no solution and no steps. */
const unsolvable: readonly LoopVerdict[] = ["limit", "oscillating", "diverging"];

function ring(choices: Choices, of: Ring): LoopCase {
  const { k, b, stage, solutions, start = 0, ...rest } = of;
  const count = 1 + choices.below(stage === undefined ? 5 : 4);
  const names = Array.from({ length: count }, (_, i) => `m${i + 1}`);
  const unknowns: [string, Term][] = [];
  // The line is α x + β so far; each stage but the last draws its own gain and offset.
  let [alpha, beta] = [1, 0];
  for (let i = 0; i < count; i++) {
    const before = named(names[(i + count - 1) % count] as string);
    if (i === count - 1) {
      const line = stageLine(before, k / alpha, b - (k / alpha) * beta);
      unknowns.push([names[i] as string, stage === undefined ? line : stage(line)]);
    } else {
      const [gain, offset] = [choices.pick([1, 0.5, 2, -1, -0.5, 4]), choices.pick([0, 1, -2, 8.5])];
      unknowns.push([names[i] as string, stageLine(before, gain, offset)]);
      [alpha, beta] = [gain * alpha, gain * beta + offset];
    }
  }
  const cut = names[count - 1] as string;
  return loopCase({
    ...rest,
    inputs: { ok: 1 },
    unknowns,
    cuts: { [cut]: start },
    solutions: solutions.map((x) => ({ [cut]: x })),
  });
}

/** gain × before + offset / ok, where `ok` is 1: tests make it 0, or something else, to break or to move a loop. */
function stageLine(before: Term, gain: number, offset: number): Term {
  const scaled = gain === 1 ? before : times(constant(gain), before);
  return plus(scaled, over(constant(offset), named("ok")));
}

/** A slope of a size in [low, high), in 1024ths, of either sign. */
function slope(choices: Choices, low: number, high: number, signs: readonly number[] = [1, -1]): number {
  const from = Math.ceil(low * 1024);
  const drawn = choices.below(1000) * 1000 + choices.below(1000);
  return (choices.pick(signs) * (from + (drawn % Math.floor(high * 1024 - from)))) / 1024;
}

const dyadic = (choices: Choices): number => (choices.below(2000) - 1000) / choices.pick([1, 8, 64]);
const magnitude = (choices: Choices): number => 2 ** choices.pick([0, 0, 3, 10, 30, -8]);

/** x = k x + b through a chain: the methods that can must find it whatever the slope. */
export function linear(choices: Choices): LoopCase {
  const k = choices.pick([
    slope(choices, 0, 0.95),
    slope(choices, 0.95, 0.999, [1]),
    slope(choices, 1.0625, 8),
    slope(choices, 0.95, 1.0625, [-1]),
    slope(choices, 8, 60),
    -1,
    0,
  ]);
  const x = dyadic(choices) * magnitude(choices);
  const start = choices.pick([0, 1, dyadic(choices), x]);
  return ring(choices, {
    name: "linear",
    k,
    b: x * (1 - k),
    start,
    solutions: [x],
    verdicts: solved,
    gain: k,
    noise: 1e-12,
  });
}

/** A method that is declared does what it says, and no more: plain and damped sweeps end where their ratio leads. */
export function declaredLinear(choices: Choices): LoopCase {
  const x = dyadic(choices) || 3;
  const make = (
    method: LoopMethod,
    k: number,
    verdicts: readonly LoopVerdict[],
    damping?: number,
  ): LoopCase =>
    ring(choices, {
      name: `linear, ${method}`,
      k,
      b: x * (1 - k),
      solutions: [x],
      verdicts,
      method,
      gain: k,
      noise: 1e-12,
      limit: 400,
      ...(damping === undefined ? {} : { damping }),
    });
  const low = slope(choices, 0, 0.9);
  const high = slope(choices, 1.125, 3, [1]);
  switch (choices.below(10)) {
    case 0:
      return make("plain", low, solved);
    case 1:
      return make("plain", high, ["diverging"]);
    // Too large for a number before the limit is reached: then it diverges, to both sides.
    case 2:
      return make("plain", -high, ["oscillating", "diverging"]);
    case 3:
      return make("plain", -1, ["oscillating"]);
    case 4:
      return make("plain", 0.99, ["limit"]);
    case 5:
      return make("damped", -high, solved, 0.375);
    case 6:
      return make("damped", low, solved, 0.5);
    case 7:
      return make("aitken", choices.pick([low, high, -high]), solved);
    case 8:
      return make("anderson", choices.pick([low, high, -high]), solved);
    default:
      return make("newton", choices.pick([low, high, -high]), solved);
  }
}

/** Slope one and a shift: nothing solves it. */
export function drift(choices: Choices): LoopCase {
  const b = dyadic(choices) || 1;
  return ring(choices, { name: "drift", k: 1, b, solutions: [], verdicts: unsolvable });
}

/** A first move that is within the tolerance, far from a solution that is not: the trap of looking at moves alone. */
export function slow(choices: Choices): LoopCase {
  const k = 1 - 2 ** -(4 + choices.below(10));
  const x = (1 + choices.below(1000)) * magnitude(choices);
  const start = x * (1 - 2 ** -(17 + choices.below(12)));
  return ring(choices, {
    name: "slow",
    k,
    b: x * (1 - k),
    start,
    solutions: [x],
    verdicts: solved,
    gain: k,
    noise: 1e-15 / (1 - k) + 1e-13,
  });
}

/** Between bounds: always solvable, for k ≥ 1 at up to three places. */
export function bounded(choices: Choices): LoopCase {
  const k = choices.pick([
    slope(choices, 0, 0.95),
    slope(choices, 1.0625, 6),
    slope(choices, 0.95, 1.5, [-1]),
  ]);
  const [p, q, x] = [dyadic(choices), dyadic(choices), dyadic(choices)];
  const [low, high] = [Math.min(p, q), Math.max(p, q)];
  const b = x * (1 - k);
  const g = (at: number): number => Math.max(low, Math.min(high, k * at + b));
  const found = [x, low, high].filter((at) => g(at) === at);
  return ring(choices, {
    name: "bounded",
    k,
    b,
    start: choices.pick([0, low, high, dyadic(choices)]),
    stage: (line) => larger(constant(low), smaller(constant(high), line)),
    solutions: [...new Set(found)],
    verdicts: solved,
    noise: 1e-12,
  });
}

/** A floor alone, as sweeps and credit lines have it; slopes below one have one solution, others may have none. */
export function floored(choices: Choices): LoopCase {
  const k = choices.pick([
    slope(choices, 0, 0.95),
    slope(choices, 1.0625, 6, [-1]),
    slope(choices, 1.0625, 6, [1]),
  ]);
  const [low, x] = [dyadic(choices), dyadic(choices)];
  const b = x * (1 - k);
  const g = (at: number): number => Math.max(low, k * at + b);
  const solutions = [...new Set([low, x].filter((at) => g(at) === at))];
  return ring(choices, {
    name: "floored",
    k,
    b,
    start: choices.pick([0, low, dyadic(choices)]),
    stage: (line) => larger(constant(low), line),
    solutions,
    verdicts: solutions.length > 0 ? solved : unsolvable,
    noise: 1e-12,
  });
}

/** A condition between two lines that contract: up to two solutions, or none, and then it goes round for ever. */
export function switching(choices: Choices): LoopCase {
  const k = choices.pick([1, 0.5, -1, 2]);
  const b = dyadic(choices);
  const bound = dyadic(choices) + 1 / 3;
  const branches = [0, 1].map(() => ({
    gain: choices.pick([0, 0, slope(choices, 0, 0.9) / k]),
    offset: dyadic(choices) * 2,
  }));
  const [above, below] = branches as [(typeof branches)[0] & object, (typeof branches)[0] & object];
  const at = ({ gain, offset }: { gain: number; offset: number }): number =>
    (gain * b + offset) / (1 - gain * k);
  const solutions: number[] = [];
  if (k * at(above) + b > bound) solutions.push(at(above));
  if (!(k * at(below) + b > bound)) solutions.push(at(below));
  const line = ({ gain, offset }: { gain: number; offset: number }, of: Term): Term =>
    gain === 0 ? constant(offset) : plus(times(constant(gain), of), constant(offset));
  return ring(choices, {
    name: "switching",
    k,
    b,
    start: choices.pick([0, bound, dyadic(choices), ...solutions]),
    // The line is written three times over, each time with all that is in it.
    stage: (term) => ifAbove(term, constant(bound), line(above, term), line(below, term)),
    solutions,
    verdicts: solutions.length > 0 ? solved : ["switching"],
    noise: 1e-12,
  });
}

/** Rounded to whole numbers: with a falling line there may be no solution. */
export function rounding(choices: Choices): LoopCase {
  const k = slope(choices, 0, 0.95);
  const b = dyadic(choices) + 1 / 3;
  const round = (x: number): number => Math.sign(x) * Math.floor(Math.abs(x) + 0.5);
  const centre = b / (1 - k);
  const reach = 2 + 1 / (1 - Math.abs(k));
  const solutions: number[] = [];
  for (let n = Math.floor(centre - reach); n <= centre + reach; n++) {
    if (round(k * n + b) === n) solutions.push(n);
  }
  return ring(choices, {
    name: "rounding",
    k,
    b,
    start: choices.pick([0, dyadic(choices), Math.round(centre)]),
    stage: rounded,
    solutions,
    verdicts: solutions.length > 0 ? solved : ["switching"],
  });
}

type Curve = readonly [name: string, of: (x: number) => number, text: (line: Term) => Term];

/** Curves between −1 and 1. */
const curves: readonly Curve[] = [
  ["COS", Math.cos, (line) => call("COS", Math.cos, line)],
  ["TANH", Math.tanh, (line) => call("TANH", Math.tanh, line)],
  ["ATAN", (x) => Math.atan(x) / 2, (line) => over(call("ATAN", Math.atan, line), constant(2))],
  ["hill", (x) => 1 / (1 + x * x), (line) => over(constant(1), plus(constant(1), times(line, line)))],
];

/** A bounded curve, steep or flat: at least one solution, all of them found by looking everywhere. */
export function curved(choices: Choices): LoopCase {
  const [name, curve, text] = choices.pick(curves);
  const [high, shift] = [1 + choices.below(40) / 8, dyadic(choices) / 16];
  const k = choices.pick([
    slope(choices, 0, 0.9) / high,
    slope(choices, 0.9, 4, [-1]),
    slope(choices, 0.9, 3),
  ]);
  const b = (choices.below(400) - 200) / 64;
  const g = (x: number): number => high * curve(k * x + b) + shift;
  return ring(choices, {
    name: `curved, ${name}`,
    k,
    b,
    start: choices.pick([0, shift, dyadic(choices)]),
    stage: (line) => plus(times(constant(high), text(line)), constant(shift)),
    solutions: allSolutions(g, shift - high - 1, shift + high + 1),
    verdicts: solved,
    noise: 1e-11,
  });
}

/** Every zero of g(x) − x that a fine comb catches; two that lie closer together than its teeth would be missed. */
function allSolutions(g: (x: number) => number, low: number, high: number): number[] {
  const teeth = 20_000;
  const found: number[] = [];
  const of = (x: number): number => g(x) - x;
  for (let i = 0; i < teeth; i++) {
    const [left, right] = [low + ((high - low) * i) / teeth, low + ((high - low) * (i + 1)) / teeth];
    if (of(left) === 0) found.push(left);
    else if (of(left) > 0 && of(right) < 0) found.push(zeroBetween(left, right, of));
    else if (of(left) < 0 && of(right) > 0) found.push(zeroBetween(left, right, (x) => -of(x)));
  }
  return found;
}

/** Roots, logarithms and quotients: defined on a part of the line only, with solutions in closed form. */
export function partial(choices: Choices): LoopCase {
  const c = (1 + choices.below(4000)) / 16;
  const square = (line: Term): Term => times(line, line);
  const make = (name: string, stage: (line: Term) => Term, solutions: number[], start: number): LoopCase =>
    ring(choices, { name, k: 1, b: 0, stage, solutions, start, verdicts: solved, noise: 1e-11 });
  switch (choices.below(6)) {
    case 0:
      return make(
        "root",
        (line) => call("SQRT", Math.sqrt, plus(line, constant(c))),
        [0.5 + Math.sqrt(0.25 + c)],
        0,
      );
    case 1:
      return make(
        "quotient",
        (line) => over(constant(c), plus(constant(1), line)),
        [-0.5 + Math.sqrt(0.25 + c), -0.5 - Math.sqrt(0.25 + c)],
        0,
      );
    case 2:
      // A slope of −1 at the solution: plain sweeps swing for ever.
      return make(
        "reciprocal",
        (line) => over(constant(c), line),
        [Math.sqrt(c), -Math.sqrt(c)],
        choices.pick([1, c, 2 * Math.sqrt(c) + 1]),
      );
    case 3:
      return make(
        "Babylonian root",
        (line) => times(constant(0.5), plus(line, over(constant(c), line))),
        [Math.sqrt(c), -Math.sqrt(c)],
        choices.pick([1, c]),
      );
    case 4: {
      const a = 1.0625 + choices.below(200) / 64;
      const of = (x: number): number => Math.log(x) + a - x;
      return make(
        "logarithm",
        (line) => plus(call("LN", Math.log, line), constant(a)),
        [zeroBetween(1, 1000, of), zeroBetween(1e-300, 1, (x) => -of(x))],
        choices.pick([1, a]),
      );
    }
    default: {
      const d = choices.below(255) / 256;
      const [near, far] = [1 - Math.sqrt(1 - d), 1 + Math.sqrt(1 - d)];
      // x = (x² + d) / 2: two solutions, of slopes below and above one.
      return make(
        "two solutions",
        (line) => over(plus(square(line), constant(d)), constant(2)),
        [near, far],
        choices.pick([0, 1, 1.5, 3]),
      );
    }
  }
}

/** Always above its own argument, by more than nothing. */
export function unsolved(choices: Choices): LoopCase {
  const c = 1 + choices.below(800) / 8;
  const stage = choices.pick<(line: Term) => Term>([
    (line) => plus(times(line, line), constant(c)),
    (line) => plus(call("EXP", Math.exp, line), constant(c)),
    (line) => plus(call("ABS", Math.abs, line), constant(c)),
  ]);
  return ring(choices, {
    name: "unsolved",
    k: 1,
    b: 0,
    stage,
    start: dyadic(choices),
    solutions: [],
    verdicts: unsolvable,
  });
}

/** An error value in the first sweep: there is no number to go on from. */
export function broken(choices: Choices): LoopCase {
  const c = 1 + choices.below(800) / 8;
  const stage = choices.pick<(line: Term) => Term>([
    (line) => over(constant(c), times(constant(0), line)),
    (line) => call("SQRT", Math.sqrt, plus(times(constant(0), line), constant(-c))),
    (line) => plus(call("LN", Math.log, times(constant(0), line)), constant(c)),
  ]);
  return ring(choices, { name: "broken", k: 1, b: 0, stage, solutions: [], verdicts: ["error"] });
}

/** A parabola that touches the diagonal, or cuts it in two places close together, or misses it by very little. */
export function touching(choices: Choices): LoopCase {
  const gap = choices.pick([
    0,
    2 ** -10,
    -(2 ** -10),
    2 ** -20,
    -(2 ** -20),
    2 ** -33,
    -(2 ** -33),
    2 ** -44,
  ]);
  const scale = choices.pick([1, 8, 1024]);
  // x = scale × (y² + 1/4 − gap) with y = x / scale: solutions where (y − 1/2)² = gap.
  const part = Math.sqrt(Math.max(0, gap));
  const solutions = gap < 0 ? [] : [...new Set([0.5 - part, 0.5 + part])].map((y) => scale * y);
  return ring(choices, {
    name: "touching",
    k: 1,
    b: 0,
    stage: (line) => plus(over(times(line, line), constant(scale)), constant(scale * (0.25 - gap))),
    start: choices.pick([0, 0.5 * scale, scale, 0.25 * scale]),
    solutions,
    // Where the slope is one, or nearly, there may be no proof.
    verdicts: gap >= 2 ** -20 ? ["converged", "limit", "diverging"] : [...solved, ...unsolvable],
    // The slope differs from one by 2 × part; close to it the distance is known to a few tolerances only.
    noise: gap > 2 ** -30 ? 1e-15 / part + 1e-13 : 1e-7,
  });
}

/** A pole between two solutions: the residual changes its sign there, too, and there is nothing. */
export function pole(choices: Choices): LoopCase {
  const [at, shift] = [dyadic(choices) / 8, dyadic(choices) / 8];
  const high = choices.pick([1, 4, 64]);
  // x = high / (x − at) + shift
  const middle = (at + shift) / 2;
  const half = Math.sqrt(((at - shift) / 2) ** 2 + high);
  const outer = middle < 0 ? middle - half : middle + half;
  return ring(choices, {
    name: "pole",
    k: 1,
    b: 0,
    stage: (line) => plus(over(constant(high), plus(line, constant(-at))), constant(shift)),
    start: choices.pick([0, shift, at + 1, at - 1, at + 2 ** -10]) + 2 ** -20,
    // The product of both is known, so that neither is a difference of near numbers.
    solutions: [outer, (at * shift - high) / outer],
    verdicts: solved,
    noise: 1e-10,
  });
}
