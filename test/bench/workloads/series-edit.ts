/** Editing one period of a long series. */
import { batchOf, type Description } from "../graph/description.ts";
import { figureOf, perCallMs } from "../timing.ts";
import { buildChecked, expectEqual, type Workload } from "../workload.ts";

/** x given; y[t] = x[t]*2+1; z[0] = y[0]*1+0, z[t] = y[t-1]+y[t]: an edit reaches one y and two z. */
function seriesOf(size: number): Description {
  const x = Float64Array.from({ length: size }, (_, t) => t % 365);
  const y = batchOf(
    "affine",
    size,
    (t) => t,
    (_, slot) => (slot === 0 ? 2 : 1),
  );
  const head = batchOf(
    "affine",
    1,
    () => size,
    (_, slot) => 1 - slot,
  );
  const z = batchOf("sum2", size - 1, (t, slot) => size + t + slot);
  return { inputs: x, batches: [y, head, z] };
}

export const seriesEdit: Workload = {
  id: "series",
  title: "edit one period of a long series",
  about:
    "x, y = x*2+1 and z = y[t-1]+y over 100,000 periods; one period of x changes, the period after it is read. Closed form: z[t] = 2(x[t-1]+x[t])+2.",
  face: "graph",
  sizes: { full: 100_000, quick: 10_000, tiny: 20 },
  measures: { "": "edit" },
  async run(engine, size, effort) {
    const description = seriesOf(size);
    const { graph, heapMb } = await buildChecked(engine, "series", description);
    const x = description.inputs.slice();
    const samples = perCallMs(effort, (i) => {
      const t = 1 + ((i * 7919) % (size - 2));
      x[t] = i % 1000;
      graph.set(t, i % 1000);
      const after = graph.read(2 * size + t + 1);
      expectEqual(engine, `z of ${t + 1}`, after, 2 * (x[t]! + x[t + 1]!) + 2);
    });
    graph.dispose();
    return [figureOf("", samples, heapMb)];
  },
};
