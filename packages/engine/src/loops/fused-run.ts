/**
 * Stepping a component by its joint function (fused-component.ts): outer member by outer member, each through its periods.
 *
 *   1. The dirty steps of the members become bits a period.
 *   2. A member whose cells are all numbers, as all that it reads, is walked by the function: it writes the columns in
 *      place, says which cells it computed and which differ, and stops where nothing changes any more.
 *   3. A period that the function cannot do (an error is about to be made, a lag leads outside the time axis) is computed
 *      kernel by kernel, from the block on at which it stopped; then the function goes on. Where cells hold anything but
 *      numbers, all periods are computed so.
 *   4. The bits become the boxes that were computed and that changed.
 *
 * Values, records and boxes are those of the kernels one by one: with components whose outer members are independent it
 * makes no difference which of them comes first.
 */
import type { Column } from "@reckon/value";
import { columnOf } from "../recalculation/column-step.ts";
import type { ComponentRun, Member } from "../recalculation/component-run.ts";
import { computeBox } from "../recalculation/member-call.ts";
import { BoxSet } from "../state/box-set.ts";
import { BooleanRows } from "./boolean-rows.ts";
import { solveParts } from "./fixed-point.ts";
import { bitOf, type FusedComponent, fusedComponentOf } from "./fused-component.ts";
import type { FormerSolutions } from "./loop-fuser.ts";
import { type LoopTable, tableOf } from "./loop-table.ts";
import { OneUnknown } from "./one-unknown.ts";

/** One is enough: components are stepped one after another. */
const iteration: OneUnknown = new OneUnknown();

/** Steps the run by a joint function; false: nothing was done, there is none for it. */
export function runFused(run: ComponentRun): boolean {
  const { graph, members, dirtyFrom, dirtyTo } = run;
  if (graph.fuse === null) return false;
  const [first] = members as [Member];
  const band = first.outerTo - first.outerFrom;
  const fused = fusedComponentOf(graph, run.order, band * (dirtyTo - dirtyFrom) * members.length);
  if (fused === null || members.some((member) => member.pin !== undefined)) return false;
  const began = run.clock?.now() ?? 0;
  new FusedRun(run, fused).walk();
  if (run.clock !== null) {
    const share = Math.max(0, run.clock.now() - began) / members.length;
    for (const member of members) member.costMs += share;
  }
  return true;
}

class FusedRun {
  private readonly run: ComponentRun;
  private readonly fused: FusedComponent;
  private readonly columns: readonly Column[];
  private readonly booleans: BooleanRows;
  private readonly isBackward: boolean;
  /** Whether some column holds anything but numbers somewhere. */
  private hasMarks: boolean;
  /** No member has former values. */
  private readonly isFresh: boolean;
  private walkedFrom: number;
  private walkedTo: number;

  constructor(run: ComponentRun, fused: FusedComponent) {
    this.run = run;
    this.fused = fused;
    this.isBackward = run.order.direction === "backward";
    const outside = fused.outside.map((one) =>
      one.member < 0
        ? columnOf(run.graph, run.state, one.node)
        : ((run.members[one.member] as Member).inputs[one.slot] as Column),
    );
    this.columns = [...run.members.map(({ out }) => out), ...outside];
    this.booleans = new BooleanRows(run.members, fused.fused.booleans, fused.booleanTables);
    this.isFresh = run.members.every(({ hasValue }) => !hasValue);
    this.hasMarks = this.columns.some(({ marks }, index) => marks !== null && !this.booleans.has(index));
    this.walkedFrom = run.dirtyFrom;
    this.walkedTo = run.dirtyTo;
  }

  walk(): void {
    const { run, fused, isBackward } = this;
    const { tables } = fused;
    const start = isBackward ? run.dirtyTo - 1 : run.dirtyFrom;
    const [{ outerFrom, outerTo }] = run.members as [Member];
    this.openTables();
    try {
      for (let outer = outerFrom; outer < outerTo && run.dirtyFrom < run.dirtyTo; outer++) {
        this.walkMember(outer, start);
        this.noteChanges(outer);
      }
      run.walkedFrom = this.walkedFrom;
      run.walkedTo = this.walkedTo;
      this.noteComputed();
    } finally {
      tables.columns = noColumns;
      this.closeTables();
    }
  }

  /** The bits of what must be computed, from the members' tables. */
  private openTables(): void {
    const { run, fused, columns } = this;
    const { tables } = fused;
    const { words, padding } = fused.fused;
    tables.columns = columns.map(({ numbers }, index) => this.booleans.numbersOf(index) ?? numbers);
    tables.dirtyTo = this.isBackward ? run.dirtyFrom : run.dirtyTo;
    tables.fresh.fill(0);
    run.members.forEach(({ hasValue, isDirty }, index) => {
      const { word, mask } = bitOf(index);
      if (!hasValue) tables.fresh[word] = (tables.fresh[word] as number) | mask;
      for (let step = run.dirtyFrom; step < run.dirtyTo; step++) {
        if (isDirty[step] === 0) continue;
        const at = (step + padding) * words + word;
        tables.dirty[at] = (tables.dirty[at] as number) | mask;
      }
    });
    this.openRecords();
  }

  private closeTables(): void {
    const { tables, fused } = this.fused;
    const from = Math.min(this.walkedFrom, this.run.dirtyFrom) * fused.words;
    const to = (Math.max(this.walkedTo, this.run.dirtyTo) + 2 * fused.padding) * fused.words;
    for (const table of [tables.dirty, tables.changed, tables.done]) table.fill(0, from, to);
  }

  private walkMember(outer: number, start: number): void {
    const { run, fused, isBackward } = this;
    const { stepCount } = run;
    const end = isBackward ? -1 : stepCount;
    for (let period = start; period !== end; period += isBackward ? -1 : 1) {
      fused.tables.block = 0;
      if ((!this.hasMarks || this.isPlainRow(outer)) && this.booleans.take(outer)) {
        const reached = fused.fused.run(fused.tables, iteration, outer, period);
        this.putBooleans(outer, period, reached);
        if (reached < 0) {
          this.noteWalked(-1 - reached);
          return;
        }
        period = reached;
      }
      this.stepSlowly(outer, period, fused.tables.block);
      this.noteWalked(isBackward ? period : period + 1);
      if (this.isQuiet(period)) return;
    }
  }

  /** `reached` is what the function gave that began at `period`. */
  private putBooleans(outer: number, period: number, reached: number): void {
    const last = reached < 0 ? -1 - reached : reached;
    if (this.isBackward) this.booleans.put(outer, last, period + 1);
    else this.booleans.put(outer, period, reached < 0 ? last : last + 1);
  }

  private noteWalked(reached: number): void {
    if (this.isBackward) this.walkedFrom = Math.min(this.walkedFrom, reached);
    else this.walkedTo = Math.max(this.walkedTo, reached);
  }

  /** Whether nothing is dirty ahead and nothing changed for so long that nobody ahead reads a change. */
  private isQuiet(period: number): boolean {
    const { run, fused, isBackward } = this;
    if (isBackward ? period > run.dirtyFrom : period < run.dirtyTo - 1) return false;
    const { words, padding } = fused.fused;
    const back = isBackward ? 0 : padding;
    const from = (period - back + padding) * words;
    const { changed, done } = fused.tables;
    for (let at = from; at < from + (padding + 1) * words; at++) if (changed[at] !== 0) return false;
    if (run.order.stocks === null) return true;
    // What was computed may be as it was, and differ within the period.
    for (let at = (period + padding) * words; at < (period + padding + 1) * words; at++) {
      if (done[at] !== 0) return false;
    }
    return true;
  }

  /** Whether all cells of an outer member, and all that it reads, are numbers. */
  private isPlainRow(outer: number): boolean {
    const [{ out }] = this.run.members as [Member];
    const { periods, outer: size } = out.shape;
    for (const [index, { marks, shape }] of this.columns.entries()) {
      if (marks === null || this.booleans.has(index)) continue;
      const isRow = shape.outer === size && shape.periods === periods;
      const from = isRow ? outer * periods : 0;
      const to = isRow ? from + periods : marks.length;
      for (let cell = from; cell < to; cell++) if (marks[cell] !== 0) return false;
    }
    return true;
  }

  /** One period of an outer member by its kernels, from block `first` on. */
  private stepSlowly(outer: number, period: number, first: number): void {
    const { run } = this;
    const { order } = run;
    const blocks = period === 0 && order.first !== null ? order.first : order.blocks;
    for (let i = first; i < blocks.length; i++) {
      const { members, loop } = blocks[i] as (typeof blocks)[number];
      if (!members.some((index) => this.needs(members, index, period))) continue;
      const parts = members.map((member) => ({
        member,
        box: { outerFrom: outer, outerTo: outer + 1, from: period, to: period + 1 },
      }));
      for (const { member, box } of parts) {
        const { out, saved } = run.members[member] as Member;
        saved.clear();
        saved.save(out, box);
      }
      if (loop !== null) solveParts(run, parts, loop, period);
      else for (const { member, box } of parts) computeBox(run, run.members[member] as Member, box);
      for (const { member, box } of parts) this.compareCell(member, box);
    }
    this.hasMarks ||= run.members.some(({ out }, index) => out.marks !== null && !this.booleans.has(index));
  }

  private needs(members: readonly number[], index: number, period: number): boolean {
    if (this.isReached(members, index, period)) return true;
    const { stocks } = this.run.order;
    const group = stocks?.groups[stocks.groupOf[index] as number];
    if (group === undefined || period === 0) return false;
    // What moves a stock within a period is more than what its own flow reads.
    if (group.between.length === 0 && group.stocks.length === 1) return false;
    const { tables } = this.fused;
    return (
      group.stocks.some((stock) => this.isReached(members, stock, period)) ||
      group.between.some((block) => block.members.some((one) => this.isSet(tables.done, one, period - 1)))
    );
  }

  /** Whether the member is dirty in a period, or reads a cell there that changed. */
  private isReached(members: readonly number[], index: number, period: number): boolean {
    const { tables } = this.fused;
    if (this.isSet(tables.dirty, index, period)) return true;
    const { inner } = this.run.order;
    for (const { precedent, from, to, isFirst } of inner[index] as (typeof inner)[number]) {
      if (isFirst === true && period > 0) continue;
      for (let offset = from; offset <= to; offset++) {
        if (offset === 0 && members.includes(precedent)) continue;
        if (this.isSet(tables.changed, precedent, period + offset)) return true;
      }
    }
    return false;
  }

  private isSet(table: Int32Array, member: number, period: number): boolean {
    const { fused } = this.fused;
    const { word, mask } = bitOf(member);
    return ((table[(period + fused.padding) * fused.words + word] as number) & mask) !== 0;
  }

  private compareCell(
    index: number,
    box: { outerFrom: number; outerTo: number; from: number; to: number },
  ): void {
    const { tables, fused } = this.fused;
    const member = this.run.members[index] as Member;
    const { word, mask } = bitOf(index);
    const at = (box.from + fused.padding) * fused.words + word;
    tables.done[at] = (tables.done[at] as number) | mask;
    scratch.clear();
    if (member.hasValue) member.saved.compare(member.out, box, 0, scratch);
    if (!member.hasValue || scratch.count > 0) tables.changed[at] = (tables.changed[at] as number) | mask;
  }

  /** What differs of an outer member, as a run of periods for each member; its bits are cleared for the next. */
  private noteChanges(outer: number): void {
    const { run, fused } = this;
    const { words, padding } = fused.fused;
    const { changed } = fused.tables;
    const { walkedFrom, walkedTo } = this;
    // New columns are published whole, and nothing is attached to them.
    for (let index = 0; index < (this.isFresh ? 0 : run.members.length); index++) {
      const { word, mask } = bitOf(index);
      let from = walkedFrom;
      while (from < walkedTo && ((changed[(from + padding) * words + word] as number) & mask) === 0) from++;
      if (from === walkedTo) continue;
      let to = walkedTo;
      while (((changed[(to - 1 + padding) * words + word] as number) & mask) === 0) to--;
      const member = run.members[index] as Member;
      if (member.hasValue) member.changed.add(outer, outer + 1, from, to);
      const row = outer * member.out.shape.periods;
      member.out.touched(row + from, row + to);
    }
    const end = (walkedTo + padding) * words;
    // Of thousands of members with a period or two each the calls would be what costs.
    if (walkedTo - walkedFrom > periodsOneByOne) changed.fill(0, (walkedFrom + padding) * words, end);
    else for (let at = (walkedFrom + padding) * words; at < end; at++) changed[at] = 0;
  }

  private noteComputed(): void {
    const { run, fused } = this;
    const { words, padding } = fused.fused;
    const { done } = fused.tables;
    run.members.forEach((member, index) => {
      const { word, mask } = bitOf(index);
      for (let step = run.walkedFrom; step < run.walkedTo; step++) {
        if (((done[(step + padding) * words + word] as number) & mask) === 0) continue;
        member.isComputed[step] = 1;
        member.wasComputed = true;
      }
    });
  }

  /** Where loops write their records, and look whether the former solution counts. */
  private openRecords(): void {
    const { graph, state, members } = this.run;
    const { tables, loops } = this.fused;
    const { outer: outers, periods } = (members[0] as Member).out.shape;
    const isSplit = outers > 1;
    const records = loops.map(({ loop, nodes }) => tableOf(state.records, loop.name, nodes, outers));
    const named = records.map((table, i) => table.listOf((loops[i] as (typeof loops)[number]).nodes));
    for (const table of records) table.reserve(periods);
    tables.record = (loop, outer, period, isWarm) => {
      const table = records[loop] as LoopTable;
      const row = table.rowOf(period, isSplit ? outer : -1);
      table.write(row, iteration, isWarm);
      table.nameNodes(row, named[loop] as (typeof named)[number]);
      if (graph.trace !== null) graph.emit({ kind: "iterated", state: state.id, record: table.record(row) });
    };
    tables.warm = loops.map(({ block, loop, isDiscrete }, i) => {
      const hasValues = block.members.every((index) => (members[index] as Member).hasValue);
      if (isDiscrete || !hasValues || (loop.start ?? graph.loopStart) === "cold") return null;
      return formerSolutions(records[i] as LoopTable, isSplit);
    });
  }
}

function formerSolutions(table: LoopTable, isSplit: boolean): FormerSolutions {
  const found = {
    delta: 0,
    ratio: 0,
    find: (outer: number, period: number): boolean => {
      const row = table.rowOf(period, isSplit ? outer : -1);
      if (!table.isConverged(row)) return false;
      found.delta = table.deltaOf(row);
      found.ratio = table.ratioAt(row);
      return true;
    },
  };
  return found;
}

const scratch: BoxSet = new BoxSet();
const periodsOneByOne = 16;
const noColumns: readonly Float64Array[] = [];
