/**
 * A state table: the values and flags of one state, the base or an overlay.
 *
 * The base has one slot a node, so slot = node. An overlay has slots only for the nodes it owns, found through pages
 * of 1,024 entries; everything else is read through to its parent:
 *
 *   overlay  pages[node >> 10][node & 1023] = slot + 1, or 0 / no page: not owned  ──►  parent
 *
 * Columns of the table, per slot
 *   flags        the bits below
 *   numbers      the value of a scalar node that holds a finite number; NaN where it holds anything else
 *   others       every other value (flag `other` set): a scalar, any JavaScript value, or for a wide node its
 *                `ColumnSlot`, which is there before the first value as well
 *   changedAt    the revision when the value last differed
 *
 * A node is wide when it has a column of more (or fewer) than one cell. A column node of one cell holds its scalar as
 * a scalar node does; a `Column` of it is made for whoever asks for one.
 */
import { Column, type ErrorValue, errorValue, type Scalar, type Shape } from "@reckon/value";
import type { ChangeLog } from "../bulk/change-log.ts";
import type { Box } from "../formula-node.ts";
import type { LoopTable } from "../loops/loop-table.ts";
import type { Override, Pin } from "../overlays/override.ts";
import type { Flight } from "../recalculation/flight.ts";
import { grownFloat64, grownInt32, grownUint8 } from "../structure/growth.ts";
import { BoxSet } from "./box-set.ts";
import { ColumnSlot } from "./column-slot.ts";
import type { Observation } from "./observation.ts";

/** Cells must be computed again. */
export const flagDirty = 1;
/** A distant precedent is unresolved (parked or in flight): look there first. */
export const flagCheck = 2;
/** Work was started and its result is not there yet. */
export const flagInFlight = 4;
/** In the level queue (kept at the unit's first member). */
export const flagQueued = 8;
export const flagHasValue = 16;
/** The value lies in `others`. */
export const flagOther = 32;
/** Dirty in all cells. */
export const flagWhole = 64;
/** Has an observation: signals exist. */
export const flagObserved = 128;

export const flagsUnresolved: number = flagDirty | flagCheck | flagInFlight;

/** Tables shorter than this are never shrunk. */
const rowsKept = 1024;

const busy: ErrorValue = errorValue("#BUSY!");

export class StateTable {
  readonly id: number;
  readonly name: string;
  readonly parent: StateTable | null;
  readonly children: StateTable[] = [];
  revision = 0;
  flags: Uint8Array = new Uint8Array(0);
  changedAt: Int32Array = new Int32Array(0);
  numbers: Float64Array = new Float64Array(0);
  others: unknown[] = [];
  readonly flights: Map<number, Flight> = new Map();
  readonly observations: Map<number, Observation> = new Map();
  /** Nodes with a watched signal. */
  readonly watched: Set<number> = new Set();
  /** Per lowest node of a loop how it was solved here last. A loop that is no more leaves its records. */
  readonly records: Map<number, LoopTable> = new Map();
  readonly overrides: Map<number, Override> = new Map();
  readonly pins: Map<number, Pin> = new Map();
  /** What to do when this state's turn comes: its queue is the only one then. */
  edits: (() => void)[] = [];
  /** Nodes to enqueue when this state is run next. */
  seeds: number[] = [];
  /** What changed in this recalculation as the children see it; `null` boxes: all cells. Kept only with children. */
  readonly changes: Map<number, readonly Box[] | null> = new Map();
  /** Nodes that became unresolved or resolved in this recalculation. Kept only with children. */
  readonly touched: Set<number> = new Set();
  /** Set when an override or pin went: after the next run the overlay gives up what nothing reaches any more. */
  isShrinking = false;
  isClosed = false;
  /** What changed in this recalculation, while somebody listens. */
  log: ChangeLog | null = null;

  /** Columns of one cell that were handed out, by slot; right as long as they hold the slot's value. */
  private readonly singles: Map<number, Column> = new Map();
  private readonly pages: (Int32Array | undefined)[] | null;
  private readonly slotNodes: number[] = [];
  private readonly freeSlots: number[] = [];

  constructor(id: number, name: string, parent: StateTable | null) {
    this.id = id;
    this.name = name;
    this.parent = parent;
    this.pages = parent === null ? null : [];
  }

  /** The slot of a node, or −1 when this overlay does not own it. */
  slotOf(node: number): number {
    if (this.pages === null) return node;
    const page = this.pages[node >> 10];
    return page === undefined ? -1 : (page[node & 1023] as number) - 1;
  }

  /** The nearest state, from this one towards the base, that owns the node. */
  ownerOf(node: number): StateTable {
    let state: StateTable = this;
    while (state.slotOf(node) < 0) state = state.parent as StateTable;
    return state;
  }

  /** Room for the nodes of the structure; for the base. */
  ensureRows(rows: number): void {
    if (this.flags.length < rows) this.growTables(rows);
  }

  /** Gives the overlay a slot for a node it does not own yet. */
  addSlot(node: number): number {
    const pages = this.pages as (Int32Array | undefined)[];
    const slot = this.freeSlots.pop() ?? this.slotNodes.length;
    this.slotNodes[slot] = node;
    pages[node >> 10] ??= new Int32Array(1024);
    (pages[node >> 10] as Int32Array)[node & 1023] = slot + 1;
    this.ensureRows(slot + 1);
    this.clearSlot(slot);
    return slot;
  }

  dropSlot(node: number): void {
    const slot = this.slotOf(node);
    const page = (this.pages as Int32Array[])[node >> 10] as Int32Array;
    page[node & 1023] = 0;
    this.slotNodes[slot] = -1;
    this.freeSlots.push(slot);
    this.clearSlot(slot);
    this.records.delete(node);
  }

  /** The nodes an overlay owns. */
  ownedNodes(): number[] {
    return this.slotNodes.filter((node) => node >= 0);
  }

  clearSlot(slot: number): void {
    this.flags[slot] = 0;
    this.changedAt[slot] = 0;
    this.numbers[slot] = 0;
    if (slot < this.others.length) this.others[slot] = undefined;
    if (this.singles.size > 0) this.singles.delete(slot);
  }

  /** What is held for a wide node. */
  columnSlot(slot: number): ColumnSlot {
    const held = slot < this.others.length ? this.others[slot] : undefined;
    if (held instanceof ColumnSlot) return held;
    this.ensureOthers();
    const made = new ColumnSlot();
    this.others[slot] = made;
    return made;
  }

  /** The dirty boxes of a wide node, to be added to. */
  dirtyBoxes(slot: number): BoxSet {
    const held = this.columnSlot(slot);
    held.dirty ??= new BoxSet();
    return held.dirty;
  }

  /** The dirty boxes of a node that is not dirty as a whole; for tests and slow paths. */
  boxesOf(node: number): Box[] {
    const held = this.others[this.slotOf(node)];
    return held instanceof ColumnSlot ? (held.dirty?.list() ?? []) : [];
  }

  /** Forgets the dirty boxes of a node. */
  dropBoxes(node: number): void {
    const held = this.others[this.slotOf(node)];
    if (held instanceof ColumnSlot) held.dirty?.clear();
  }

  /** Puts a column in the place of a wide node's. */
  writeColumn(slot: number, column: Column, isShared: boolean): void {
    const held = this.columnSlot(slot);
    held.column = column;
    held.isShared = isShared;
    this.flags[slot] = (this.flags[slot] as number) | flagHasValue | flagOther;
  }

  /** The slot's column as one that may be written in place: where somebody may hold it, a copy takes its place. */
  ownColumn(slot: number): Column {
    const held = this.columnSlot(slot);
    const column = held.column as Column;
    if (!held.isShared) return column;
    const copy = column.clone();
    held.column = copy;
    held.isShared = false;
    return copy;
  }

  /** A column of one cell with the slot's value, to be handed out: the same object for the same value. */
  singleColumn(slot: number, shape: Shape, value: Scalar): Column {
    const known = this.singles.get(slot);
    const isKnown = known?.marks === null && known.shape.outer === shape.outer;
    if (isKnown && Object.is(known.numbers[0], value)) return known;
    const column = new Column(shape);
    column.set(0, value);
    if (known?.shape.outer === shape.outer && known.readsAlike(0, column, 0)) return known;
    this.singles.set(slot, column);
    return column;
  }

  flagsOf(node: number): number {
    const owner = this.ownerOf(node);
    return owner.flags[owner.slotOf(node)] as number;
  }

  /** The pinned cells of a node as this state sees them: those of its parents first, so its own win. */
  pinOf(node: number): Pin | undefined {
    const own = this.pins.size === 0 ? undefined : this.pins.get(node);
    if (this.parent === null) return own;
    const inherited = this.parent.pinOf(node);
    if (own === undefined || inherited === undefined) return own ?? inherited;
    return { parts: [...inherited.parts, ...own.parts] };
  }

  /** The last published value of a scalar node, or the column of a wide node, which is not handed out by that; `#BUSY!` before the first. */
  valueOf(node: number): unknown {
    const slot = this.slotOf(node);
    if (slot < 0) return (this.parent as StateTable).valueOf(node);
    const flags = this.flags[slot] as number;
    if ((flags & (flagHasValue | flagOther)) === flagHasValue) return this.numbers[slot];
    if ((flags & flagHasValue) === 0) return busy;
    const value = this.others[slot];
    return value instanceof ColumnSlot ? value.column : value;
  }

  write(slot: number, value: unknown): void {
    const flags = this.flags[slot] as number;
    if (typeof value === "number" && Number.isFinite(value)) {
      this.numbers[slot] = value;
      if ((flags & flagOther) !== 0) this.others[slot] = undefined;
      this.flags[slot] = (flags | flagHasValue) & ~flagOther;
      return;
    }
    this.ensureOthers();
    this.others[slot] = value;
    this.numbers[slot] = Number.NaN;
    this.flags[slot] = flags | flagHasValue | flagOther;
  }

  private ensureOthers(): void {
    for (let i = this.others.length; i < this.flags.length; i++) this.others.push(undefined);
  }

  /** For the base, after rows at the end were given up: keeps as many as the structure has. */
  shrinkRows(rows: number): void {
    if (this.flags.length < rows * 2 || this.flags.length < rowsKept) return;
    this.flags = this.flags.slice(0, rows);
    this.changedAt = this.changedAt.slice(0, rows);
    this.numbers = this.numbers.slice(0, rows);
    if (this.others.length > rows) this.others.length = rows;
  }

  private growTables(rows: number): void {
    this.flags = grownUint8(this.flags, rows);
    this.changedAt = grownInt32(this.changedAt, rows);
    this.numbers = grownFloat64(this.numbers, rows);
  }
}

/** The column shown before the first result. Cost: the cells. */
export function busyColumn(shape: Shape): Column {
  const column = new Column(shape);
  for (let i = 0; i < column.length; i++) column.set(i, busy);
  return column;
}
