/**
 * Short ways to write the parameters of a definition, so that a family's file reads as a table.
 */
import type { Scalar } from "@reckon/value";
import type { FunctionDefinition, ParameterDefinition, ParameterKind } from "./definition.ts";

export function number(name: string, doc: string): ParameterDefinition {
  return { name, kind: "number", doc };
}

/** A number for which TRUE and FALSE do not count as 1 and 0. */
export function strictNumber(name: string, doc: string): ParameterDefinition {
  return { name, kind: "number", refusesBooleans: true, doc };
}

export function text(name: string, doc: string): ParameterDefinition {
  return { name, kind: "text", doc };
}

export function logical(name: string, doc: string): ParameterDefinition {
  return { name, kind: "logical", doc };
}

/** Any scalar, uncoerced. */
export function scalar(name: string, doc: string): ParameterDefinition {
  return { name, kind: "scalar", doc };
}

/** Anything: an array, a range, an error value. */
export function value(name: string, doc: string): ParameterDefinition {
  return { name, kind: "value", doc };
}

export function lambda(name: string, doc: string): ParameterDefinition {
  return { name, kind: "lambda", doc };
}

export function lazy(name: string, doc: string): ParameterDefinition {
  return { name, kind: "lazy", doc };
}

/** The parameter made optional; omitted or empty it is `fallback`, or `undefined` where none is given. */
export function optional(parameter: ParameterDefinition, fallback?: Scalar): ParameterDefinition {
  return fallback === undefined
    ? { ...parameter, optional: true }
    : { ...parameter, optional: true, fallback };
}

/** As `optional`, but an empty argument (`f(a,)`) counts as a blank and not as omitted. */
export function optionalOrBlank(parameter: ParameterDefinition, fallback: Scalar): ParameterDefinition {
  return { ...parameter, optional: true, fallback, emptyIsBlank: true };
}

/** The definitions of one family; each gets the family's name. */
export function familyOf(
  family: string,
  definitions: readonly Omit<FunctionDefinition, "family">[],
): readonly FunctionDefinition[] {
  return definitions.map((definition) => ({ ...definition, family }));
}

/** The kinds whose arguments are coerced to one scalar, and lifted over when they are arrays. */
export function isScalarKind(kind: ParameterKind): boolean {
  return kind === "number" || kind === "text" || kind === "logical" || kind === "scalar";
}
