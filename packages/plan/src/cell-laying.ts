/**
 * Attributes of single values as cells of the engine: inputs of one number, and formulas that share a function with all
 * formulas alike but for what they read and for the numbers in them.
 *
 * A first laying makes them in bulk, without an object for each: all inputs, then the cells family by family. The engine's
 * ids follow one another, so every cell's id is known before it exists, and cells may read each other in any order. What
 * is no cell and is read by one (a reduction, a call of a module) is reserved before.
 *
 * Cost: a pass over attributes and reads, and the engine's copies of the tables.
 */
import type { CellFamily, CellNode, Engine, NodeId } from "@reckon/engine";
import { cellFamilyOf } from "@reckon/formula";
import {
  type AttributeTable,
  type CheckedAttribute,
  type CheckedFormula,
  type CheckedInput,
  LineFormula,
  LineInput,
} from "@reckon/model";
import type { Unit } from "./unit.ts";

/** The cell of a formula as it is written, if it is one. */
export function cellNodeOf(unit: Unit, nodeOf: (attribute: string) => NodeId): CellNode | undefined {
  const { attribute, formula } = unit;
  if (attribute?.kind !== "formula" || !isLight(attribute) || formula === undefined) return undefined;
  const member = unit.copyOf === undefined && unit.isTransparent !== true ? cellFamilyOf(formula) : undefined;
  if (member === undefined) return undefined;
  const { family, constants } = member;
  const precedents = formula.references.map((reference) => nodeOf(reference.attribute));
  // One and the same node twice is for the ordinary way of reading.
  if (new Set(precedents).size < precedents.length) return undefined;
  const node = { name: unit.key, family, precedents, constants };
  return attribute.isManual ? { ...node, isManual: true } : node;
}

function isLight({ weight, retries, timeoutMs }: CheckedFormula): boolean {
  return weight !== "heavy" && retries === undefined && timeoutMs === undefined;
}

/** The value of an input that is one number. */
function numberOf(input: CheckedInput): number | undefined {
  if (input.axes.length > 0) return undefined;
  if (input instanceof LineInput) return input.number;
  return input.column.marks === null ? input.column.numbers[0] : undefined;
}

/** Formulas of one family, with what they read and their constants, cell after cell. */
interface CellGroup {
  readonly family: CellFamily;
  /** Numbers of the attributes. */
  readonly cells: number[];
  readonly reads: number[];
  readonly constants: number[];
}

/** What of a model is laid in bulk: numbers of attributes in its table. */
export interface BulkCells {
  readonly inputs: readonly number[];
  readonly values: Float64Array;
  readonly groups: readonly CellGroup[];
  /** The others. */
  readonly rest: readonly number[];
  /** Those of the others that cells read. */
  readonly readByCells: ReadonlySet<number>;
}

/** Parts the attributes into those for bulk and the others; undefined where there is no input to begin with. */
export function bulkCellsOf(table: AttributeTable, numbers: readonly number[]): BulkCells | undefined {
  const inputs: number[] = [];
  const values: number[] = [];
  const rest: number[] = [];
  const groups = new Map<CellFamily, CellGroup>();
  const isCell = new Uint8Array(table.numberCount);
  for (const number of numbers) {
    const attribute = table.at(number) as CheckedAttribute;
    const isTaken =
      attribute.kind === "input"
        ? takeInput(attribute, number)
        : takeFormula(attribute, number, table, groups);
    if (isTaken) isCell[number] = 1;
    else rest.push(number);
  }
  if (inputs.length === 0) return undefined;
  const readByCells = new Set<number>();
  for (const { reads } of groups.values())
    for (const read of reads) if (isCell[read] === 0) readByCells.add(read);
  return { inputs, values: Float64Array.from(values), groups: [...groups.values()], rest, readByCells };

  function takeInput(input: CheckedInput, number: number): boolean {
    const value = numberOf(input);
    if (value === undefined) return false;
    inputs.push(number);
    values.push(value);
    return true;
  }
}

/** Puts a formula into its group. Constants have none: other parts of the plan want to see them. */
function takeFormula(
  attribute: CheckedFormula,
  number: number,
  table: AttributeTable,
  groups: Map<CellFamily, CellGroup>,
): boolean {
  if (attribute.axes.length > 0) return false;
  if (attribute instanceof LineFormula) {
    const line: LineFormula = attribute;
    const { family, constantCount } = line.meaning;
    if (family === undefined || line.readCount === 0) return false;
    const group = groupOf(groups, family);
    group.cells.push(number);
    const isShared = line.sharesNames(table.names);
    for (let slot = 0; slot < line.readCount; slot++)
      group.reads.push(isShared ? line.readNumberAt(slot) : (table.numberOf(line.readAt(slot)) as number));
    for (let i = 0; i < constantCount; i++) group.constants.push(line.constantAt(i));
    return true;
  }
  if (!isLight(attribute) || attribute.isManual || attribute.formula.references.length === 0) return false;
  const member = cellFamilyOf(attribute.formula);
  if (member === undefined) return false;
  const reads = attribute.formula.references.map(
    (reference) => table.numberOf(reference.attribute) as number,
  );
  if (new Set(reads).size < reads.length) return false;
  const group = groupOf(groups, member.family);
  group.cells.push(number);
  group.reads.push(...reads);
  group.constants.push(...member.constants);
  return true;
}

function groupOf(groups: Map<CellFamily, CellGroup>, family: CellFamily): CellGroup {
  let group = groups.get(family);
  if (group === undefined) {
    group = { family, cells: [], reads: [], constants: [] };
    groups.set(family, group);
  }
  return group;
}

/** Lays them; `nodes` has the node of every number that is laid or reserved, and gets those of the cells. */
export function layBulk(engine: Engine, table: AttributeTable, bulk: BulkCells, nodes: Int32Array): void {
  const { inputs, values, groups } = bulk;
  const nameAt = (numbers: readonly number[]) => (i: number) => table.nameOf(numbers[i] as number);
  const first: number = engine.addCellInputs({ values, nameAt: nameAt(inputs) });
  let next = first;
  for (const number of inputs) nodes[number] = next++;
  for (const { cells } of groups) for (const number of cells) nodes[number] = next++;
  next = first + inputs.length;
  for (const { family, cells, reads, constants } of groups) {
    const precedents = new Int32Array(reads.length);
    for (let i = 0; i < reads.length; i++) precedents[i] = nodes[reads[i] as number] as number;
    const node: number = engine.addCells({
      family,
      count: cells.length,
      precedents,
      constants: Float64Array.from(constants),
      nameAt: nameAt(cells),
    });
    if (node !== next) throw new RangeError("the engine's ids do not follow one another");
    next += cells.length;
  }
}
