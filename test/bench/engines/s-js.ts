/** S.js: eager, clocked computations; the oldest of the signal packages. */
import S, { type DataSignal } from "s-js";
import { readByCall } from "./closures.ts";
import { signalEngine } from "./signals.ts";

type Node = () => number;

export const sJs = signalEngine<Node>("s-js", "s-js", {
  input: (value) => S.default.data(value),
  formula: (nodes, batch, i) => S.default(readByCall(nodes, batch, i)),
  read: (node) => node(),
  write: (node, value) => void (node as DataSignal<number>)(value),
  watch: (node) => void S.default(() => void node()),
  own: (make) =>
    S.default.root((dispose) => {
      make();
      return dispose;
    }),
});
