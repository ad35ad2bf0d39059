/** W1 bulk: many formulas `a*b+c` built from tables, no text in between, until all first values are there. */
import type { Description } from "../graph/description.ts";
import { batchOf } from "../graph/description.ts";
import { figureOf, heapMb } from "../timing.ts";
import { expectValues, graphOf, type Workload } from "../workload.ts";

/** A tenth as many inputs as formulas; formula i reads three of them, spread over all. */
export function multiplyAdds(size: number): Description {
  const inputCount = Math.max(1, Math.floor(size / 10));
  const inputs = Float64Array.from({ length: inputCount }, (_, i) => ((i * 37) % 1009) / 8);
  const steps = [1, 7, 13];
  const batch = batchOf("multiplyAdd", size, (i, slot) => (i * (steps[slot] as number) + slot) % inputCount);
  return { inputs, batches: [batch] };
}

export const bulkBuild: Workload = {
  id: "W1",
  title: "build formulas a*b+c without text",
  about:
    "1,000,000 formulas over 100,000 inputs, each reading three, built from tables; the time until all values are there, and the memory that stays. All values are compared with a naive recomputation.",
  face: "graph",
  sizes: { full: 1_000_000, quick: 20_000, tiny: 100 },
  measures: { "": "build" },
  async run(engine, size) {
    // A small one first: it checks the results before anything is timed, and compiles what both use.
    const small = multiplyAdds(Math.min(size, 10_000));
    const tried = await graphOf(engine, "W1", small);
    expectValues(engine, tried, small);
    tried.dispose();
    const description = multiplyAdds(size);
    engine.prepare?.(description);
    const before = heapMb();
    const start = performance.now();
    const graph = await graphOf(engine, "W1", description);
    const ms = performance.now() - start;
    const kept = heapMb() - before;
    expectValues(engine, graph, description);
    graph.dispose();
    return [figureOf("", [ms], kept)];
  },
};
