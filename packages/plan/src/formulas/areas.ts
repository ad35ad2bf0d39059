/**
 * Areas: columns of a worksheet side by side, as one node, so that ranges are parts of a column with partial sums.
 *
 *   =SUM(A2:A9)       reads positions 1 … 8 of the area `A:A`
 *   =SUM(B1:C5)       reads positions 0 … 4 of both rows of the area `B:C` (an area lies on its side: rows are periods)
 *
 * All ranges over the same columns share one area. It begins in row 1 and ends with the last row of the worksheet, or of
 * a range beyond it. An area with inputs alone is an input that is written along with them; one with formulas copies the
 * nodes of its cells, each when it changes. Cells where nothing stands are blank.
 *
 * Cost: 8 bytes a cell, and 4 where some are no numbers. An edit of an input costs its cell; of a formula in an area the
 * area.
 */
import type { Engine, FormulaNode, NodeId, OuterReach, Precedent } from "@reckon/engine";
import type { CellRange, CellsRead } from "@reckon/formula";
import { type Axis, Column, markBlank, type Scalar } from "@reckon/value";
import type { Places } from "./places.ts";

/** A larger area is an empty one: nobody can mean it. */
const areaCellsMax = 20_000_000;

/** An axis of so many places without labels: nobody asks for them. */
function places(name: string, length: number, isTime: boolean): Axis {
  const labels = { length } as unknown as readonly string[];
  const axis: Axis = { name, labels, positions: new Map() };
  return isTime ? { ...axis, time: { frequency: "step", starts: [] } } : axis;
}

const rowAxes = new Map<number, Axis>();

function rowAxis(rows: number): Axis {
  let axis = rowAxes.get(rows);
  if (axis === undefined) {
    axis = places("row", rows, true);
    if (rowAxes.size > 100) rowAxes.clear();
    rowAxes.set(rows, axis);
  }
  return axis;
}

/** How a range reads its area; undefined when it is larger than any area. Whole columns end with the last row used. */
export function readRange(range: CellRange, rowMax: number): CellsRead | undefined {
  const { fromColumn, toColumn, fromRow } = range;
  const isWhole = fromRow === 1 && range.toRow === 1_048_576;
  const toRow = isWhole ? rowMax : range.toRow;
  const rows = Math.max(rowMax, toRow);
  const columns = toColumn - fromColumn + 1;
  if (columns * rows > areaCellsMax) return undefined;
  const attribute = `${fromColumn}:${toColumn}:${rows}`;
  const rowAccess = { kind: "range", from: fromRow - 1, to: toRow } as const;
  if (columns === 1) return { attribute, axes: [rowAxis(rows)], access: [rowAccess] };
  return {
    attribute,
    axes: [places("column", columns, false), rowAxis(rows)],
    access: [{ kind: "range", from: 0, to: columns }, rowAccess],
    layout: { rows: [1], columns: [0] },
  };
}

interface Area {
  readonly node: NodeId;
  readonly fromColumn: number;
  readonly toColumn: number;
  readonly rows: number;
  hasFormulas: boolean;
}

/** What areas must know of the cells in them. */
export interface AreaCells {
  readonly places: Places;
  readonly nodeOf: (entry: number) => NodeId;
  readonly isFormula: (entry: number) => boolean;
  readonly valueOf: (entry: number) => Scalar;
}

export class Areas {
  readonly #engine: Engine;
  readonly #cells: AreaCells;
  readonly #areas: Map<string, Area> = new Map();

  constructor(engine: Engine, cells: AreaCells) {
    this.#engine = engine;
    this.#cells = cells;
  }

  /** The node of the area that a reference reads, and how it reads it; made when there is none. */
  precedent({ attribute, access }: Pick<CellsRead, "attribute" | "access">): Precedent {
    const rows = access.at(-1);
    const area = this.#areas.get(attribute) ?? this.#make(attribute);
    if (rows?.kind !== "range") return { node: area.node, time: { kind: "all" }, outer: { kind: "all" } };
    return { node: area.node, time: { kind: "range", from: rows.from, to: rows.to }, outer: { kind: "all" } };
  }

  /** An input was written. */
  written(column: number, row: number, value: Scalar): void {
    for (const area of this.#around(column, row)) {
      if (area.hasFormulas) continue;
      const cell = new Column({ outer: 1, periods: 1 });
      cell.set(0, value);
      const outer = column - area.fromColumn;
      this.#engine.setCells(
        area.node,
        { outerFrom: outer, outerTo: outer + 1, from: row - 1, to: row },
        cell,
      );
    }
  }

  /** A cell became a formula, or was added. */
  changed(column: number, row: number, isFormula: boolean): void {
    for (const area of this.#around(column, row)) {
      if (!isFormula && !area.hasFormulas) continue;
      area.hasFormulas = true;
      this.#engine.replace(area.node, this.#gathering(area));
    }
  }

  *#around(column: number, row: number): Iterable<Area> {
    for (const area of this.#areas.values()) {
      if (column >= area.fromColumn && column <= area.toColumn && row <= area.rows) yield area;
    }
  }

  #make(attribute: string): Area {
    const [fromColumn, toColumn, rows] = attribute.split(":").map(Number) as [number, number, number];
    const where = { fromColumn, toColumn, rows };
    let hasFormulas = false;
    const column = blanks(where);
    this.#eachCell(where, (entry, index) => {
      if (this.#cells.isFormula(entry)) hasFormulas = true;
      else column.set(index, this.#cells.valueOf(entry));
    });
    if (column.marks?.every((mark) => mark === 0) === true) column.marks = null;
    const node = hasFormulas
      ? this.#engine.addFormula(this.#gathering(where))
      : this.#engine.addInput({ name: nameOf(where), shape: column.shape, column });
    const area = { ...where, node, hasFormulas };
    this.#areas.set(attribute, area);
    return area;
  }

  /** A formula that copies the cells from their nodes. */
  #gathering(where: Omit<Area, "node" | "hasFormulas">): FormulaNode {
    const precedents: Precedent[] = [];
    const { shape } = blanks(where);
    /** Per cell 1 + its place among the inputs. */
    const inputAt = new Int32Array(shape.outer * shape.periods);
    const outers: OuterReach[] = [];
    this.#eachCell(where, (entry, index) => {
      // The cell in row p is read by the area's period p alone: p periods after the only one that the cell has.
      const period = index % where.rows;
      const column = Math.floor(index / where.rows);
      outers[column] ??= { kind: "map", dependents: () => [column, column + 1] };
      const time = { kind: "window", from: -period, to: -period } as const;
      precedents.push({ node: this.#cells.nodeOf(entry), time, outer: outers[column] as OuterReach });
      inputAt[index] = precedents.length;
    });
    const compute: FormulaNode["kernel"]["compute"] = (inputs, out, box) => {
      for (let column = box.outerFrom; column < box.outerTo; column++) {
        for (let i = column * where.rows + box.from; i < column * where.rows + box.to; i++) {
          const input = inputAt[i] as number;
          if (input === 0) out.set(i, null);
          else out.copyCell(i, inputs[input - 1] as Column, 0);
        }
      }
    };
    return { name: nameOf(where), shape, precedents, kernel: { compute, weight: "light" } };
  }

  #eachCell(
    { fromColumn, toColumn, rows }: Omit<Area, "node" | "hasFormulas">,
    visit: (entry: number, index: number) => void,
  ): void {
    for (let column = fromColumn; column <= toColumn; column++) {
      for (let row = 1; row <= rows; row++) {
        const entry = this.#cells.places.cell(column, row);
        if (entry >= 0) visit(entry, (column - fromColumn) * rows + row - 1);
      }
    }
  }
}

function nameOf({
  fromColumn,
  toColumn,
}: {
  readonly fromColumn: number;
  readonly toColumn: number;
}): string {
  return `columns ${fromColumn} to ${toColumn}`;
}

function blanks({ fromColumn, toColumn, rows }: Omit<Area, "node" | "hasFormulas">): Column {
  const column = new Column({ outer: toColumn - fromColumn + 1, periods: rows });
  column.marks = new Int32Array(column.length).fill(markBlank);
  return column;
}
