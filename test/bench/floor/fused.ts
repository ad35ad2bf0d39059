/**
 * The floor of families: each workload as the loops that somebody would write by hand for it alone. An edit runs the
 * loop over what it can reach; nothing is queued or compared.
 */
import type { Graph } from "../engine.ts";
import { type Description, nodeCountOf } from "../graph/description.ts";
import { operations } from "../graph/operations.ts";
import { sharedInputs, sheetAttributes, sheetPeriods } from "../workloads/entity-sheet.ts";

type Recompute = (values: Float64Array, input: number) => void;

/** Values of all nodes in one table, and the loop that makes those behind an input right. */
function fusedGraph(description: Description, recomputeOf: (description: Description) => Recompute): Graph {
  const values = new Float64Array(nodeCountOf(description));
  values.set(description.inputs);
  const recompute = recomputeOf(description);
  recompute(values, -1);
  return {
    set(input, value) {
      values[input] = value;
      recompute(values, input);
    },
    read: (node) => values[node]!,
    readRange: (first, out) => out.set(values.subarray(first, first + out.length)),
    dispose: () => undefined,
  };
}

const multiplyAdds = ({ inputs, batches }: Description): Recompute => {
  const { count, reads } = batches[0]!;
  const own = reads.slice();
  const first = inputs.length;
  return (v) => {
    for (let i = 0, at = 0; i < count; i++, at += 3) {
      v[first + i] = v[own[at]!]! * v[own[at + 1]!]! + v[own[at + 2]!]!;
    }
  };
};

const chain = ({ batches }: Description): Recompute => {
  const { count } = batches[0]!;
  return (v) => {
    let value = v[0]!;
    for (let i = 1; i <= count; i++) {
      value += 1;
      v[i] = value;
    }
  };
};

const fan = ({ batches }: Description): Recompute => {
  const { count, constants } = batches[0]!;
  const factors = Float64Array.from({ length: count }, (_, i) => constants[2 * i]!);
  const offsets = Float64Array.from({ length: count }, (_, i) => constants[2 * i + 1]!);
  return (v) => {
    const x = v[0]!;
    for (let i = 0; i < count; i++) v[1 + i] = x * factors[i]! + offsets[i]!;
  };
};

const layers = ({ inputs, batches }: Description): Recompute => {
  const own = batches.map(({ operation, count, reads }) => ({
    arity: operations[operation].arity,
    count,
    reads: reads.slice(),
  }));
  return (v) => {
    let node = inputs.length;
    for (const { arity, count, reads } of own) {
      if (arity === 2) node = mean2(v, node, count, reads);
      else if (arity === 3) node = mean3(v, node, count, reads);
      else node = mean4(v, node, count, reads);
    }
  };
};

function mean2(v: Float64Array, from: number, count: number, r: Int32Array): number {
  for (let i = 0, at = 0; i < count; i++, at += 2) v[from + i] = (v[r[at]!]! + v[r[at + 1]!]!) / 2;
  return from + count;
}

function mean3(v: Float64Array, from: number, count: number, r: Int32Array): number {
  for (let i = 0, at = 0; i < count; i++, at += 3) {
    v[from + i] = (v[r[at]!]! + v[r[at + 1]!]! + v[r[at + 2]!]!) / 3;
  }
  return from + count;
}

function mean4(v: Float64Array, from: number, count: number, r: Int32Array): number {
  for (let i = 0, at = 0; i < count; i++, at += 4) {
    v[from + i] = (v[r[at]!]! + v[r[at + 1]!]! + v[r[at + 2]!]! + v[r[at + 3]!]!) / 4;
  }
  return from + count;
}

const series = ({ inputs }: Description): Recompute => {
  const size = inputs.length;
  return (v, input) => {
    const from = Math.max(0, input);
    const to = input < 0 ? size : input + 1;
    for (let t = from; t < to; t++) v[size + t] = v[t]! * 2 + 1;
    for (let t = from; t < Math.min(size, to + 1); t++) {
      v[2 * size + t] = t === 0 ? v[size]! * 1 + 0 : v[size + t - 1]! + v[size + t]!;
    }
  };
};

const sheet = ({ inputs }: Description): Recompute => {
  const entities = inputs.length - sharedInputs;
  return (v, input) => {
    if (input < sharedInputs) sheetRows(v, entities, 0, entities);
    else sheetRows(v, entities, input - sharedInputs, input - sharedInputs + 1);
  };
};

/** All cells of the entities `from` ≤ e < `to`, attribute by attribute. */
function sheetRows(v: Float64Array, entities: number, from: number, to: number): void {
  const cells = entities * sheetPeriods;
  const [growth = 0, drift = 0, zero = 0] = v;
  let own = sharedInputs + entities;
  for (let t = 0; t < sheetPeriods; t++) {
    // What stands before the first period is the entities' input, and that stands before the cells.
    for (let i = own + t * entities + from; i < own + t * entities + to; i++) {
      v[i] = v[i - entities]! * growth + drift;
    }
  }
  for (let k = 1; k < sheetAttributes; k++) {
    own += cells;
    for (let t = 0; t < sheetPeriods; t++) {
      const first = own + t * entities + from;
      const end = first + to - from;
      if (k % 3 === 1) for (let i = first; i < end; i++) v[i] = v[i - cells]! * 0.5 + k;
      else if (k % 3 === 2) for (let i = first; i < end; i++) v[i] = v[i - cells]! + v[i - 2 * cells]!;
      else if (t === 0) for (let i = first; i < end; i++) v[i] = zero + v[i - 3 * cells]!;
      else for (let i = first; i < end; i++) v[i] = v[i - cells - entities]! + v[i - 3 * cells]!;
    }
  }
}

const loopsOf: Readonly<Record<string, (description: Description) => Recompute>> = {
  W1: multiplyAdds,
  W2: chain,
  "W2-long": chain,
  W3: fan,
  W4: layers,
  series,
  sheet,
};

export function fusedGraphOf(description: Description, workload: string): Graph {
  const recomputeOf = loopsOf[workload];
  if (recomputeOf === undefined) throw new TypeError(`no fused loop for ${workload}`);
  return fusedGraph(description, recomputeOf);
}
