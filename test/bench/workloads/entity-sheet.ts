/** A sheet of the usual size: 200 entities × 120 periods × 50 attributes, 1,200,000 cells. */
import { batchOf, type Description, naiveValues } from "../graph/description.ts";
import { eachCallMs, type Figure, figureOf, perCallMs } from "../timing.ts";
import { buildChecked, changedInputs, expectEqual, type Workload } from "../workload.ts";

export const sheetPeriods = 120;
export const sheetAttributes = 50;
/** Inputs before those of the entities: growth, drift, and a zero that stands before the first period. */
export const sharedInputs = 3;

/**
 * Attribute 0 grows: a[0] = a[0][t-1] * growth + drift, from the entity's input. Attribute k then is one of
 * a[k-1] * 0.5 + k, a[k-1] + a[k-2], a[k-1][t-1] + a[k-3] in turn.
 * The cell of attribute k, period t, entity e is node `inputs + (k * periods + t) * entities + e`.
 */
function sheetOf(entities: number): Description {
  const first = sharedInputs + entities;
  const cells = entities * sheetPeriods;
  const cellOf = (k: number, i: number) => first + k * cells + i;
  const batches = Array.from({ length: sheetAttributes }, (_, k) => {
    if (k === 0) {
      return batchOf("multiplyAdd", cells, (i, slot) =>
        slot > 0 ? slot - 1 : i < entities ? sharedInputs + i : cellOf(0, i - entities),
      );
    }
    if (k % 3 === 1) {
      return batchOf(
        "affine",
        cells,
        (i) => cellOf(k - 1, i),
        (_, slot) => (slot === 0 ? 0.5 : k),
      );
    }
    if (k % 3 === 2) return batchOf("sum2", cells, (i, slot) => cellOf(k - 1 - slot, i));
    return batchOf("sum2", cells, (i, slot) =>
      slot === 1 ? cellOf(k - 3, i) : i < entities ? 2 : cellOf(k - 1, i - entities),
    );
  });
  const inputs = new Float64Array(first);
  inputs.set([1.01, 0.5, 0]);
  for (let e = 0; e < entities; e++) inputs[sharedInputs + e] = 100 + (e % 17);
  return { inputs, batches };
}

export const entitySheet: Workload = {
  id: "sheet",
  title: "a sheet of 50 attributes by entity and period",
  about:
    "200 entities (the size) × 120 periods × 50 attributes, one of them a recurrence, every third with a lag: the time to build it (or to open its text), to change the growth that all cells depend on, and to change one entity's start. All values are compared with a naive recomputation.",
  face: "graph",
  patience: 3,
  sizes: { full: 200, quick: 4, tiny: 2 },
  measures: { open: "open", all: "edit all", one: "edit one entity" },
  async run(engine, size, effort): Promise<Figure[]> {
    const description = sheetOf(size);
    const { graph, buildMs, heapMb } = await buildChecked(engine, "sheet", description);
    const cells = size * sheetPeriods;
    const lastAttribute = description.inputs.length + (sheetAttributes - 1) * cells;
    const out = new Float64Array(cells);
    const all = eachCallMs(effort, (i) => {
      // Growth over so many periods must stay a number, however often it is changed.
      graph.set(0, 1.02 + (i % 64) / 1000);
      graph.readRange(lastAttribute, out);
    });
    graph.set(0, 1.01);
    const one = perCallMs(effort, (i) => {
      const entity = i % size;
      graph.set(sharedInputs + entity, 50 + (i % 1000));
      // All periods of the entity's last attribute: everything of it is needed for that.
      for (let t = 0; t < sheetPeriods; t++) graph.read(lastAttribute + t * size + entity);
    });
    for (let e = 0; e < size; e++) graph.set(sharedInputs + e, 100 + (e % 17));
    graph.set(sharedInputs, 60);
    graph.readRange(lastAttribute, out);
    const expected = naiveValues(description, changedInputs(description, sharedInputs, 60));
    for (let i = 0; i < cells; i++)
      expectEqual(engine, `cell ${i} of the last`, out[i]!, expected[lastAttribute + i]!);
    graph.dispose();
    return [figureOf("open", [buildMs], heapMb), figureOf("all", all), figureOf("one", one)];
  },
};
