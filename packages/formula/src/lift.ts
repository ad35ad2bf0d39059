/**
 * Lifting a reducing function: inside `sum(MAX(0, profit) over segment)` the inner MAX is meant for each segment and
 * not for all of them at once. The lifted definition takes the same arguments and calls the original once for each
 * cell of their broadcast shape. Cost: a call a cell.
 */
import { arrayValue, errorValue, isArrayValue, type Scalar } from "@reckon/value";
import { broadcastShape, cellAt } from "./functions/broadcast.ts";
import type { FunctionDefinition, Value } from "./functions/definition.ts";
import { invoke } from "./functions/invoke.ts";

const lifted = new WeakMap<FunctionDefinition, FunctionDefinition>();
const originals = new WeakMap<FunctionDefinition, FunctionDefinition>();

/** The function that a lifted one calls; `undefined` for one that is not lifted. */
export function originalOf(definition: FunctionDefinition): FunctionDefinition | undefined {
  return originals.get(definition);
}

/** The function called cell by cell; the same object each time. */
export function liftedDefinition(definition: FunctionDefinition): FunctionDefinition {
  const known = lifted.get(definition);
  if (known !== undefined) return known;
  const { reduces: _, ...rest } = definition;
  const made: FunctionDefinition = {
    ...rest,
    // Told apart from the original wherever a formula is written out, for instance in a kernel's version.
    name: `${definition.name} BY CELL`,
    parameters: definition.parameters.map(({ name, doc, optional }) => ({
      name,
      doc,
      kind: "value",
      ...(optional === undefined ? {} : { optional }),
    })),
    implement: (...args: (Value | undefined)[]) => callByCell(definition, args),
  };
  lifted.set(definition, made);
  originals.set(made, definition);
  return made;
}

function callByCell(definition: FunctionDefinition, args: (Value | undefined)[]): Value {
  while (args.length > 0 && args.at(-1) === undefined) args.pop();
  const { rows, columns } = broadcastShape(args);
  const cells: Scalar[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const one = args.map((arg) => {
        if (!isArrayValue(arg)) return arg;
        const cell = cellAt(arg, row, column) ?? errorValue("#N/A");
        return arg.isRange ? arrayValue(1, 1, [cell], { isRange: true }) : cell;
      });
      const result = invoke(definition, one);
      cells.push(
        isArrayValue(result) ? (result.cells[0] as Scalar) : isScalar(result) ? result : errorValue("#CALC!"),
      );
    }
  }
  return rows === 1 && columns === 1 ? (cells[0] as Scalar) : arrayValue(rows, columns, cells);
}

function isScalar(value: Value): value is Scalar {
  return typeof value !== "object" || value === null || value.kind === "error";
}
