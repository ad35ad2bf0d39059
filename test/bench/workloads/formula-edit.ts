/** Editing one formula of a large model. */
import { figureOf, perCallMs } from "../timing.ts";
import { buildChecked, expectEqual, type Workload } from "../workload.ts";
import { dependentsPerInput, tensOf } from "./small-edit.ts";

export const formulaEdit: Workload = {
  id: "formula",
  title: "edit one formula of a large model",
  about:
    "The model of W5, 1,000,000 formulas; one of them becomes another formula over another input, and is read; then the input changes and it is read again. Closed form of the formula written.",
  face: "graph",
  sizes: { full: 1_000_000, quick: 5000, tiny: 100 },
  measures: { "": "edit" },
  async run(engine, size, effort) {
    const description = tensOf(size);
    const { graph, heapMb } = await buildChecked(engine, "W5", description);
    if (graph.replace === undefined) throw new TypeError(`${engine.name} cannot replace a formula`);
    const first = description.inputs.length;
    const inputs = description.inputs;
    const edit = (i: number) => {
      const node = first + ((i * 7919) % (inputs.length * dependentsPerInput));
      const input = (i * 31) % inputs.length;
      const factor = 2 + (i % 5);
      graph.replace?.(node, "affine", [input], [factor, i]);
      expectEqual(engine, `node ${node}`, graph.read(node), (inputs[input] as number) * factor + i);
      return { node, input, factor };
    };
    const { node, input, factor } = edit(3);
    graph.set(input, 4711);
    expectEqual(engine, "the formula after its input changed", graph.read(node), 4711 * factor + 3);
    graph.set(input, inputs[input] as number);
    const samples = perCallMs(effort, (i) => edit(i));
    graph.dispose();
    return [figureOf("", samples, heapMb)];
  },
};
