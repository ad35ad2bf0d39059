/**
 * The operations as functions over signals, in the ways that signal packages are read: `a.value`, `a()` and `a.get()`.
 * One closure a formula that reads its precedents directly, as somebody would write it by hand.
 */
import type { Batch } from "../graph/description.ts";
import { operations } from "../graph/operations.ts";

/** Formula i of a batch over the nodes there are so far. */
export type Closure<Node> = (nodes: readonly Node[], batch: Batch, i: number) => () => number;

export const readByValue: Closure<{ readonly value: number }> = (nodes, batch, i) => {
  const { operation, reads, constants } = batch;
  const at = i * operations[operation].arity;
  const a = nodes[reads[at]!]!;
  const b = nodes[reads[at + 1]!]!;
  const c = nodes[reads[at + 2]!]!;
  const d = nodes[reads[at + 3]!]!;
  const factor = constants[2 * i]!;
  const offset = constants[2 * i + 1]!;
  switch (operation) {
    case "multiplyAdd":
      return () => a.value * b.value + c.value;
    case "affine":
      return () => a.value * factor + offset;
    case "increment":
      return () => a.value + 1;
    case "sum2":
      return () => a.value + b.value;
    case "mean2":
      return () => (a.value + b.value) / 2;
    case "mean3":
      return () => (a.value + b.value + c.value) / 3;
    case "mean4":
      return () => (a.value + b.value + c.value + d.value) / 4;
    case "isPositive":
      return () => (a.value > 0 ? 1 : 0);
  }
};

export const readByCall: Closure<() => number> = (nodes, batch, i) => {
  const { operation, reads, constants } = batch;
  const at = i * operations[operation].arity;
  const a = nodes[reads[at]!]!;
  const b = nodes[reads[at + 1]!]!;
  const c = nodes[reads[at + 2]!]!;
  const d = nodes[reads[at + 3]!]!;
  const factor = constants[2 * i]!;
  const offset = constants[2 * i + 1]!;
  switch (operation) {
    case "multiplyAdd":
      return () => a() * b() + c();
    case "affine":
      return () => a() * factor + offset;
    case "increment":
      return () => a() + 1;
    case "sum2":
      return () => a() + b();
    case "mean2":
      return () => (a() + b()) / 2;
    case "mean3":
      return () => (a() + b() + c()) / 3;
    case "mean4":
      return () => (a() + b() + c() + d()) / 4;
    case "isPositive":
      return () => (a() > 0 ? 1 : 0);
  }
};

export const readByGet: Closure<{ get: () => number }> = (nodes, batch, i) => {
  const { operation, reads, constants } = batch;
  const at = i * operations[operation].arity;
  const a = nodes[reads[at]!]!;
  const b = nodes[reads[at + 1]!]!;
  const c = nodes[reads[at + 2]!]!;
  const d = nodes[reads[at + 3]!]!;
  const factor = constants[2 * i]!;
  const offset = constants[2 * i + 1]!;
  switch (operation) {
    case "multiplyAdd":
      return () => a.get() * b.get() + c.get();
    case "affine":
      return () => a.get() * factor + offset;
    case "increment":
      return () => a.get() + 1;
    case "sum2":
      return () => a.get() + b.get();
    case "mean2":
      return () => (a.get() + b.get()) / 2;
    case "mean3":
      return () => (a.get() + b.get() + c.get()) / 3;
    case "mean4":
      return () => (a.get() + b.get() + c.get() + d.get()) / 4;
    case "isPositive":
      return () => (a.get() > 0 ? 1 : 0);
  }
};
