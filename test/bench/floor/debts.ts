/** The floor of the loans: plain iteration in each month of each loan until a sweep moves nothing by more than 1e-9. */
import type { DebtSolver, DebtTable } from "../engine.ts";

const tolerance = 1e-9;
const sweepsMax = 1000;

export function iterateDebts({ loans, months, first, payment, rate }: DebtTable): DebtSolver {
  const rates = rate.slice();
  const closings = new Float64Array(loans * months);
  const solve = (loan: number, from: number) => {
    let opening = from === 0 ? first[loan]! : closings[loan * months + from - 1]!;
    for (let month = from; month < months; month++) {
      const factor = rates[loan * months + month]!;
      let closing = opening;
      for (let sweep = 0; sweep < sweepsMax; sweep++) {
        const after = opening + (((opening + closing) / 2) * factor) / 12 - payment[loan]!;
        const residual = Math.abs(after - closing);
        closing = after;
        if (residual <= tolerance) break;
      }
      closings[loan * months + month] = closing;
      opening = closing;
    }
  };
  for (let loan = 0; loan < loans; loan++) solve(loan, 0);
  return {
    readClosing: (loan, month) => closings[loan * months + month]!,
    setRate(loan, month, value) {
      rates[loan * months + month] = value;
      solve(loan, month);
    },
  };
}
