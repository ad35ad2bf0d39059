/**
 * A cell seen as a formula over columns of one cell: what the steps of components, and everything else that knows
 * column formulas alone, work with. Made on demand; the plain way of a cell never comes here.
 */
import type { Column, Scalar } from "@reckon/value";
import type { FormulaNode, NodeId, Precedent } from "../formula-node.ts";
import { type Structure, scalarShape, traitManual } from "../structure/structure.ts";
import { cellScalar } from "./compute-cell.ts";

const everything = { time: { kind: "all" }, outer: { kind: "all" } } as const;

export function cellFormula(structure: Structure, node: number): FormulaNode {
  const family = structure.familyOf(node);
  const { constants } = structure.cells;
  const constantAt = structure.cells.constantAt(node);
  const labelsAt = structure.cells.labels.get(node);
  const precedents = structure.precedentsOf(node).slice(0, family.arity);
  return {
    name: structure.nameOf(node),
    shape: scalarShape,
    precedents: precedents.map((id): Precedent => ({ node: id as NodeId, ...everything })),
    kernel: {
      compute(inputs: readonly Column[], out: Column): void {
        const values: Scalar[] = inputs.map((input) => input.get(0));
        out.set(0, cellScalar(family.general(values, constants.table, constantAt)));
      },
      ...(family.version === undefined ? {} : { version: family.version }),
    },
    isManual: (structure.traitsOf(node) & traitManual) !== 0,
    ...(labelsAt === undefined ? {} : { labelsAt }),
  };
}
