/** W6: an edit whose first result stays equal; everything behind it must be left alone. */
import { batchOf, type Description } from "../graph/description.ts";
import { figureOf, perCallMs } from "../timing.ts";
import { buildChecked, expectEqual, type Workload } from "../workload.ts";

function screenedFan(size: number): Description {
  const constant = (i: number, slot: number) => (slot === 0 ? (i % 7) + 1 : i);
  return {
    inputs: Float64Array.of(5),
    batches: [batchOf("isPositive", 1, () => 0), batchOf("affine", size, () => 1, constant)],
  };
}

export const cutoff: Workload = {
  id: "W6",
  title: "an edit that changes no result",
  about:
    "IF(x>0,1,0) with 1,000,000 watched dependents; x changes and stays positive: only the edit is timed. The dependents must keep their closed form.",
  face: "graph",
  sizes: { full: 1_000_000, quick: 5000, tiny: 50 },
  measures: { "": "edit" },
  async run(engine, size, effort) {
    const { graph, heapMb } = await buildChecked(engine, "W6", screenedFan(size));
    graph.watch?.(2, size);
    graph.set(0, -1);
    expectEqual(engine, "the last dependent", graph.read(size + 1), size - 1);
    graph.set(0, 1);
    const samples = perCallMs(effort, (i) => {
      graph.set(0, 2 + (i % 1000));
    });
    for (let k = 0; k < size; k += Math.ceil(size / 1000)) {
      expectEqual(engine, `dependent ${k}`, graph.read(2 + k), (k % 7) + 1 + k);
    }
    graph.dispose();
    return [figureOf("", samples, heapMb)];
  },
};
