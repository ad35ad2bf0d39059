/**
 * Scope: what the names of a formula mean. The checker asks; the model, a sheet or `eval` answers. All functions are
 * pure and cheap (a map look-up); the checker calls `resolve` once for each name written.
 */
import type { ArrayValue, Axis, Scalar } from "@reckon/value";
import type { Reference } from "./bound.ts";
import type { FunctionDefinition } from "./functions/definition.ts";
import type { UnitExpression } from "./syntax.ts";

/** What kind of values an attribute was declared to have. */
export type ValueType = "number" | "text" | "boolean" | "date";

export type Resolution =
  /** An attribute: `id` is `block.attribute`, `axes` its axes with time last. */
  | {
      readonly kind: "attribute";
      readonly id: string;
      readonly axes: readonly Axis[];
      readonly valueType?: ValueType;
      readonly unit?: UnitExpression;
    }
  /** A value known now: what `eval` binds. An array counts as a range of cells. */
  | { readonly kind: "value"; readonly value: Scalar | ArrayValue }
  | { readonly kind: "module-function"; readonly module: string; readonly name: string }
  | { readonly kind: "axis"; readonly axis: Axis }
  /** A curve: a function of one number that the model gives by points. */
  | { readonly kind: "curve"; readonly definition: FunctionDefinition };

/** A reference to cells without the place where it is written. */
export type CellsRead = Omit<Reference, "span">;

export interface Scope {
  /** What a dotted name means, or `undefined`. Names are case-sensitive in models; the scope decides. */
  readonly resolve: (path: readonly string[]) => Resolution | undefined;
  /** A name near to one that does not resolve. */
  readonly suggest: (path: readonly string[]) => string | undefined;
  /** The axes of what the formula defines, time last; empty for a scalar. */
  readonly currentAxes: readonly Axis[];
  /** Whether A1 references mean something here. */
  readonly allowA1: boolean;
  /** The cells of an A1 reference, in its canonical form (`B2`, `A1:B9`). */
  readonly resolveA1?: (reference: string, sheet: string | undefined) => Scalar | ArrayValue | undefined;
  /** What an A1 reference reads, where cells are attributes; asked before `resolveA1`. */
  readonly readA1?: (reference: string, sheet: string | undefined) => CellsRead | undefined;
  /**
   * True in models: unknown names and texts in arithmetic are errors, and nothing volatile is allowed. Otherwise an
   * unknown name is a warning and gives `#NAME?`, as in a worksheet.
   */
  readonly isStrict: boolean;
  /**
   * The id of a hidden stock of the formula: `SMOOTH 1` becomes `block.name SMOOTH 1`. Absent where a formula can have
   * none, and be none: it defines no attribute.
   */
  readonly hiddenId?: (what: string) => string;
  /** The functions that the model itself has, as they are called here: for suggestions. */
  readonly functions?: () => readonly string[];
}
