/** Loops of several unknowns at once: every unknown may read every other. */
import type { LoopVerdict } from "@reckon/engine";
import type { Values } from "../spec/circular-models.ts";
import type { Choices } from "./choices.ts";
import { type LoopCase, loopCase } from "./loop-case.ts";
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

type Matrix = readonly (readonly number[])[];

const solved: readonly LoopVerdict[] = ["converged"];
const unsolvable: readonly LoopVerdict[] = ["limit", "oscillating", "diverging"];

interface System {
  readonly name: string;
  readonly matrix: Matrix;
  readonly shift: readonly number[];
  readonly solutions: readonly (readonly number[])[];
  readonly verdicts: readonly LoopVerdict[];
  readonly noise?: number;
  readonly isStepwise?: boolean;
  /** What is made of unknown j before it is multiplied. */
  readonly inside?: (of: Term) => Term;
  /** What is made of row i. */
  readonly outside?: (row: Term, i: number) => Term;
}

function system(choices: Choices, of: System): LoopCase {
  const { name, matrix, shift, solutions, verdicts, noise, inside = (x) => x, outside = (x) => x } = of;
  const names = matrix.map((_, i) => `x${i + 1}`);
  const values = (list: readonly number[]): Values =>
    Object.fromEntries(names.map((n, i) => [n, list[i] ?? 0]));
  return loopCase({
    name,
    inputs: { ok: 1 },
    unknowns: matrix.map((row, i) => {
      const products = row.flatMap((gain, j) =>
        gain === 0 ? [] : [times(constant(gain), inside(named(names[j] as string)))],
      );
      const sum = plus(...products, over(constant(shift[i] ?? 0), named("ok")));
      return [names[i] as string, outside(sum, i)] as const;
    }),
    cuts: values(names.map(() => choices.pick([0, 0, 0, 1, -3]))),
    solutions: solutions.map(values),
    verdicts,
    ...(noise === undefined ? {} : { noise }),
    ...(of.isStepwise === undefined ? {} : { isStepwise: of.isStepwise }),
  });
}

const dyadic = (choices: Choices): number => (choices.below(2000) - 1000) / choices.pick([1, 8, 64]);

/** Entries in 64ths; `total`: what the absolute values of a row add up to at most. */
function matrixOf(choices: Choices, count: number, total: number): Matrix {
  return Array.from({ length: count }, (_, i) => {
    const weights = Array.from({ length: count }, (_, j) =>
      // Each reads the one before it at least, so that they are one loop.
      choices.below(3) > 0 || j === (i + count - 1) % count ? 1 + choices.below(100) : 0,
    );
    const sum = weights.reduce((a, b) => a + b, 0);
    return weights.map((weight) =>
      weight === 0 ? 0 : (choices.pick([1, -1]) * Math.max(1, Math.floor((total * 64 * weight) / sum))) / 64,
    );
  });
}

const rowTimes = (row: readonly number[], x: readonly number[]): number =>
  row.reduce((sum, gain, j) => sum + gain * (x[j] ?? 0), 0);

/** The smallest pivot of 1 − A by elimination, as a share of the largest entry: how well the solution is determined. */
function determination(matrix: Matrix): number {
  const rows = matrix.map((row, i) => row.map((gain, j) => (i === j ? 1 : 0) - gain));
  let smallest = Number.POSITIVE_INFINITY;
  const left = rows.map((row) => [...row]);
  const largest = Math.max(...left.flat().map(Math.abs));
  for (let step = 0; step < left.length; step++) {
    let best = { row: step, column: step };
    for (let row = step; row < left.length; row++) {
      for (let column = step; column < left.length; column++) {
        const size = (at: { row: number; column: number }) => Math.abs(left[at.row]?.[at.column] ?? 0);
        if (size({ row, column }) > size(best)) best = { row, column };
      }
    }
    const [pivotRow, topRow] = [left[best.row] as number[], left[step] as number[]];
    [left[step], left[best.row]] = [pivotRow, topRow];
    for (const row of left) [row[step], row[best.column]] = [row[best.column] ?? 0, row[step] ?? 0];
    const pivot = pivotRow[step] ?? 0;
    smallest = Math.min(smallest, Math.abs(pivot) / largest);
    if (pivot === 0) return 0;
    for (const row of left.slice(step + 1)) {
      const part = (row[step] ?? 0) / pivot;
      for (let column = step; column < row.length; column++) {
        row[column] = (row[column] ?? 0) - part * (pivotRow[column] ?? 0);
      }
    }
  }
  return smallest;
}

/** A x + b with rows that contract, or not at all: solvable wherever 1 − A is well determined. */
export function linearSystem(choices: Choices): LoopCase {
  const count = 2 + choices.below(5);
  const total = choices.pick([0.5, 0.9, 1.5, 3, 8]);
  let matrix = matrixOf(choices, count, total);
  // A row that reads nothing of itself but its neighbour, for the rare ones that are nearly singular.
  if (determination(matrix) < 1e-3) {
    matrix = matrix.map((row, i) => row.map((_, j) => (j === (i + count - 1) % count ? -0.75 : 0)));
  }
  const x = Array.from({ length: count }, () => dyadic(choices));
  const shift = matrix.map((row, i) => (x[i] ?? 0) - rowTimes(row, x));
  return system(choices, {
    name: "linear system",
    matrix,
    shift,
    solutions: [x],
    verdicts: solved,
    noise: 1e-13 / determination(matrix),
  });
}

/** Rows whose sum contradicts itself: each unknown is the next one and something, all the way round. */
export function contradiction(choices: Choices): LoopCase {
  const count = 2 + choices.below(3);
  const matrix = Array.from({ length: count }, (_, i) =>
    Array.from({ length: count }, (_, j) => (j === (i + 1) % count ? 1 : 0)),
  );
  const shift = matrix.map((_, i) => (i === 0 ? 1 + choices.below(900) : choices.below(100)));
  return system(choices, { name: "contradiction", matrix, shift, solutions: [], verdicts: unsolvable });
}

/** Rows that contract, each with a bound: one solution, on whichever side of the bounds it lies. */
export function boundedSystem(choices: Choices): LoopCase {
  const count = 2 + choices.below(5);
  const matrix = matrixOf(choices, count, choices.pick([0.5, 0.9]));
  const shift = matrix.map(() => dyadic(choices));
  const bounds = matrix.map(() => [dyadic(choices), choices.below(2)] as const);
  const bound = (row: number, i: number): number => {
    const [at, side] = bounds[i] as (typeof bounds)[number];
    return side === 0 ? Math.max(at, row) : Math.min(at, row);
  };
  return system(choices, {
    name: "bounded system",
    matrix,
    shift,
    verdicts: solved,
    noise: 1e-12,
    solutions: [stillPoint(matrix, shift, (x) => x, bound)],
    outside: (row, i) => {
      const [at, side] = bounds[i] as (typeof bounds)[number];
      return side === 0 ? larger(constant(at), row) : smaller(constant(at), row);
    },
  });
}

/** Rows of curves that contract. */
export function curvedSystem(choices: Choices): LoopCase {
  const count = 2 + choices.below(4);
  const matrix = matrixOf(choices, count, choices.pick([0.5, 0.9]));
  const shift = matrix.map(() => dyadic(choices) / 64);
  const [name, curve] = choices.pick([
    ["TANH", Math.tanh],
    ["SIN", Math.sin],
    ["COS", Math.cos],
  ] as const);
  return system(choices, {
    name: `system of ${name}`,
    matrix,
    shift,
    verdicts: solved,
    noise: 1e-12,
    solutions: [stillPoint(matrix, shift, curve, (row) => row)],
    inside: (x) => call(name, curve, x),
  });
}

/** The fixed point of a contraction, by sweeps until nothing moves. */
function stillPoint(
  matrix: Matrix,
  shift: readonly number[],
  inside: (x: number) => number,
  outside: (row: number, i: number) => number,
): number[] {
  const x = matrix.map(() => 0);
  for (let sweep = 0; sweep < 2000; sweep++) {
    matrix.forEach((row, i) => {
      x[i] = outside(rowTimes(row, x.map(inside)) + (shift[i] ?? 0), i);
    });
  }
  return x;
}

/** Each unknown is one of two values, by what the others are: all states can be tried. */
export function thresholds(choices: Choices): LoopCase {
  const count = 2 + choices.below(4);
  const matrix = matrixOf(choices, count, 2);
  const shift = matrix.map(() => dyadic(choices) / 16);
  const bounds = matrix.map(() => choices.below(64) / 4 + 1 / 3);
  const pairs = matrix.map(() => [choices.below(40) - 20, choices.below(40)] as const);
  const states = pairs.reduce<number[][]>(
    (lists, pair) => lists.flatMap((list) => pair.map((value) => [...list, value])),
    [[]],
  );
  const at = (row: number, i: number): number => pairs[i]?.[row > (bounds[i] ?? 0) ? 0 : 1] ?? 0;
  const solutions = states.filter((state) =>
    matrix.every((row, i) => at(rowTimes(row, state) + (shift[i] ?? 0), i) === state[i]),
  );
  return system(choices, {
    name: "thresholds",
    matrix,
    shift,
    solutions,
    // Sweeps may go round beside a solution.
    verdicts: solutions.length > 0 ? ["converged", "switching"] : ["switching"],
    isStepwise: true,
    outside: (row, i) => {
      const [above, below] = pairs[i] as (typeof pairs)[number];
      return ifAbove(row, constant(bounds[i] ?? 0), constant(above), constant(below));
    },
  });
}

/** Rows that contract, rounded to whole numbers: there may be solutions, one or none. */
export function roundedSystem(choices: Choices): LoopCase {
  const count = 2 + choices.below(4);
  const matrix = matrixOf(choices, count, choices.pick([0.5, 0.9]));
  const shift = matrix.map(() => dyadic(choices) + 1 / 3);
  return system(choices, {
    name: "rounded system",
    matrix,
    shift,
    solutions: [],
    verdicts: ["converged", "switching"],
    isStepwise: true,
    outside: rounded,
  });
}
