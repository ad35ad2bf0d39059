/** Opening the tenth scenario of a large model: it must cost what its override reaches. */
import type { Graph, Scenario } from "../engine.ts";
import { naiveValues } from "../graph/description.ts";
import { figureOf } from "../timing.ts";
import { WarmUp } from "../warm-up.ts";
import { buildChecked, changedInputs, expectEqual, graphOf, type Workload } from "../workload.ts";
import { dependentsPerInput, tensOf } from "./small-edit.ts";

const openBefore = 9;

export const scenario: Workload = {
  id: "scenario",
  title: "open the tenth scenario",
  about:
    "The model of W5 with 100,000 attributes and nine scenarios open; a tenth changes one input, its ten dependents are read. An engine without scenarios builds the model once more. All values are compared with a naive recomputation.",
  face: "graph",
  sizes: { full: 100_000, quick: 2000, tiny: 100 },
  measures: { "": "open" },
  async run(engine, size, effort) {
    const description = tensOf(size);
    const { graph, heapMb } = await buildChecked(engine, "W5", description);
    const first = description.inputs.length;
    const built: Graph[] = [];
    const open = async (input: number, value: number): Promise<Scenario> => {
      if (graph.scenario !== undefined) return graph.scenario(input, value);
      const copy = await graphOf(engine, "W5", description);
      copy.set(input, value);
      built.push(copy);
      return copy;
    };
    const read = async (input: number, value: number) => {
      const opened = await open(input, value);
      let sum = 0;
      for (let k = 0; k < dependentsPerInput; k++) sum += opened.read(first + input * dependentsPerInput + k);
      return { opened, sum };
    };
    const { opened } = await read(1, 7777);
    const expected = naiveValues(description, changedInputs(description, 1, 7777));
    for (let node = first; node < expected.length; node++) {
      expectEqual(engine, `node ${node}`, opened.read(node), expected[node] as number);
    }
    for (let i = 1; i < openBefore; i++) await read(i + 1, 5000 + i);
    const isCopied = graph.scenario === undefined;
    const measured = async (i: number): Promise<number> => {
      const start = performance.now();
      const tenth = await read((i * 13 + 1) % first, 9000 + (i % 1000));
      const took = performance.now() - start;
      // It goes when it was measured: else the eleventh, twelfth … would fill the memory.
      if (isCopied) built.pop()?.dispose();
      tenth.opened.close?.();
      return took;
    };
    const begin = performance.now();
    const warming = new WarmUp(effort);
    while (!warming.isOver) {
      let ms = 0;
      for (let k = 0; k < warming.wanted; k++) ms += await measured(warming.calls + k);
      warming.note(ms, performance.now() - begin);
    }
    const samples: number[] = warming.isSlow ? [warming.ms] : [];
    while (samples.length < effort.edits) {
      samples.push(await measured(warming.calls + samples.length));
      if (samples.length >= 3 && performance.now() - begin > effort.warmMsMax + effort.samplesMsMax) break;
    }
    for (const copy of built) copy.dispose();
    graph.dispose();
    return [figureOf("", samples, heapMb)];
  },
};
