import { computed, effect, type ShallowRef, shallowRef } from "@vue/reactivity";
import { readByValue } from "./closures.ts";
import { signalEngine } from "./signals.ts";

type Node = { readonly value: number };

export const vue = signalEngine<Node>("vue", "@vue/reactivity", {
  input: (value) => shallowRef(value),
  formula: (nodes, batch, i) => computed(readByValue(nodes, batch, i)),
  read: (node) => node.value,
  write: (node, value) => {
    (node as ShallowRef<number>).value = value;
  },
  watch: (node) => void effect(() => void node.value),
});
