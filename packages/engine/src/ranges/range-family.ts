/**
 * The families of range nodes, one for each aggregate. A range node is a cell of such a family: its precedent is the node
 * whose cells it reads, its three constants are the row and the two ends of the range.
 */
import {
  Column,
  type ErrorValue,
  errorValue,
  isErrorValue,
  rangeCount,
  rangeSum,
  type Scalar,
} from "@reckon/value";
import type { CellFamily, CellNode } from "../cell-node.ts";
import type { CellTables } from "../cells/cell-tables.ts";
import { EngineError } from "../engine-error.ts";
import type { RangeAggregate, RangeNode } from "../range-node.ts";

/** Constants of each range node: row, from, to. */
export const rangeConstants = 3;

export class RangeFamily implements CellFamily {
  readonly name: string;
  readonly arity: number = 1;
  readonly constantCount: number = rangeConstants;
  readonly aggregate: RangeAggregate;
  readonly version: string;

  constructor(aggregate: RangeAggregate) {
    this.aggregate = aggregate;
    this.name = `${aggregate} of a range`;
    this.version = `range ${aggregate}`;
  }

  /** Of a precedent of one cell, as whoever knows cells alone sees it. */
  readonly general = ([value]: readonly Scalar[], constants: Float64Array, constantAt: number): Scalar => {
    const column = new Column({ outer: 1, periods: 1 });
    column.set(0, value ?? null);
    return aggregateOf(this.aggregate, column, {
      row: constants[constantAt] as number,
      from: constants[constantAt + 1] as number,
      to: constants[constantAt + 2] as number,
    });
  };
}

const families: Readonly<Record<RangeAggregate, RangeFamily>> = {
  sum: new RangeFamily("sum"),
  count: new RangeFamily("count"),
  average: new RangeFamily("average"),
};

export function rangeFamilyOf(aggregate: RangeAggregate): RangeFamily {
  if (Object.hasOwn(families, aggregate)) return families[aggregate];
  throw new EngineError("engine/wrong-kind", {
    expected: `one of ${Object.keys(families).join(", ")}`,
    found: String(aggregate),
    remedy: "read the range by a formula over columns for anything else",
  });
}

export function isRangeFamily(family: CellFamily): family is RangeFamily {
  return family instanceof RangeFamily;
}

export interface CellSpan {
  readonly row: number;
  readonly from: number;
  readonly to: number;
}

/** The cell that a range node is. */
export function cellOfRange(node: RangeNode): CellNode {
  const { name, of, row = 0, from, to, aggregate, isManual, labelsAt } = node;
  return {
    name,
    family: rangeFamilyOf(aggregate),
    precedents: [of],
    constants: [row, from, to],
    ...(isManual === undefined ? {} : { isManual }),
    ...(labelsAt === undefined ? {} : { labelsAt }),
  };
}

/** What a range node reads. */
export function spanOf(cells: CellTables, node: number): CellSpan {
  const { table } = cells.constants;
  const at = cells.constantAt(node);
  return { row: table[at] as number, from: table[at + 1] as number, to: table[at + 2] as number };
}

/** The aggregate of cells of a column, in the documented order, from its partial sums where there are many. */
export function aggregateOf(
  aggregate: RangeAggregate,
  column: Column,
  { row, from, to }: CellSpan,
): number | ErrorValue {
  const rowStart = row * column.shape.periods;
  if (aggregate === "count") return rangeCount(column, rowStart, from, to);
  const total = rangeSum(column, rowStart, from, to);
  if (isErrorValue(total)) return total;
  if (aggregate === "sum") return finite(total);
  return averageOf(total, rangeCount(column, rowStart, from, to));
}

/** The mean of `count` numbers with this sum. */
export function averageOf(total: number, count: number): number | ErrorValue {
  return count === 0 ? errorValue("#DIV/0!", "there are no numbers") : finite(total / count);
}

function finite(value: number): number | ErrorValue {
  return Number.isFinite(value) ? value : errorValue("#NUM!");
}
