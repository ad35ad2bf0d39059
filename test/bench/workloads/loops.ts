/** W8: loops of debt and interest, solved to a fixed point. */
import type { BenchEngine, LoopSolver, LoopTable } from "../engine.ts";
import { eachCallMs, type Figure, figureOf, perCallMs } from "../timing.ts";
import { expectEqual, type Workload } from "../workload.ts";

/** The solver stops at a residual of 1e-9; the distance to the fixed point is of the same size. */
const residualMax = 1e-8;

function tableOf(size: number): LoopTable {
  return {
    opening: Float64Array.from({ length: size }, (_, i) => 1000 + i),
    need: Float64Array.from({ length: size }, (_, i) => 100 + (i % 50)),
    rate: Float64Array.from({ length: size }, (_, i) => 0.03 + (i % 10) / 100),
  };
}

function debtOf(table: LoopTable, loop: number, need = table.need[loop] as number): number {
  const rate = table.rate[loop] as number;
  return (need + (rate * (table.opening[loop] as number)) / 2) / (1 - rate / 2);
}

function solverOf(engine: BenchEngine, table: LoopTable): LoopSolver {
  if (engine.loops === undefined) throw new TypeError(`${engine.name} solves no loops`);
  return engine.loops(table);
}

export const loops: Workload = {
  id: "W8",
  title: "loops of debt and interest",
  about:
    "interest = rate × (opening + debt) / 2, debt = need + interest; 1,000 such loops solved from nothing, and one edit of one of them. Closed form: debt = (need + rate × opening / 2) / (1 − rate / 2).",
  face: "loops",
  sizes: { full: 1000, quick: 100, tiny: 5 },
  measures: { cold: "all, cold", edit: "one edit" },
  async run(engine, size, effort): Promise<Figure[]> {
    const within: BenchEngine = { ...engine, tolerance: residualMax };
    const table = tableOf(size);
    const check = (solver: LoopSolver) => {
      for (let i = 0; i < size; i++) {
        expectEqual(within, `the debt of loop ${i}`, solver.readDebt(i), debtOf(table, i));
      }
    };
    const solver = solverOf(engine, table);
    check(solver);
    const cold = eachCallMs(effort, () => solverOf(engine, table).readDebt(size - 1));
    const edit = perCallMs(effort, (i) => {
      const loop = i % size;
      // Another value each time that its turn comes.
      const need = 200 + ((i + Math.floor(i / size)) % 100);
      solver.setNeed(loop, need);
      const debt = solver.readDebt(loop);
      expectEqual(within, `the debt of loop ${loop}`, debt, debtOf(table, loop, need));
    });
    return [figureOf("cold", cold), figureOf("edit", edit)];
  },
};
