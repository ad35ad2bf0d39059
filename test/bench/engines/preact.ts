import { computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import { readByValue } from "./closures.ts";
import { signalEngine } from "./signals.ts";

type Node = ReadonlySignal<number>;

export const preact = signalEngine<Node>("preact", "@preact/signals-core", {
  input: (value) => signal(value),
  formula: (nodes, batch, i) => computed(readByValue(nodes, batch, i)),
  read: (node) => node.value,
  write: (node, value) => {
    (node as Signal<number>).value = value;
  },
  watch: (node) => void effect(() => void node.value),
});
