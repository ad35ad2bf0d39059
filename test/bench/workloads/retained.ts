/** Memory: what a large model keeps, what many edits leave behind, and what is left once it is closed. */
import { type Figure, figureOf, heapMb } from "../timing.ts";
import { changedInputs, expectValues, graphOf, type Workload } from "../workload.ts";
import { multiplyAdds } from "./bulk-build.ts";

const editsOfSize = 0.1;

export const retained: Workload = {
  id: "memory",
  title: "retained memory",
  about:
    "The model of W1: the megabytes that it keeps once built, after 100,000 edits of inputs, and after it was closed. The milliseconds are those of the building, the edits and the closing. All values are compared with a naive recomputation.",
  face: "graph",
  sizes: { full: 1_000_000, quick: 10_000, tiny: 100 },
  measures: { built: "built", edited: "after edits", closed: "closed" },
  async run(engine, size): Promise<Figure[]> {
    const description = multiplyAdds(size);
    const inputCount = description.inputs.length;
    engine.prepare?.(description);
    const before = heapMb();
    const stages: Figure[] = [];
    let start = performance.now();
    let graph: Awaited<ReturnType<typeof graphOf>> | undefined = await graphOf(engine, "W1", description);
    const built = performance.now() - start;
    stages.push(figureOf("built", [built], heapMb() - before));
    start = performance.now();
    const edits = Math.ceil(size * editsOfSize);
    for (let i = 0; i < edits; i++) {
      const input = (i * 31) % inputCount;
      graph.set(input, 1 + (i % 97));
      graph.set(input, description.inputs[input] as number);
      if (performance.now() - start > 10_000) break;
    }
    stages.push(figureOf("edited", [performance.now() - start], heapMb() - before));
    graph.set(0, 9);
    expectValues(engine, graph, description, changedInputs(description, 0, 9));
    start = performance.now();
    graph.dispose();
    graph = undefined;
    stages.push(figureOf("closed", [performance.now() - start], heapMb() - before));
    return stages;
  },
};
