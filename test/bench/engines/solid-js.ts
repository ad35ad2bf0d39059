/** Solid 1. Its main entry is for servers when it runs under Node, where nothing reacts; this is the browser's build. */
import type * as solidPackage from "solid-js";
import { readByCall } from "./closures.ts";
import { signalEngine } from "./signals.ts";

const browserBuild: string = "solid-js/dist/solid.js";
const solid = (await import(browserBuild)) as typeof solidPackage;

type Node = solidPackage.Accessor<number> & { set?: solidPackage.Setter<number> };

export const solidJs = signalEngine<Node>("solid-js", "solid-js", {
  input(value) {
    const [read, set] = solid.createSignal(value);
    return Object.assign(() => read(), { set });
  },
  formula: (nodes, batch, i) => solid.createMemo(readByCall(nodes, batch, i)),
  read: (node) => node(),
  write: (node, value) => void node.set?.(value),
  watch: (node) => solid.createEffect(() => void node()),
  own: (make) =>
    solid.createRoot((dispose) => {
      make();
      return dispose;
    }),
});
