/** W5: one small edit somewhere in a large model, thousands of times: the median and the slow ones. */
import { batchOf, type Description } from "../graph/description.ts";
import { randomFrom } from "../graph/random.ts";
import { type Figure, figureOf, medianOf, quantileOf, warmUp } from "../timing.ts";
import { buildChecked, expectEqual, type Workload, WrongResult } from "../workload.ts";

export const dependentsPerInput = 10;
/** The slow edits need more time than a median does. */
const samplesTimes = 3;

/** Node inputs + 10·j + k reads input j: ten neighbours read the same input. */
export function tensOf(size: number): Description {
  const inputCount = Math.floor(size / dependentsPerInput);
  const constant = (i: number, slot: number) => (slot === 0 ? (i % 9) + 1 : i % 1000);
  return {
    inputs: Float64Array.from({ length: inputCount }, (_, i) => i % 100),
    batches: [
      batchOf("affine", inputCount * dependentsPerInput, (i) => Math.floor(i / dependentsPerInput), constant),
    ],
  };
}

export const smallEdit: Workload = {
  id: "W5",
  title: "one edit with ten dependents in a large model",
  about:
    "100,000 inputs with ten formulas x*k+d each, 1,100,000 cells; an input picked at random changes and its ten dependents are read; engines that list their changes list them. Each value has its closed form.",
  face: "graph",
  sizes: { full: 1_000_000, quick: 5000, tiny: 100 },
  measures: { p50: "p50", p99: "p99", max: "max" },
  async run(engine, size, effort) {
    const { singleEdits, samplesMsMax } = effort;
    const description = tensOf(size);
    const { graph, heapMb } = await buildChecked(engine, "W5", description);
    const changed = graph.countChanges?.();
    const inputCount = description.inputs.length;
    const random = randomFrom(7);
    const out = new Float64Array(dependentsPerInput);
    const edit = (i: number): number => {
      const input = random(inputCount);
      const value = 1000 + random(1 << 20);
      const start = performance.now();
      graph.set(input, value);
      graph.readRange(inputCount + input * dependentsPerInput, out);
      const took = performance.now() - start;
      const formula = input * dependentsPerInput + (i & 7);
      expectEqual(engine, `formula ${formula}`, out[i & 7]!, value * ((formula % 9) + 1) + (formula % 1000));
      if (changed !== undefined && changed() !== dependentsPerInput + 1) {
        throw new WrongResult(`the list has ${changed()} changes, not ${dependentsPerInput + 1}`);
      }
      return took;
    };
    warmUp(effort, edit);
    const samples: number[] = [];
    const begin = performance.now();
    for (let i = 0; i < singleEdits; i++) {
      samples.push(edit(i));
      if (samples.length > 10 && performance.now() - begin > samplesTimes * samplesMsMax) break;
    }
    graph.dispose();
    return figuresOf(samples, heapMb);
  },
};

function figuresOf(samples: readonly number[], heapMb: number): Figure[] {
  return [
    figureOf("p50", [medianOf(samples)], heapMb),
    figureOf("p99", [quantileOf(samples, 0.99)]),
    figureOf("max", [Math.max(...samples)]),
  ];
}
