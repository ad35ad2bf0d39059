/** Our engine as embedders use it first: `input` and `computed`, one function a formula. */
import { type Attribute, createEngine, effect, type Input, type NodeId } from "@reckon/engine";
import { columnFrom } from "@reckon/value";
import type { BenchEngine, Graph } from "../engine.ts";
import { type Batch, type Description, nodeCountOf } from "../graph/description.ts";
import { operations } from "../graph/operations.ts";
import { wholeCell } from "./whole-cell.ts";

function computeOf({ operation, constants }: Batch, i: number): (...values: number[]) => number {
  const factor = constants[2 * i]!;
  const offset = constants[2 * i + 1]!;
  switch (operation) {
    case "multiplyAdd":
      return (a, b, c) => a! * b! + c!;
    case "affine":
      return (a) => a! * factor + offset;
    case "increment":
      return (a) => a! + 1;
    case "sum2":
      return (a, b) => a! + b!;
    case "mean2":
      return (a, b) => (a! + b!) / 2;
    case "mean3":
      return (a, b, c) => (a! + b! + c!) / 3;
    case "mean4":
      return (a, b, c, d) => (a! + b! + c! + d!) / 4;
    case "isPositive":
      return (a) => (a! > 0 ? 1 : 0);
  }
}

function graphOf(description: Description): Graph {
  const engine = createEngine();
  const nodes = new Array<Attribute<number>>(nodeCountOf(description));
  engine.transaction(() => {
    let next = 0;
    for (const value of description.inputs) nodes[next++] = engine.input(value);
    for (const batch of description.batches) {
      const { arity } = operations[batch.operation];
      for (let i = 0; i < batch.count; i++) {
        const precedents = Array.from(
          batch.reads.subarray(i * arity, (i + 1) * arity),
          (read) => nodes[read]!,
        );
        nodes[next++] = engine.computed(precedents, computeOf(batch, i));
      }
    }
  });
  const stops: (() => void)[] = [];
  return {
    set: (input, value) => (nodes[input] as Input<number>).set(value),
    read: (node) => nodes[node]!.value as number,
    readRange(first, out) {
      for (let i = 0; i < out.length; i++) out[i] = nodes[first + i]!.value as number;
    },
    watch(first, count) {
      for (let i = 0; i < count; i++) {
        const attribute = nodes[first + i]!;
        stops.push(effect(() => void attribute.signal.value));
      }
    },
    countChanges() {
      let count = 0;
      stops.push(
        engine.onChanges((changes) => {
          count = changes.count;
        }),
      );
      return () => count;
    },
    scenario(input, value) {
      const overlay = engine.overlay("scenario");
      overlay.setCells(nodes[input]!.id, wholeCell, columnFrom({ outer: 1, periods: 1 }, [value]));
      return {
        read: (node) => overlay.readCell(nodes[node]!.id as NodeId, 0) as number,
        close: () => overlay.close(),
      };
    },
    dispose() {
      for (const stop of stops) stop();
      engine.dispose();
    },
  };
}

export const reckonComputed: BenchEngine = {
  name: "reckon-computed",
  role: "reckon",
  form: "graph",
  packageName: "@reckon/engine",
  refuses: {
    "W1-text": "see reckon",
    W7: "see reckon",
    W7b: "see reckon-family",
    W8: "see reckon",
    debt: "see reckon-family",
    formula: "an attribute of `computed` keeps its function; see reckon",
    text: "see reckon-language",
    "text-million": "see reckon-language",
    "text-periods": "see reckon-language",
  },
  graph: graphOf,
};
