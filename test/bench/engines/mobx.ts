/** MobX. `keepAlive`, because a computed value that nobody observes is otherwise computed at every read. */
import { autorun, computed, type IObservableValue, observable, runInAction } from "mobx";
import { readByGet } from "./closures.ts";
import { signalEngine } from "./signals.ts";

type Node = { get: () => number };

export const mobx = signalEngine<Node>("mobx", "mobx", {
  input: (value) => observable.box(value, { deep: false }),
  formula: (nodes, batch, i) => computed(readByGet(nodes, batch, i), { keepAlive: true }),
  read: (node) => node.get(),
  write: (node, value) => runInAction(() => (node as IObservableValue<number>).set(value)),
  watch: (node) => void autorun(() => void node.get()),
});
