/** debt: loans whose interest is on the average balance, so a loop in every month of each. */
import type { BenchEngine, DebtSolver, DebtTable } from "../engine.ts";
import { eachCallMs, type Figure, figureOf, perCallMs } from "../timing.ts";
import { expectEqual, type Workload } from "../workload.ts";

const months = 360;
/** Every loop is solved to 1e-9; the errors of 360 months add up, however small what is left of a loan has become. */
const errorMax = months * 1e-9;

function tableOf(loans: number): DebtTable {
  return {
    loans,
    months,
    first: Float64Array.from({ length: loans }, (_, i) => 200_000 + 1000 * i),
    payment: Float64Array.from({ length: loans }, (_, i) => 1500 + 10 * i),
    rate: Float64Array.from({ length: loans * months }, (_, i) => 0.03 + (i % 7) / 200),
  };
}

/** Every closing of every loan, by the closed form. */
function check(engine: BenchEngine, solver: DebtSolver, { loans, first, payment, rate }: DebtTable): void {
  for (let loan = 0; loan < loans; loan++) {
    let closing = first[loan]!;
    for (let month = 0; month < months; month++) {
      const half = rate[loan * months + month]! / 24;
      closing = (closing * (1 + half) - payment[loan]!) / (1 - half);
      const within = { ...engine, tolerance: errorMax / Math.max(1, Math.abs(closing)) };
      expectEqual(within, `loan ${loan} in month ${month}`, solver.readClosing(loan, month), closing);
    }
  }
}

function solverOf(engine: BenchEngine, table: DebtTable): DebtSolver {
  if (engine.debts === undefined) throw new TypeError(`${engine.name} solves no loans`);
  return engine.debts(table);
}

export const debts: Workload = {
  id: "debt",
  title: "interest on the average balance",
  about:
    "50 loans over 360 months: interest = (opening + closing) / 2 × rate / 12, closing = opening + interest − payment, opening the closing of the month before: 18,000 loops, solved from nothing, and one edit of a rate, each time of another loan and month. All closings are compared with the closed form, before the edits and after them.",
  face: "debts",
  sizes: { full: 50, quick: 10, tiny: 2 },
  measures: { cold: "all, cold", edit: "one edit" },
  async run(engine, size, effort): Promise<Figure[]> {
    const table = tableOf(size);
    const solver = solverOf(engine, table);
    check(engine, solver, table);
    const cold = eachCallMs(effort, () => solverOf(engine, table).readClosing(size - 1, months - 1));
    const edit = perCallMs(effort, (i) => {
      const at = (i % size) * months + ((i * 37) % months);
      // Another value each time that its turn comes.
      const rate = 0.02 + (i % 101) / 2000;
      table.rate[at] = rate;
      solver.setRate(i % size, at % months, rate);
    });
    check(engine, solver, table);
    return [figureOf("cold", cold), figureOf("edit", edit)];
  },
};
