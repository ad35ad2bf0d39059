/** Memory: what a large model keeps, what many edits leave behind, and what is left once it is closed. */
import type { BenchEngine } from "../engine.ts";
import { type Description, nodeCountOf } from "../graph/description.ts";
import { type Figure, figureOf, heapMb } from "../timing.ts";
import { changedInputs, expectValues, graphOf, type Workload } from "../workload.ts";
import { multiplyAdds } from "./bulk-build.ts";

const editsOfNode = 0.1;
const editsMsMax = 10_000;

export const retained: Workload = {
  id: "memory",
  title: "retained memory",
  about:
    "The model of W1: the megabytes that it keeps once built, after 220,000 edits of inputs (as many as fit into ten seconds), and after it was closed. The milliseconds are those of the building, the edits and the closing. All values are compared with a naive recomputation.",
  face: "graph",
  sizes: { full: 1_000_000, quick: 10_000, tiny: 100 },
  measures: { built: "built", edited: "after edits", closed: "closed" },
  async run(engine, size): Promise<Figure[]> {
    const description = multiplyAdds(size);
    engine.prepare?.(description);
    const before = heapMb();
    const { figures, closeMs } = await live(engine, description, before);
    // What weak references name lives on until the turn of the event loop in which they were used is over.
    await new Promise((resolve) => setImmediate(resolve));
    return [...figures, figureOf("closed", [closeMs], heapMb() - before)];
  },
};

async function live(
  engine: BenchEngine,
  description: Description,
  before: number,
): Promise<{ readonly figures: readonly Figure[]; readonly closeMs: number }> {
  const inputCount = description.inputs.length;
  let start = performance.now();
  const graph = await graphOf(engine, "W1", description);
  const built = performance.now() - start;
  const figures = [figureOf("built", [built], heapMb() - before)];
  start = performance.now();
  const edits = Math.ceil(nodeCountOf(description) * editsOfNode);
  for (let i = 0; i < edits; i++) {
    const input = (i * 31) % inputCount;
    graph.set(input, 1 + (i % 97));
    graph.set(input, description.inputs[input] as number);
    if (performance.now() - start > editsMsMax) break;
  }
  figures.push(figureOf("edited", [performance.now() - start], heapMb() - before));
  graph.set(0, 9);
  expectValues(engine, graph, description, changedInputs(description, 0, 9));
  start = performance.now();
  graph.dispose();
  return { figures, closeMs: performance.now() - start };
}
