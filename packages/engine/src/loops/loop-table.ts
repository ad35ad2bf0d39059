/**
 * The records of one loop in one state, flat: a row for each solve, by period and outer member.
 *
 *   row = (period + 1) × (outers + 1) + outer + 1        −1: all periods, all members, at once
 *
 * A row is five words and five numbers: nearly all loops are through after four residuals at the most. One that had more
 * gets a place for sixteen, the first eight and the last, in a table of their own. There are tables for thousands of
 * periods and members, and thousands of tables for one row: so they are few arrays, which begin with the first row written.
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

/** Words of a row: how it ended, iterations, sweeps, how many residuals, where the long list of them is. */
const wordsOfRow = 5;
const atIterations = 1;
const atSweeps = 2;
const atCount = 3;
/** Number of its place + 1; 0: it has none. */
const atLong = 4;
/** How it ended, in one word: verdict + 1 (0: no such row) in three bits, the method in three, warm in one, the rule. */
const verdictMask = 7;
const methodShift = 3;
const warmBit = 1 << 6;
const settledShift = 7;
/** Numbers of a row: the ratio, then residuals. */
const numbersOfRow = 5;
const shortKept = 4;
const longLength = 2 * residualsKept;
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

  /** The first row that there is room for. */
  private base = 0;
  private words = noWords;
  private numbers = noNumbers;
  private long = noNumbers;
  private longCount = 0;
  /** Rows of other nodes than those of the table. */
  private nodesOf: Map<number, readonly NodeId[]> | null = null;

  constructor(loop: string, nodes: readonly NodeId[], outers: number) {
    this.loop = loop;
    this.nodes = nodes;
    this.outers = outers;
  }

  rowOf(period: number, outer: number): number {
    return (period + 1) * (this.outers + 1) + outer + 1;
  }

  /** Makes room for so many periods, not for all at once. */
  reserve(periods: number): void {
    this.makeRoom(this.rowOf(0, -1), this.rowOf(periods - 1, this.outers - 1) + 1);
  }

  write(row: number, outcome: Outcome, isWarm: boolean): void {
    if (this.placeOf(row) < 0) this.makeRoom(row, row + 1);
    const at = (row - this.base) * wordsOfRow;
    const { words, numbers } = this;
    const before = (words[at] as number) & verdictMask;
    // Nearly all of them are: no need to look for the word.
    const verdict = outcome.verdict === "converged" ? 1 : verdicts.indexOf(outcome.verdict) + 1;
    const method = outcome.methodTaken === "aitken" ? methodAitken : methods.indexOf(outcome.methodTaken);
    this.unconvergedCount += (verdict > 1 ? 1 : 0) - (before > 1 ? 1 : 0);
    const { trail } = outcome;
    const { count, residuals } = trail;
    words[at] =
      verdict | (method << methodShift) | (isWarm ? warmBit : 0) | (outcome.settled << settledShift);
    words[at + atIterations] = outcome.iterations;
    words[at + atSweeps] = outcome.sweeps;
    words[at + atCount] = count;
    const numberAt = (row - this.base) * numbersOfRow;
    numbers[numberAt] = outcome.ratio;
    if (count > shortKept) this.writeLong(at, residuals, count);
    else for (let i = 0; i < count; i++) numbers[numberAt + 1 + i] = residuals[i] as number;
  }

  private writeLong(at: number, residuals: Float64Array, count: number): void {
    if (this.words[at + atLong] === 0) {
      this.words[at + atLong] = ++this.longCount;
      const length = this.longCount * longLength;
      if (length > this.long.length)
        this.long = grownFloats(this.long, Math.max(length, 2 * this.long.length));
    }
    const longAt = ((this.words[at + atLong] as number) - 1) * longLength;
    const kept = count > residualsKept ? longLength : count;
    for (let i = 0; i < kept; i++) this.long[longAt + i] = residuals[i] as number;
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
    const at = this.placeOf(row);
    return at >= 0 && this.words[at] !== 0;
  }

  /** Whether the last solve of the row converged. */
  isConverged(row: number): boolean {
    const at = this.placeOf(row);
    return at >= 0 && ((this.words[at] as number) & verdictMask) === 1;
  }

  /** The last residual of a row. */
  deltaOf(row: number): number {
    const last = (this.words[this.placeOf(row) + atCount] as number) - 1;
    return last < 0 ? 0 : this.residualAt(row, last);
  }

  /** The ratio of a row; NaN: not known. */
  ratioAt(row: number): number {
    return this.numbers[(row - this.base) * numbersOfRow] as number;
  }

  clone(): LoopTable {
    const copy = new LoopTable(this.loop, this.nodes, this.outers);
    copy.next = this.next?.clone() ?? null;
    copy.unconvergedCount = this.unconvergedCount;
    copy.base = this.base;
    copy.words = this.words.slice();
    copy.numbers = this.numbers.slice();
    copy.long = this.long.slice();
    copy.longCount = this.longCount;
    copy.nodesOf = this.nodesOf === null ? null : new Map(this.nodesOf);
    return copy;
  }

  /** All rows as records, by period, then outer member. */
  *records(): Iterable<LoopRecord> {
    const end = this.base + this.words.length / wordsOfRow;
    for (let row = this.base; row < end; row++) if (this.has(row)) yield this.record(row);
  }

  record(row: number): LoopRecord {
    const at = this.placeOf(row);
    const ended = this.words[at] as number;
    const residuals = this.residuals(row);
    const ratio = this.ratioAt(row);
    const settledBy = rules[ended >> settledShift];
    return {
      loop: this.loop,
      nodes: this.nodesOf?.get(row) ?? this.nodes,
      period: Math.floor(row / (this.outers + 1)) - 1,
      outer: (row % (this.outers + 1)) - 1,
      iterations: this.words[at + atIterations] as number,
      sweeps: this.words[at + atSweeps] as number,
      residuals,
      lastDelta: residuals.at(-1) ?? 0,
      ...(Number.isNaN(ratio) ? {} : { ratio }),
      verdict: verdicts[(ended & verdictMask) - 1] as LoopVerdict,
      method: methods[(ended >> methodShift) & 7] as MethodTaken,
      start: (ended & warmBit) === 0 ? "cold" : "warm",
      ...dampingFor(ratio),
      ...(settledBy === undefined ? {} : { settledBy }),
    };
  }

  private residuals(row: number): number[] {
    const count = this.words[this.placeOf(row) + atCount] as number;
    const found: number[] = [];
    for (let i = 0; i < Math.min(count, residualsKept); i++) found.push(this.residualAt(row, i));
    for (let i = Math.max(residualsKept, count - residualsKept); i < count; i++) {
      found.push(this.residualAt(row, i));
    }
    return found;
  }

  /** One of the first or the last residuals of a row. */
  private residualAt(row: number, index: number): number {
    const at = this.placeOf(row);
    if ((this.words[at + atCount] as number) <= shortKept) {
      return this.numbers[(row - this.base) * numbersOfRow + 1 + index] as number;
    }
    const longAt = ((this.words[at + atLong] as number) - 1) * longLength;
    const place = index < residualsKept ? index : residualsKept + (index % residualsKept);
    return this.long[longAt + place] as number;
  }

  /** Where the words of a row begin; −1: there is no room for it. */
  private placeOf(row: number): number {
    const at = (row - this.base) * wordsOfRow;
    return at >= 0 && at < this.words.length ? at : -1;
  }

  private makeRoom(from: number, to: number): void {
    const rows = this.words.length / wordsOfRow;
    const base = rows === 0 ? from : Math.min(from, this.base);
    const end = Math.max(to, this.base + rows);
    if (base === this.base && end === this.base + rows) return;
    // A single row is all that most tables are for.
    const length = rows === 0 ? end - base : Math.max(end - base, 2 * rows);
    const shift = this.base - base;
    const words = new Int32Array(length * wordsOfRow);
    const numbers = new Float64Array(length * numbersOfRow);
    if (rows > 0) {
      words.set(this.words, shift * wordsOfRow);
      numbers.set(this.numbers, shift * numbersOfRow);
    }
    this.base = base;
    this.words = words;
    this.numbers = numbers;
  }
}

const noWords: Int32Array = new Int32Array(0);
const noNumbers: Float64Array = new Float64Array(0);

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

function grownFloats(old: Float64Array, length: number): Float64Array {
  const table = new Float64Array(length);
  table.set(old);
  return table;
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
