/**
 * The adapter that all signal packages share: one source an input, one computed value a formula.
 *
 * First values are read node by node in the order of building, so that a package that recurses has no deep recursion
 * while building. An edit writes one source; whoever reads afterwards pulls.
 */
import type { BenchEngine, Graph } from "../engine.ts";
import { type Batch, type Description, nodeCountOf } from "../graph/description.ts";

/** What differs from package to package. */
export interface SignalPackage<Node> {
  readonly input: (value: number) => Node;
  readonly formula: (nodes: readonly Node[], batch: Batch, i: number) => Node;
  readonly read: (node: Node) => number;
  readonly write: (node: Node, value: number) => void;
  /** Something that runs whenever the node changes. */
  readonly watch: (node: Node) => void;
  /** Owns what is made inside, where the package wants an owner; returns its disposer. */
  readonly own?: (make: () => void) => () => void;
}

const signalRefusals: Readonly<Record<string, string>> = {
  "W1-text": "reads no formulas as text",
  W7: "has no ranges: the sums would need 50 million edges",
  W7b: "has no ranges: the sums would need 5 billion edges",
  W8: "solves no loops: a computed value that reads itself is an error, an overflow or NaN",
  debt: "solves no loops: a computed value that reads itself is an error, an overflow or NaN",
  formula: "a computed value cannot become another; what reads it would have to be made again",
  text: "has no language",
  "text-million": "has no language",
  "text-periods": "has no language",
};

export function signalEngine<Node>(
  name: string,
  packageName: string,
  signals: SignalPackage<Node>,
): BenchEngine {
  return {
    name,
    role: "peer",
    form: "graph",
    packageName,
    refuses: { ...signalRefusals, ...(name === "alien" ? {} : { "W2-long": "see W2" }) },
    graph: (description) => graphOf(signals, description),
  };
}

function ownNothing(make: () => void): () => void {
  make();
  return () => undefined;
}

function graphOf<Node>(signals: SignalPackage<Node>, description: Description): Graph {
  let nodes: Node[] = new Array<Node>(nodeCountOf(description));
  const fill = () => {
    let next = 0;
    for (const value of description.inputs) nodes[next++] = signals.input(value);
    for (const batch of description.batches) {
      for (let i = 0; i < batch.count; i++) nodes[next++] = signals.formula(nodes, batch, i);
    }
    for (let i = description.inputs.length; i < next; i++) signals.read(nodes[i] as Node);
  };
  const own = signals.own ?? ownNothing;
  const disposers = [own(fill)];
  return {
    set: (input, value) => signals.write(nodes[input] as Node, value),
    read: (node) => signals.read(nodes[node] as Node),
    readRange(first, out) {
      for (let i = 0; i < out.length; i++) out[i] = signals.read(nodes[first + i] as Node);
    },
    watch(first, count) {
      disposers.push(
        own(() => {
          for (let i = 0; i < count; i++) signals.watch(nodes[first + i] as Node);
        }),
      );
    },
    dispose() {
      for (const dispose of disposers) dispose();
      nodes = [];
    },
  };
}
