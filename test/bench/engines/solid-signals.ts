/** Solid's next signals: memos are computed from a queue ordered by height; `flush` makes an edit final. */
import { createEffect, createMemo, createRoot, createSignal, flush, type Setter } from "@solidjs/signals";
import { readByCall } from "./closures.ts";
import { signalEngine } from "./signals.ts";

type Node = (() => number) & { set?: Setter<number> };

export const solidSignals = signalEngine<Node>("solid-signals", "@solidjs/signals", {
  input(value) {
    const [read, set] = createSignal(value);
    // An accessor of its own: the setter goes along with the node.
    return Object.assign(() => read(), { set });
  },
  formula: (nodes, batch, i) => createMemo(readByCall(nodes, batch, i)),
  read: (node) => node(),
  write(node, value) {
    node.set?.(value);
    flush();
  },
  watch: (node) => createEffect(node, () => undefined),
  own: (make) =>
    createRoot((dispose) => {
      make();
      flush();
      return dispose;
    }),
});
