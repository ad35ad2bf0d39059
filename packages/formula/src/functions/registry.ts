/**
 * The function library: every family in one list, found by name.
 *
 * A new function is one entry in its family's file; a new family is one line here. Names and aliases are unique
 * over all families (a test holds it).
 */

import { matrixFunctions } from "./arrays-matrix.ts";
import { orderFunctions } from "./arrays-order.ts";
import { reshapeFunctions } from "./arrays-reshape.ts";
import { dateFunctions } from "./dates.ts";
import { dateSpanFunctions } from "./dates-spans.ts";
import type { FunctionDefinition } from "./definition.ts";
import { dynamicFunctions } from "./dynamics.ts";
import { annuityFunctions } from "./financial-annuities.ts";
import { depreciationFunctions } from "./financial-depreciation.ts";
import { flowFunctions } from "./financial-flows.ts";
import { informationFunctions } from "./information.ts";
import { lambdaFunctions } from "./lambdas.ts";
import { logicalFunctions } from "./logical.ts";
import { lookupFunctions } from "./lookup.ts";
import { countingFunctions } from "./math-counting.ts";
import { powerFunctions } from "./math-powers.ts";
import { roundingFunctions } from "./math-rounding.ts";
import { sumFunctions } from "./math-sums.ts";
import { trigonometryFunctions } from "./math-trigonometry.ts";
import { periodFunctions } from "./periods.ts";
import { averageFunctions } from "./statistics-averages.ts";
import { conditionalFunctions } from "./statistics-conditional.ts";
import { normalFunctions } from "./statistics-normal.ts";
import { rankFunctions } from "./statistics-ranks.ts";
import { regressionFunctions } from "./statistics-regression.ts";
import { spreadFunctions } from "./statistics-spread.ts";
import { textPartFunctions } from "./text-parts.ts";
import { textShapeFunctions } from "./text-shapes.ts";

/** Every definition, family by family in the order of help pages. */
export const functionDefinitions: readonly FunctionDefinition[] = [
  sumFunctions,
  roundingFunctions,
  powerFunctions,
  trigonometryFunctions,
  countingFunctions,
  averageFunctions,
  conditionalFunctions,
  spreadFunctions,
  rankFunctions,
  regressionFunctions,
  normalFunctions,
  logicalFunctions,
  informationFunctions,
  textPartFunctions,
  textShapeFunctions,
  dateFunctions,
  dateSpanFunctions,
  lookupFunctions,
  annuityFunctions,
  flowFunctions,
  depreciationFunctions,
  reshapeFunctions,
  orderFunctions,
  matrixFunctions,
  lambdaFunctions,
  periodFunctions,
  dynamicFunctions,
].flat();

const byName: ReadonlyMap<string, FunctionDefinition> = new Map(
  functionDefinitions.flatMap((definition) =>
    [definition.name, ...(definition.aliases ?? [])].map((name) => [name, definition] as const),
  ),
);

/** The function of that name or alias, in any case of letters; undefined when there is none. */
export function functionByName(name: string): FunctionDefinition | undefined {
  return byName.get(name) ?? byName.get(name.toUpperCase());
}

/** All names and aliases, upper case, for completion and suggestions. */
export function functionNames(): string[] {
  return [...byName.keys()];
}
