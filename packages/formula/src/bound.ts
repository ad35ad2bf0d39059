/**
 * Bound formulas: what a checked formula means, ready to evaluate or compile.
 *
 * Names are resolved to slots. A slot is one way of reading one attribute: which attribute, and per axis of it
 * how its index follows from the current cell. Most slots are affine in the current cell's indexes, which is why
 * a formula can become one loop over flat arrays.
 */
import type { ArrayValue, Axis, Scalar } from "@reckon/value";
import type { Span } from "./diagnostic.ts";
import type { FunctionDefinition } from "./functions/definition.ts";
import type { BinaryOperator } from "./syntax.ts";

/** How the index along one axis of the attribute read follows from the current cell. */
export type AxisAccess =
  /** The current cell's index along the axis of the same name, `offset` periods away (0 but on a time axis). */
  | { readonly kind: "current"; readonly offset: number }
  | { readonly kind: "fixed"; readonly position: number }
  /** Periods `from`..`to` (both included) relative to the current one. */
  | { readonly kind: "window"; readonly from: number; readonly to: number; readonly clip: boolean }
  /** Positions `from` ≤ p < `to`, whatever the current cell. */
  | { readonly kind: "range"; readonly from: number; readonly to: number }
  /** The member whose label equals the expression's value; `#N/A` when there is none. */
  | { readonly kind: "key"; readonly key: BoundExpression };

export interface Reference {
  /** `block.attribute`; stable ids are the plan's concern. */
  readonly attribute: string;
  /** The axes of the attribute read, time last. */
  readonly axes: readonly Axis[];
  /** One per axis. A window or range axis makes the slot an array: the first such axis its rows, a second its columns. */
  readonly access: readonly AxisAccess[];
  /**
   * Which axes (indexes into `axes`) of an array run down its rows and which across its columns, the first outermost;
   * absent: the first window or range axis down, the second across. Inside `over a, b` the axis a runs down and b across.
   */
  readonly layout?: { readonly rows: readonly number[]; readonly columns: readonly number[] };
  readonly span: Span;
}

export type BoundExpression =
  | { readonly kind: "literal"; readonly value: Scalar | ArrayValue }
  | { readonly kind: "missing" }
  | { readonly kind: "read"; readonly slot: number }
  | { readonly kind: "local"; readonly name: string }
  | { readonly kind: "unary"; readonly operator: "+" | "-"; readonly operand: BoundExpression }
  | { readonly kind: "percent"; readonly operand: BoundExpression }
  | {
      readonly kind: "binary";
      readonly operator: BinaryOperator;
      readonly left: BoundExpression;
      readonly right: BoundExpression;
    }
  | {
      readonly kind: "call";
      readonly definition: FunctionDefinition;
      readonly arguments: readonly BoundExpression[];
    }
  | { readonly kind: "array"; readonly rows: readonly (readonly BoundExpression[])[] }
  | {
      readonly kind: "let";
      readonly names: readonly string[];
      readonly values: readonly BoundExpression[];
      readonly body: BoundExpression;
    }
  | { readonly kind: "lambda"; readonly parameters: readonly string[]; readonly body: BoundExpression }
  | {
      readonly kind: "apply";
      readonly callee: BoundExpression;
      readonly arguments: readonly BoundExpression[];
    }
  /** A function of a `use`d module, called with scalars. */
  | {
      readonly kind: "module-call";
      readonly module: string;
      readonly name: string;
      readonly arguments: readonly BoundExpression[];
    }
  /** `PERIOD()` and its kin: facts about the current cell. `label` is a text, `start` a date serial or step, `index` from 1. */
  | { readonly kind: "current"; readonly fact: "label" | "start" | "index" | "count"; readonly axis: string };

/** A formula after checking. Immutable and shared. */
export interface BoundFormula {
  readonly root: BoundExpression;
  /** Slot `i` reads `references[i]`. */
  readonly references: readonly Reference[];
  /** The axes of the attribute that the formula defines, time last; empty for a scalar. */
  readonly axes: readonly Axis[];
  /** What references before the first period give, evaluated at the current cell; likewise after the last. */
  readonly start?: BoundExpression;
  readonly end?: BoundExpression;
  /** Whether it calls a module function (so may be slow or asynchronous). */
  readonly callsModule: boolean;
  /**
   * A stock: `root` is the net flow of one period, and `initial`, over the same axes, gives the value in the first period
   * (only that period of it counts).
   */
  readonly integral?: { readonly initial: BoundFormula };
  /** A fixed delay: `root` is what is delayed; `time`, in periods, and `initial` count in the first period only. */
  readonly delay?: { readonly time: BoundFormula; readonly initial: BoundFormula };
}
