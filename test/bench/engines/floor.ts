/** The two floors as engines. They have no languages, names or errors, and are not meant to. */
import type { BenchEngine } from "../engine.ts";
import { iterateDebts } from "../floor/debts.ts";
import { FlatGraph } from "../floor/flat-graph.ts";
import { fusedGraphOf } from "../floor/fused.ts";
import { iterate } from "../floor/loops.ts";
import { blockSums, runningSum } from "../floor/sums.ts";
import { flatGraphOf } from "../floor/text.ts";

export const floor: BenchEngine = {
  name: "floor",
  role: "floor",
  form: "graph",
  refuses: {
    W7b: "a family by nature: see floor-family",
    formula: "the floor edits no formulas",
    text: "the floor has no language",
    "text-million": "the floor has no language",
    "text-periods": "the floor has no language",
  },
  graph: (description) => new FlatGraph(description),
  texts: flatGraphOf,
  rangeSums: blockSums,
  loops: iterate,
  debts: iterateDebts,
};

const asGraph = "the floor of the graph stands for it";

export const floorFamily: BenchEngine = {
  name: "floor-family",
  role: "floor",
  form: "family",
  refuses: {
    "W1-text": asGraph,
    W5: asGraph,
    W6: asGraph,
    W7: asGraph,
    W8: asGraph,
    debt: asGraph,
    scenario: asGraph,
    memory: asGraph,
    formula: asGraph,
    text: "the floor has no language",
    "text-million": "the floor has no language",
    "text-periods": "the floor has no language",
  },
  graph: fusedGraphOf,
  rangeSums: (cells) => runningSum(cells),
};
