/** W3: one input and many dependents, all of them read. */
import { batchOf, type Description } from "../graph/description.ts";
import { eachCallMs, figureOf } from "../timing.ts";
import { buildChecked, expectEqual, type Workload } from "../workload.ts";

function fanOf(size: number): Description {
  const constant = (i: number, slot: number) => (slot === 0 ? (i % 7) + 1 : i);
  return { inputs: Float64Array.of(1), batches: [batchOf("affine", size, () => 0, constant)] };
}

export const fanOut: Workload = {
  id: "W3",
  title: "one input, many dependents, all read",
  about:
    "1,000,000 formulas x*k+d over one input, k and d differ; one edit, then all values are read. Each value has its closed form.",
  face: "graph",
  sizes: { full: 1_000_000, quick: 5000, tiny: 50 },
  measures: { "": "edit" },
  async run(engine, size, effort) {
    const { graph, heapMb } = await buildChecked(engine, "W3", fanOf(size));
    const out = new Float64Array(size);
    let last = 0;
    const samples = eachCallMs(effort, (i) => {
      last = i;
      graph.set(0, i + 2);
      graph.readRange(1, out);
    });
    last++;
    graph.set(0, last + 2);
    graph.readRange(1, out);
    for (let k = 0; k < size; k++) {
      expectEqual(engine, `dependent ${k}`, out[k] as number, (last + 2) * ((k % 7) + 1) + k);
    }
    graph.dispose();
    return [figureOf("", samples, heapMb)];
  },
};
