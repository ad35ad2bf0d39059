/**
 * The records of one loop in one state, flat: a row for each solve, by period and outer member.
 *
 *   row = (period + 1) × (outers + 1) + outer + 1        −1: all periods, all members, at once
 *
 * Objects are made when somebody asks. Writing a row costs some nanoseconds; another kind of split drops the rows.
 */
import type { LoopMethod, LoopRecord, LoopVerdict, NodeId } from "../formula-node.ts";
import { residualsKept, type Trail } from "./trail.ts";

type MethodTaken = LoopRecord["method"];

/** How a solve ended, as the machines for one and for several unknowns both tell it. */
export interface Outcome {
  readonly verdict: LoopVerdict;
  readonly methodTaken: MethodTaken;
  readonly ratio: number;
  readonly iterations: number;
  readonly sweeps: number;
  readonly settled: number;
  readonly trail: Trail;
}

const verdicts: readonly LoopVerdict[] = [
  "converged",
  "limit",
  "oscillating",
  "diverging",
  "switching",
  "error",
];
const methods: readonly Exclude<LoopMethod, "auto">[] = ["plain", "damped", "aitken", "anderson", "newton"];
const methodAitken = 2;
/** The numbers of the rules by which values are chosen that are no solution. */
export const settledInCycle = 1;
export const settledAtBest = 2;
export const settledAtLast = 3;
const rules: readonly (string | undefined)[] = [
  undefined,
  "of the states it goes round in, the one with the smallest residual; of equal ones the nearest to the start",
  "the iterate with the smallest residual",
  "the last iterate",
];

const rowLength = 2 * residualsKept;
/** Of loops with one lowest node; more of them are loops that were. */
const tablesKept = 64;

export class LoopTable {
  readonly loop: string;
  readonly nodes: readonly NodeId[];
  readonly outers: number;
  /** Rows whose verdict is not `converged`. */
  unconvergedCount: number = 0;
  /** Of another loop with the same lowest node: two groups of cells, or two periods, may differ in what is cut. */
  next: LoopTable | null = null;

  /** Verdict + 1; 0: no such row. */
  private verdictOf: Uint8Array;
  private methodOf: Uint8Array;
  private warmOf: Uint8Array;
  private settledOf: Uint8Array;
  private iterationsOf: Int32Array;
  private sweepsOf: Int32Array;
  private ratioOf: Float64Array;
  private countOf: Int32Array;
  private residualsOf: Float64Array;
  /** Rows of other nodes than those of the table. */
  private nodesOf: Map<number, readonly NodeId[]> | null = null;

  constructor(loop: string, nodes: readonly NodeId[], outers: number) {
    this.loop = loop;
    this.nodes = nodes;
    this.outers = outers;
    this.verdictOf = new Uint8Array(0);
    this.methodOf = new Uint8Array(0);
    this.warmOf = new Uint8Array(0);
    this.settledOf = new Uint8Array(0);
    this.iterationsOf = new Int32Array(0);
    this.sweepsOf = new Int32Array(0);
    this.ratioOf = new Float64Array(0);
    this.countOf = new Int32Array(0);
    this.residualsOf = new Float64Array(0);
  }

  rowOf(period: number, outer: number): number {
    return (period + 1) * (this.outers + 1) + outer + 1;
  }

  /** Makes room for so many periods. */
  reserve(periods: number): void {
    const rows = this.rowOf(periods - 1, this.outers - 1) + 1;
    if (rows > this.verdictOf.length) this.grow(rows);
  }

  write(row: number, outcome: Outcome, isWarm: boolean): void {
    if (row >= this.verdictOf.length) this.grow(row + 1);
    const { trail } = outcome;
    const before = this.verdictOf[row] as number;
    // Nearly all of them are: no need to look for the word.
    const verdict = outcome.verdict === "converged" ? 1 : verdicts.indexOf(outcome.verdict) + 1;
    this.unconvergedCount += (verdict > 1 ? 1 : 0) - (before > 1 ? 1 : 0);
    this.verdictOf[row] = verdict;
    this.methodOf[row] =
      outcome.methodTaken === "aitken" ? methodAitken : methods.indexOf(outcome.methodTaken);
    this.warmOf[row] = isWarm ? 1 : 0;
    this.settledOf[row] = outcome.settled;
    this.iterationsOf[row] = outcome.iterations;
    this.sweepsOf[row] = outcome.sweeps;
    this.ratioOf[row] = outcome.ratio;
    this.countOf[row] = trail.count;
    const { residuals } = trail;
    const at = row * rowLength;
    const kept = trail.count > residualsKept ? rowLength : trail.count;
    for (let i = 0; i < kept; i++) this.residualsOf[at + i] = residuals[i] as number;
  }

  /** The nodes of a solve that is to be written; the table's own list if it is of these. Cost: their number. */
  listOf(nodes: readonly NodeId[]): readonly NodeId[] {
    if (nodes === this.nodes) return nodes;
    return nodes.length === this.nodes.length && nodes.every((node, i) => node === this.nodes[i])
      ? this.nodes
      : nodes;
  }

  /** Says of which nodes a row is: the table's own list costs nothing. */
  nameNodes(row: number, nodes: readonly NodeId[]): void {
    if (nodes === this.nodes) {
      this.nodesOf?.delete(row);
      return;
    }
    this.nodesOf ??= new Map();
    this.nodesOf.set(row, nodes);
  }

  /** Whether there is a record in the row. */
  has(row: number): boolean {
    return row < this.verdictOf.length && this.verdictOf[row] !== 0;
  }

  /** Whether the last solve of the row converged. */
  isConverged(row: number): boolean {
    return this.verdictOf[row] === 1;
  }

  /** The last residual of a row. */
  deltaOf(row: number): number {
    const last = (this.countOf[row] as number) - 1;
    return last < 0 ? 0 : (this.residualsOf[row * rowLength + placeOf(last)] as number);
  }

  /** The ratio of a row; NaN: not known. */
  ratioAt(row: number): number {
    return this.ratioOf[row] as number;
  }

  clone(): LoopTable {
    const copy = new LoopTable(this.loop, this.nodes, this.outers);
    copy.next = this.next?.clone() ?? null;
    copy.unconvergedCount = this.unconvergedCount;
    copy.verdictOf = this.verdictOf.slice();
    copy.methodOf = this.methodOf.slice();
    copy.warmOf = this.warmOf.slice();
    copy.settledOf = this.settledOf.slice();
    copy.iterationsOf = this.iterationsOf.slice();
    copy.sweepsOf = this.sweepsOf.slice();
    copy.ratioOf = this.ratioOf.slice();
    copy.countOf = this.countOf.slice();
    copy.residualsOf = this.residualsOf.slice();
    copy.nodesOf = this.nodesOf === null ? null : new Map(this.nodesOf);
    return copy;
  }

  /** All rows as records, by period, then outer member. */
  *records(): Iterable<LoopRecord> {
    for (let row = 0; row < this.verdictOf.length; row++) {
      if (this.verdictOf[row] !== 0) yield this.record(row);
    }
  }

  record(row: number): LoopRecord {
    const residuals = this.residuals(row);
    const ratio = this.ratioOf[row] as number;
    const settledBy = rules[this.settledOf[row] as number];
    return {
      loop: this.loop,
      nodes: this.nodesOf?.get(row) ?? this.nodes,
      period: Math.floor(row / (this.outers + 1)) - 1,
      outer: (row % (this.outers + 1)) - 1,
      iterations: this.iterationsOf[row] as number,
      sweeps: this.sweepsOf[row] as number,
      residuals,
      lastDelta: residuals.at(-1) ?? 0,
      ...(Number.isNaN(ratio) ? {} : { ratio }),
      verdict: verdicts[(this.verdictOf[row] as number) - 1] as LoopVerdict,
      method: methods[this.methodOf[row] as number] as MethodTaken,
      start: this.warmOf[row] === 1 ? "warm" : "cold",
      ...dampingFor(ratio),
      ...(settledBy === undefined ? {} : { settledBy }),
    };
  }

  private residuals(row: number): number[] {
    const count = this.countOf[row] as number;
    const at = row * rowLength;
    const found: number[] = [];
    for (let i = 0; i < Math.min(count, residualsKept); i++) found.push(this.residualsOf[at + i] as number);
    for (let i = Math.max(residualsKept, count - residualsKept); i < count; i++) {
      found.push(this.residualsOf[at + residualsKept + (i % residualsKept)] as number);
    }
    return found;
  }

  private grow(rows: number): void {
    const length = Math.max(rows, 2 * this.verdictOf.length);
    this.verdictOf = grownBytes(this.verdictOf, length);
    this.methodOf = grownBytes(this.methodOf, length);
    this.warmOf = grownBytes(this.warmOf, length);
    this.settledOf = grownBytes(this.settledOf, length);
    this.iterationsOf = grownInts(this.iterationsOf, length);
    this.sweepsOf = grownInts(this.sweepsOf, length);
    this.countOf = grownInts(this.countOf, length);
    this.ratioOf = grownFloats(this.ratioOf, length);
    this.residualsOf = grownFloats(this.residualsOf, length * rowLength);
  }
}

/** The table of a loop in a state, by its lowest node. Another loop at that node has one beside it. */
export function tableOf(
  tables: Map<number, LoopTable>,
  loop: string,
  nodes: readonly NodeId[],
  outers: number,
): LoopTable {
  const key = nodes.reduce((least, node) => Math.min(least, node), Number.POSITIVE_INFINITY);
  const known = tables.get(key);
  for (let table = known ?? null; table !== null; table = table.next) {
    if (table.loop === loop && table.outers === outers) return table;
  }
  const table = new LoopTable(loop, nodes, outers);
  table.next = known ?? null;
  tables.set(key, table);
  dropBehind(table, loop);
  return table;
}

/** The table of a loop among those at a node. */
export function tableNamed(
  tables: ReadonlyMap<number, LoopTable>,
  node: number,
  loop: string,
): LoopTable | undefined {
  for (let table = tables.get(node) ?? null; table !== null; table = table.next) {
    if (table.loop === loop) return table;
  }
  return undefined;
}

/** Takes out the loop's former table, and those that have not been asked for longest: of loops that were renamed. */
function dropBehind(first: LoopTable, loop: string): void {
  let before = first;
  for (let count = 1; before.next !== null; ) {
    if (before.next.loop === loop || count >= tablesKept) before.next = before.next.next;
    else {
      before = before.next;
      count++;
    }
  }
}

function grownBytes(old: Uint8Array, length: number): Uint8Array {
  const table = new Uint8Array(length);
  table.set(old);
  return table;
}

function grownInts(old: Int32Array, length: number): Int32Array {
  const table = new Int32Array(length);
  table.set(old);
  return table;
}

function grownFloats(old: Float64Array, length: number): Float64Array {
  const table = new Float64Array(length);
  table.set(old);
  return table;
}

/** Where a residual is found: the first ones in order, the last ones in turn. */
function placeOf(index: number): number {
  return index < residualsKept ? index : residualsKept + (index % residualsKept);
}

/** Round parts of a move, one of which is told as the damping that would help. */
const dampings: readonly number[] = [0.75, 0.5, 0.25, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001];
/** A plain iteration that swings less than this needs no damping. */
const swingingFrom = -0.5;

/** What damping would do for a plain iteration with this ratio, where it would help: none does for ratios above 1. */
export function dampingFor(ratio: number): { damping?: number; dampedRatio?: number } {
  if (!(ratio <= swingingFrom) || ratio === Number.NEGATIVE_INFINITY) return {};
  const best = 1 / (1 - ratio);
  let damping = dampings[0] as number;
  for (const one of dampings) {
    if (Math.abs(Math.log(one / best)) < Math.abs(Math.log(damping / best))) damping = one;
  }
  const dampedRatio = 1 - damping * (1 - ratio);
  return Math.abs(dampedRatio) < 1 ? { damping, dampedRatio } : {};
}
