/** The polyfill of the signals proposal; its graph is the one that Angular's signals use. */
import { Signal } from "signal-polyfill";
import { readByGet } from "./closures.ts";
import { signalEngine } from "./signals.ts";

type Node = { get: () => number };

/** One watcher for all: at each edit it is told of the pending nodes and reads them, as a scheduler would. */
let pending = false;
const watcher = new Signal.subtle.Watcher(() => {
  pending = true;
});

export const signalPolyfill = signalEngine<Node>("signal-polyfill", "signal-polyfill", {
  input: (value) => new Signal.State(value),
  formula: (nodes, batch, i) => new Signal.Computed(readByGet(nodes, batch, i)),
  read: (node) => node.get(),
  write(node, value) {
    (node as Signal.State<number>).set(value);
    if (!pending) return;
    pending = false;
    for (const waiting of watcher.getPending()) waiting.get();
    watcher.watch();
  },
  watch: (node) => watcher.watch(node as Signal.Computed<number>),
});
