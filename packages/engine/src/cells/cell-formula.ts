/**
 * A cell seen as a formula over columns of one cell: what the steps of components, and everything else that knows
 * column formulas alone, work with. Made on demand; the plain way of a cell never comes here.
 */
import type { Column, Scalar } from "@reckon/value";
import type { FormulaNode, NodeId, Precedent } from "../formula-node.ts";
import { aggregateOf, isRangeFamily, type RangeFamily, spanOf } from "../ranges/range-family.ts";
import { spanReach } from "../structure/reach.ts";
import { type Structure, scalarShape, traitManual } from "../structure/structure.ts";
import { cellScalar } from "./compute-cell.ts";

const everything = { time: { kind: "all" }, outer: { kind: "all" } } as const;

export function cellFormula(structure: Structure, node: number): FormulaNode {
  const family = structure.familyOf(node);
  if (isRangeFamily(family)) return rangeFormula(structure, node, family);
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
      ...(family.version === undefined
        ? {}
        : { version: cellVersion(family.version, constants.table, constantAt, family.constantCount) }),
      ...(family.isDiscrete === undefined ? {} : { isDiscrete: family.isDiscrete }),
    },
    isManual: (structure.traitsOf(node) & traitManual) !== 0,
    ...(labelsAt === undefined ? {} : { labelsAt }),
  };
}

/** The family's, and the cell's own constants: a family computes other bits with others. */
function cellVersion(family: string, table: Float64Array, from: number, count: number): string {
  let version = family;
  for (let i = from; i < from + count; i++) {
    const constant = table[i] as number;
    version += Object.is(constant, -0) ? " -0" : ` ${constant}`;
  }
  return version;
}

function rangeFormula(structure: Structure, node: number, { aggregate, version }: RangeFamily): FormulaNode {
  const labelsAt = structure.cells.labels.get(node);
  const span = spanOf(structure.cells, node);
  const of = structure.precedentsOf(node)[0] as NodeId;
  return {
    name: structure.nameOf(node),
    shape: scalarShape,
    precedents: [{ node: of, ...spanReach(span) }],
    kernel: {
      compute: ([column], out) => out.set(0, aggregateOf(aggregate, column as Column, span)),
      version: `${version} ${span.row} ${span.from} ${span.to}`,
    },
    isManual: (structure.traitsOf(node) & traitManual) !== 0,
    ...(labelsAt === undefined ? {} : { labelsAt }),
  };
}
