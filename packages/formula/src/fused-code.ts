/**
 * Fused code: a bound formula as JavaScript source, one loop nest over typed arrays.
 *
 * It exists for formulas whose references are single cells at affine offsets (or one-dimensional spans inside SUM, MIN,
 * MAX, COUNT, AVERAGE), with arithmetic, comparisons, IF, AND, OR, NOT, MIN, MAX, SUM, and library functions of numbers
 * only. The caller makes sure that all cells read are numbers. For `seats[t-1] * (1 - churn) + adds`:
 *
 *   for (let m = m0; m < m1; m++) {
 *     const b0 = m * 36 - 1, b1 = 0, b2 = m * 36;
 *     cells: for (let t = u; t < w; t++) {
 *       const v0 = n0[b0 + t], v1 = n1[b1], v2 = 1 - v1, v3 = v0 * v2, v4 = n2[b2 + t], v5 = v3 + v4;
 *       if (!(v5 - v5 === 0)) { if (slow(m, t)) return m * 36 + t + 1; continue cells; }
 *       o[m * 36 + t] = v5;
 *     }
 *   }
 *
 * Errors. A number that is not finite stands for an error on its way: it stays not finite through + - * and as a
 * dividend, so one test at the end finds it. Where it could be masked (a divisor, a comparison, a condition, MIN …) the
 * code tests it at once. A cell that fails a test is computed again by `slow`, which knows which error it is; so are cells
 * that reach outside the time axis. `slow` answers true when the loop must not go on (the column it reads is
 * its own and now holds an error); the caller then continues by cells from the place returned.
 *
 * Everything is emitted as flat statements, so long formulas make no deep source. Cost: linear in the formula.
 */
import type { BoundFormula } from "./bound.ts";
import { fuseCall } from "./fused-calls.ts";
import {
  type FusedCode,
  FusedWriter,
  type Rewriting,
  statementsMax,
  type WritingCounts,
} from "./fused-writer.ts";

/**
 * The code of a formula, or nothing when it has parts that cannot be fused. `own`: the slots that read the column being
 * written.
 */
export function fusedCode(
  formula: BoundFormula,
  rewriting: Rewriting,
  own?: ReadonlySet<number>,
): (FusedCode & { readonly done: WritingCounts }) | undefined {
  const writer = new FusedWriter(formula, fuseCall, rewriting, own);
  const root = writer.compile(formula.root);
  if (root === undefined || writer.count > statementsMax) return undefined;
  return { ...writer.finish(root), done: writer.done };
}
