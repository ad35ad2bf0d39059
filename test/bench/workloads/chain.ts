/** W2: a long chain. The head changes, the tail is read. */
import { batchOf, type Description } from "../graph/description.ts";
import { eachCallMs, figureOf } from "../timing.ts";
import { buildChecked, expectEqual, type Workload } from "../workload.ts";

function chainOf(size: number): Description {
  return { inputs: Float64Array.of(1), batches: [batchOf("increment", size, (i) => i)] };
}

export const chain: Workload = {
  id: "W2",
  title: "a chain: change the head, read the tail",
  about:
    "x[i] = x[i-1] + 1, 1,000,000 links; one edit of the head and one read of the tail. Closed form: head + number of links.",
  face: "graph",
  sizes: { full: 1_000_000, quick: 10_000, tiny: 50 },
  measures: { "": "edit" },
  async run(engine, size, effort) {
    const { graph, heapMb } = await buildChecked(engine, "W2", chainOf(size));
    const samples = eachCallMs(effort, (i) => {
      graph.set(0, i + 2);
      expectEqual(engine, "the tail", graph.read(size), i + 2 + size);
    });
    graph.dispose();
    return [figureOf("", samples, heapMb)];
  },
};

/** The same chain ten times as long: it must work, whatever it takes. */
export const longChain: Workload = {
  ...chain,
  id: "W2-long",
  title: "a chain of 10,000,000",
  about: "The chain of W2 with 10,000,000 links. It must work; the time is reported beside it.",
  sizes: { full: 10_000_000, quick: 20_000, tiny: 50 },
};
