/**
 * What a checked attribute, loop or check was made from, so that the next check can keep the very same object.
 *
 * An object is kept when its line's text is unchanged, it stands over the same axes, and every name it mentions means
 * what it meant: the same attribute with the same axes, type and unit; the same axis; the same module. Whether that
 * attribute is an input or a formula, or has another value, does not matter. Memories hang on the objects themselves,
 * so models put together from kept and replaced attributes work as well.
 */
import type { Diagnostic, Resolution, UnitExpression } from "@reckon/formula";
import type { Axis } from "@reckon/value";
import type { AttributeType } from "./declarations.ts";
import { type ModelNames, resolveName } from "./model-scope.ts";

export interface Memory {
  readonly text: string;
  readonly block: string | undefined;
  readonly axes: readonly Axis[];
  readonly resolved: readonly {
    readonly path: readonly string[];
    readonly resolution: Resolution | undefined;
  }[];
  /** Warnings, with spans in the item's text. */
  readonly diagnostics: readonly Diagnostic[];
}

const memories = new WeakMap<object, Memory>();

export function remember(checked: object, memory: Memory): void {
  memories.set(checked, memory);
}

/** The memory of `old` if what it was made from is unchanged. */
export function stillHolds(
  old: object,
  now: {
    readonly text: string;
    readonly block: string | undefined;
    readonly axes?: readonly Axis[];
    readonly names: ModelNames & { readonly isAsBefore: boolean };
  },
): Memory | undefined {
  const memory = memories.get(old);
  if (memory === undefined || memory.text !== now.text || memory.block !== now.block) return undefined;
  if (now.axes !== undefined && now.axes !== memory.axes) return undefined;
  // Where all names of the model mean what they meant, so do those of this line.
  if (now.names.isAsBefore) return memory;
  for (const { path, resolution } of memory.resolved) {
    if (!sameResolution(resolution, resolveName(now.names, now.block, path))) return undefined;
  }
  return memory;
}

/** Whether two names mean the same: the same attribute with the same axes and type, the same axis or function. */
export function sameResolution(a: Resolution | undefined, b: Resolution | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  switch (a.kind) {
    case "attribute":
      return (
        b.kind === "attribute" &&
        a.id === b.id &&
        a.axes === b.axes &&
        a.valueType === b.valueType &&
        sameUnit(a.unit, b.unit)
      );
    case "axis":
      return b.kind === "axis" && a.axis === b.axis;
    case "module-function":
      return b.kind === "module-function" && a.module === b.module && a.name === b.name;
    case "curve":
      return b.kind === "curve" && a.definition === b.definition;
    case "value":
      return false;
  }
}

function sameUnit(a: UnitExpression | undefined, b: UnitExpression | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || a.factors.length !== b.factors.length) return false;
  return a.factors.every(
    (factor, i) => factor.name === b.factors[i]?.name && factor.exponent === b.factors[i]?.exponent,
  );
}

export function sameType(a: AttributeType | undefined, b: AttributeType | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  if (a.kind === "word") return b.kind === "word" && a.word === b.word;
  return b.kind === "unit" && sameUnit(a.unit, b.unit);
}
