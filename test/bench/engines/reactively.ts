/** Reactively: three colours of nodes; effects run in `stabilize`. */
import { Reactive, stabilize } from "@reactively/core";
import { readByValue } from "./closures.ts";
import { signalEngine } from "./signals.ts";

export const reactively = signalEngine<Reactive<number>>("reactively", "@reactively/core", {
  input: (value) => new Reactive(value),
  formula: (nodes, batch, i) => new Reactive(readByValue(nodes, batch, i)),
  read: (node) => node.value,
  write(node, value) {
    node.set(value);
    stabilize();
  },
  watch: (node) => void new Reactive(() => node.value, true),
});
