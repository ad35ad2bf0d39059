/** W4: a wide, deep graph in which one input reaches almost everything. */
import { type Batch, batchOf, type Description, naiveValues } from "../graph/description.ts";
import type { Operation } from "../graph/operations.ts";
import { randomFrom } from "../graph/random.ts";
import { eachCallMs, figureOf } from "../timing.ts";
import { buildChecked, changedInputs, expectEqual, type Workload } from "../workload.ts";

const means: readonly Operation[] = ["mean2", "mean3", "mean4"];

/** `layers` layers of `width` means of two, three or four nodes of the layer before, picked at random. */
export function layersOf(layers: number, width: number): Description {
  const random = randomFrom(20_261);
  const batches: Batch[] = [];
  let previous = 0;
  for (let layer = 0; layer < layers; layer++) {
    const first = previous;
    let from = 0;
    for (const [k, operation] of means.entries()) {
      const to = Math.round((width * (k + 1)) / means.length);
      batches.push(batchOf(operation, to - from, () => first + random(width)));
      from = to;
    }
    previous += width;
  }
  return { inputs: Float64Array.from({ length: width }, (_, i) => ((i * 389) % 1000) * 1000), batches };
}

export const layers: Workload = {
  id: "W4",
  title: "layers: change one input, read the last layer",
  about:
    "1,000 layers of 1,000 nodes (size: the side of the square), each the mean of 2, 3 or 4 random nodes of the layer before; one edit of one input, then the last layer is read. All values are compared with a naive recomputation.",
  face: "graph",
  sizes: { full: 1000, quick: 60, tiny: 6 },
  measures: { "": "edit" },
  async run(engine, size, effort) {
    const description = layersOf(size, size);
    const { graph, heapMb } = await buildChecked(engine, "W4", description);
    const out = new Float64Array(size);
    const samples = eachCallMs(effort, (i) => {
      graph.set(0, 1_000_000 * (i + 1));
      graph.readRange(size * size, out);
    });
    graph.set(0, 5_000_000);
    graph.readRange(size * size, out);
    const expected = naiveValues(description, changedInputs(description, 0, 5_000_000));
    for (let k = 0; k < size; k++) {
      expectEqual(engine, `node ${k} of the last layer`, out[k] as number, expected[size * size + k]!);
    }
    graph.dispose();
    return [figureOf("", samples, heapMb)];
  },
};
