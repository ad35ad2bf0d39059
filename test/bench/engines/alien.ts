import { computed, effect, signal } from "alien-signals";
import { readByCall } from "./closures.ts";
import { signalEngine } from "./signals.ts";

type Node = () => number;

export const alien = signalEngine<Node>("alien", "alien-signals", {
  input: (value) => signal(value),
  formula: (nodes, batch, i) => computed(readByCall(nodes, batch, i)),
  read: (node) => node(),
  write: (node, value) => (node as (value: number) => void)(value),
  watch: (node) => void effect(() => void node()),
});
