/** The floor of the loops: plain iteration over two numbers until a sweep moves nothing by more than 1e-9. */
import type { LoopSolver, LoopTable } from "../engine.ts";

const tolerance = 1e-9;
const sweepsMax = 1000;

export function iterate({ opening, need, rate }: LoopTable): LoopSolver {
  const needs = need.slice();
  const debts = new Float64Array(needs.length);
  const solve = (loop: number) => {
    let debt = debts[loop]!;
    for (let sweep = 0; sweep < sweepsMax; sweep++) {
      const after = needs[loop]! + (rate[loop]! * (opening[loop]! + debt)) / 2;
      const residual = Math.abs(after - debt);
      debt = after;
      if (residual <= tolerance) break;
    }
    debts[loop] = debt;
  };
  for (let loop = 0; loop < needs.length; loop++) solve(loop);
  return {
    readDebt: (loop) => debts[loop]!,
    setNeed(loop, value) {
      needs[loop] = value;
      solve(loop);
    },
  };
}
