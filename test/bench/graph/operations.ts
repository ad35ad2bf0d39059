/**
 * The few formulas that the workloads are made of, in the three forms that engines need: a function (for the naive
 * recomputation that every result is held against), a spreadsheet's text, and a number for tables.
 *
 * All forms do the same operations in the same order, so that results can be compared bit for bit.
 */
export type Operation =
  | "multiplyAdd"
  | "affine"
  | "increment"
  | "sum2"
  | "mean2"
  | "mean3"
  | "mean4"
  | "isPositive";

export interface OperationForms {
  /** How many nodes a formula reads, and how many constants of its own it has. */
  readonly arity: number;
  readonly constantCount: number;
  readonly apply: (
    values: Float64Array,
    reads: Int32Array,
    at: number,
    constants: Float64Array,
    from: number,
  ) => number;
  readonly text: (names: readonly string[], constants: readonly number[]) => string;
}

const none = 0;

export const operations: Readonly<Record<Operation, OperationForms>> = {
  multiplyAdd: {
    arity: 3,
    constantCount: none,
    apply: (v, r, at) => (v[r[at]!] ?? 0) * (v[r[at + 1]!] ?? 0) + (v[r[at + 2]!] ?? 0),
    text: ([a, b, c]) => `=${a}*${b}+${c}`,
  },
  affine: {
    arity: 1,
    constantCount: 2,
    apply: (v, r, at, k, from) => (v[r[at]!] ?? 0) * (k[from] ?? 0) + (k[from + 1] ?? 0),
    text: ([a], [factor, offset]) => `=${a}*${factor}+${offset}`,
  },
  increment: {
    arity: 1,
    constantCount: none,
    apply: (v, r, at) => (v[r[at]!] ?? 0) + 1,
    text: ([a]) => `=${a}+1`,
  },
  sum2: {
    arity: 2,
    constantCount: none,
    apply: (v, r, at) => (v[r[at]!] ?? 0) + (v[r[at + 1]!] ?? 0),
    text: ([a, b]) => `=${a}+${b}`,
  },
  mean2: {
    arity: 2,
    constantCount: none,
    apply: (v, r, at) => ((v[r[at]!] ?? 0) + (v[r[at + 1]!] ?? 0)) / 2,
    text: ([a, b]) => `=(${a}+${b})/2`,
  },
  mean3: {
    arity: 3,
    constantCount: none,
    apply: (v, r, at) => ((v[r[at]!] ?? 0) + (v[r[at + 1]!] ?? 0) + (v[r[at + 2]!] ?? 0)) / 3,
    text: ([a, b, c]) => `=(${a}+${b}+${c})/3`,
  },
  mean4: {
    arity: 4,
    constantCount: none,
    apply: (v, r, at) =>
      ((v[r[at]!] ?? 0) + (v[r[at + 1]!] ?? 0) + (v[r[at + 2]!] ?? 0) + (v[r[at + 3]!] ?? 0)) / 4,
    text: ([a, b, c, d]) => `=(${a}+${b}+${c}+${d})/4`,
  },
  isPositive: {
    arity: 1,
    constantCount: none,
    apply: (v, r, at) => ((v[r[at]!] ?? 0) > 0 ? 1 : 0),
    text: ([a]) => `=IF(${a}>0,1,0)`,
  },
};
