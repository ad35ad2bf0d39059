/**
 * Laying: what was read goes into the engine in bulk, as one transaction: all inputs, then the cells of each family.
 *
 * Nodes get consecutive ids in that order, so every reference is known before its cell exists. Cost: a pass over the
 * entries and references, and the engine's copies of the tables.
 */
import type { Engine, NodeId } from "@reckon/engine";
import { columnFrom } from "@reckon/value";
import { inputGroup, type Reading } from "./reading.ts";

const single = { outer: 1, periods: 1 };
const cell = { outerFrom: 0, outerTo: 1, from: 0, to: 1 };

export interface Laid {
  /** The first node; the others follow. */
  readonly first: number;
  /** Per entry its node. */
  readonly nodes: Int32Array;
}

/** Lays all entries. */
export function layCells(engine: Engine, reading: Reading): Laid {
  let laid: Laid | undefined;
  // Names are made when the first one is asked for: nodes have none of their own.
  let names: readonly string[] | undefined;
  const nameOf = (place: number): string => {
    names ??= namesByPlace(reading, laid as Laid);
    return names[place] ?? "";
  };
  return engine.transaction(() => {
    const { count, groups } = reading;
    const written = reading.numbers.taken();
    const blanks = count - reading.textCount;
    // Something must be first; without inputs it is one that nobody reads.
    const inputs = new Float64Array(Math.max(1, written.length + blanks));
    inputs.set(written);
    const first: number = engine.addCellInputs({ values: inputs, nameAt: nameOf });
    const starts: number[] = [];
    let next = first + inputs.length;
    for (const group of groups) {
      starts.push(next);
      next += group.count;
    }
    const nodes = nodesOf(reading, first, starts);
    laid = { first, nodes };
    layGroups(engine, reading, { first, nodes, starts, nameOf });
    for (const [entry, value] of reading.others) {
      engine.setCells(nodes[entry] as NodeId, cell, columnFrom(single, [value]));
    }
    return laid;
  });
}

function namesByPlace({ places }: Reading, { first, nodes }: Laid): readonly string[] {
  const byEntry = places.byEntry(nodes.length);
  const names = new Array<string>(nodes.length);
  nodes.forEach((node, entry) => {
    names[node - first] = byEntry[entry] ?? "";
  });
  return names;
}

function nodesOf({ count, groupOf }: Reading, first: number, starts: readonly number[]): Int32Array {
  const nodes = new Int32Array(count);
  const next = Int32Array.from(starts);
  let nextInput = first;
  for (let entry = 0; entry < count; entry++) {
    const group = groupOf[entry] as number;
    if (group === inputGroup) nodes[entry] = nextInput++;
    else nodes[entry] = (next[group] as number)++;
  }
  return nodes;
}

interface Places {
  readonly first: number;
  readonly nodes: Int32Array;
  readonly starts: readonly number[];
  readonly nameOf: (place: number) => string;
}

function layGroups(engine: Engine, reading: Reading, { first, nodes, starts, nameOf }: Places): void {
  const { groups } = reading;
  const tables = groups.length === 1 ? onlyTable(reading, nodes) : sortedTables(reading, nodes);
  groups.forEach(({ family, count }, i) => {
    const place = (starts[i] as number) - first;
    const node = engine.addCells({
      family,
      count,
      ...(tables[i] as Table),
      nameAt: (index) => nameOf(place + index),
    });
    if (node !== starts[i]) throw new RangeError("the engine's ids do not follow one another");
    // What was copied may go.
    tables[i] = undefined;
  });
}

interface Table {
  readonly precedents: Int32Array;
  readonly constants: Float64Array;
}

/** The pools as they are: all formulas are of one family. */
function onlyTable(reading: Reading, nodes: Int32Array): (Table | undefined)[] {
  const precedents = reading.reads.taken();
  for (let i = 0; i < precedents.length; i++) precedents[i] = nodes[precedents[i] as number] as number;
  return [{ precedents, constants: reading.constants.taken() }];
}

/** What stands in the pools formula by formula, family by family. */
function sortedTables(reading: Reading, nodes: Int32Array): (Table | undefined)[] {
  const { groups, groupOf } = reading;
  const reads = reading.reads.taken();
  const numbers = reading.constants.taken();
  const tables = groups.map(({ family, count }) => ({
    precedents: new Int32Array(family.arity * count),
    constants: new Float64Array(family.constantCount * count),
  }));
  const filled = new Int32Array(groups.length);
  let read = 0;
  let number = 0;
  for (let entry = 0; entry < reading.textCount; entry++) {
    const at = groupOf[entry] as number;
    if (at === inputGroup) continue;
    const { arity, constantCount } = (groups[at] as Reading["groups"][number]).family;
    const { precedents, constants } = tables[at] as Table;
    const cellAt = (filled[at] as number)++;
    for (let i = 0; i < arity; i++) precedents[cellAt * arity + i] = nodes[reads[read++] as number] as number;
    for (let i = 0; i < constantCount; i++)
      constants[cellAt * constantCount + i] = numbers[number++] as number;
  }
  return tables;
}
