/** The operations as families of cells: what `cellFamilyOf` of the formula package makes of such formulas. */
import type { CellFamily } from "@reckon/engine";
import { isErrorValue, type Scalar } from "@reckon/value";
import { type Operation, operations } from "../graph/operations.ts";

type Plain = NonNullable<CellFamily["plain"]>;

const plain: Readonly<Record<Operation, Plain>> = {
  multiplyAdd: (v, r, at) => v[r[at]!]! * v[r[at + 1]!]! + v[r[at + 2]!]!,
  affine: (v, r, at, k, from) => v[r[at]!]! * k[from]! + k[from + 1]!,
  increment: (v, r, at) => v[r[at]!]! + 1,
  sum2: (v, r, at) => v[r[at]!]! + v[r[at + 1]!]!,
  mean2: (v, r, at) => (v[r[at]!]! + v[r[at + 1]!]!) / 2,
  mean3: (v, r, at) => (v[r[at]!]! + v[r[at + 1]!]! + v[r[at + 2]!]!) / 3,
  mean4: (v, r, at) => (v[r[at]!]! + v[r[at + 1]!]! + v[r[at + 2]!]! + v[r[at + 3]!]!) / 4,
  isPositive: (v, r, at) => (v[r[at]!]! > 0 ? 1 : 0),
};

/** A family from its plain function: errors among the arguments travel, anything else counts as a number or zero. */
export function familyFrom(name: string, arity: number, constantCount: number, compute: Plain): CellFamily {
  const pool = Int32Array.from({ length: arity }, (_, i) => i);
  const general = (values: readonly Scalar[], constants: Float64Array, constantAt: number): Scalar => {
    const error = values.find(isErrorValue);
    if (error !== undefined) return error;
    const numbers = Float64Array.from(values, (value) => (typeof value === "number" ? value : 0));
    return compute(numbers, pool, 0, constants, constantAt);
  };
  return { name, arity, constantCount, plain: compute, general };
}

const families = new Map<Operation, CellFamily>();

export function familyOf(operation: Operation): CellFamily {
  let family = families.get(operation);
  if (family === undefined) {
    const { arity, constantCount } = operations[operation];
    family = familyFrom(operation, arity, constantCount, plain[operation]);
    families.set(operation, family);
  }
  return family;
}
