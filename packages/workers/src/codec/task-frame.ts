/**
 * Frames to a thread. Words of an item:
 *
 *   kind and whether it takes long, task number, then
 *   of a task:  kernel number, box (outerFrom, outerTo, from, to), place of the lane for the result,
 *               out: a column or a shape, count of inputs, each a column
 *   of a call:  nothing; calls lie beside the words in the same order
 *
 *   a column:   its place in the frame; the first time also outer, periods, the place of its marks, the place of its lane,
 *               and without a lane its numbers
 *
 * So a column that several tasks of a frame read travels once, and is one object on the other side: what it keeps (partial
 * sums, indexes) is shared too. The draft travels only where the kernel reads it; otherwise the thread makes one.
 */
import type { Box, Task } from "@reckon/engine";
import { Column } from "@reckon/value";
import {
  type CallNotice,
  itemCall,
  itemTakesLong,
  itemTask,
  type KernelNotice,
  type TaskFrame,
} from "../protocol.ts";
import { type Lane, type Lanes, laneCellsMin } from "./lanes.ts";
import { LeftoverReader, LeftoverWriter, nowhere } from "./leftovers.ts";
import { WordReader, WordWriter } from "./words.ts";

/** Stands for the draft's place where the draft does not travel. */
const notSent = -1;

/** What stands before a task or a call. */
export interface ItemHead {
  readonly number: number;
  readonly takesLong: boolean;
}

function headOf({ takesLong }: ItemHead): number {
  return takesLong ? itemTakesLong : 0;
}

export class TaskFrameWriter {
  private readonly words = new WordWriter();
  private readonly left = new LeftoverWriter();
  private readonly places = new Map<Column, number>();
  private columns = 0;
  private kernels: KernelNotice[] = [];
  private forget: number[] = [];
  private calls: CallNotice[] = [];
  private readonly lanes: Lanes;

  constructor(lanes: Lanes) {
    this.lanes = lanes;
  }

  /**
   * Gives the lanes that the task uses, those of `result` included. Throws if the task holds what cannot be sent; then it is
   * not in the frame, and uses none.
   */
  putTask(item: ItemHead, kernel: number, task: Task, result: Lane | null): readonly Lane[] {
    const { words, places, columns } = this;
    const start = words.length;
    const used: Lane[] = result === null ? [] : [result];
    try {
      words.put(itemTask + headOf(item));
      this.putWork([item.number, kernel], task, used);
      return used;
    } catch (error) {
      words.cut(start);
      this.lanes.giveBack(used);
      this.columns = columns;
      for (const [column, place] of places) if (place >= columns) places.delete(column);
      throw error;
    }
  }

  private putWork(
    [number, kernel]: readonly [number, number],
    { box, inputs, out }: Task,
    used: Lane[],
  ): void {
    const { words } = this;
    const [result] = used;
    words.put(number);
    words.put(kernel);
    words.put(box.outerFrom);
    words.put(box.outerTo);
    words.put(box.from);
    words.put(box.to);
    words.put(result === undefined ? nowhere : this.left.putLane(result.buffer));
    if (inputs.includes(out)) this.putDraft(out, used);
    else {
      words.put(notSent);
      words.put(out.shape.outer);
      words.put(out.shape.periods);
    }
    words.put(inputs.length);
    for (const input of inputs) {
      if (input === out) words.put(this.places.get(out) as number);
      else this.putColumn(input, used);
    }
    // The task writes it: whoever else reads the column reads it as it was.
    this.places.delete(out);
  }

  putCall(item: ItemHead, call: CallNotice): void {
    this.words.put(itemCall + headOf(item));
    this.words.put(item.number);
    this.calls.push(call);
  }

  putKernel(kernel: KernelNotice): void {
    this.kernels.push(kernel);
  }

  putForgotten(kernel: number): void {
    this.forget.push(kernel);
  }

  take(): TaskFrame {
    const words = this.words.take();
    const left = this.left.take();
    const { kernels, forget, calls } = this;
    this.places.clear();
    this.columns = 0;
    if (kernels.length > 0) this.kernels = [];
    if (forget.length > 0) this.forget = [];
    if (calls.length > 0) this.calls = [];
    return {
      words,
      ...(left === undefined ? {} : { left }),
      ...(kernels.length === 0 ? {} : { kernels }),
      ...(forget.length === 0 ? {} : { forget }),
      ...(calls.length === 0 ? {} : { calls }),
    };
  }

  private putColumn(column: Column, used: Lane[]): void {
    const lane = column.length < laneCellsMin ? null : this.lanes.lend(column);
    // Every task that reads it holds it.
    if (lane !== null) used.push(lane);
    const known = this.places.get(column);
    if (known === undefined) this.putCells(column, lane);
    else this.words.put(known);
  }

  /** Each task has a draft of its own, also where several fill boxes of the same one. */
  private putDraft(column: Column, used: Lane[]): void {
    const lane = column.length < laneCellsMin ? null : this.lanes.draft(column);
    if (lane !== null) used.push(lane);
    this.putCells(column, lane);
  }

  private putCells(column: Column, lane: Lane | null): void {
    const { words } = this;
    const { outer, periods } = column.shape;
    words.put(this.columns);
    this.places.set(column, this.columns++);
    words.put(outer);
    words.put(periods);
    words.put(this.left.put(column, wholeOf(outer, periods)));
    words.put(lane === null ? nowhere : this.left.putLane(lane.buffer));
    if (lane === null) words.putRange(column.numbers, 0, column.length);
  }
}

/** A task as its thread has it. */
export interface TaskItem {
  readonly kind: "task";
  readonly number: number;
  readonly takesLong: boolean;
  readonly kernel: number;
  readonly inputs: readonly Column[];
  readonly out: Column;
  readonly box: Box;
  /** Where the numbers of the box's cells go, one after another; `null`: into the answer. */
  readonly result: Float64Array | null;
}

export interface CallItem {
  readonly kind: "call";
  readonly number: number;
  readonly takesLong: boolean;
  readonly call: CallNotice;
}

export class TaskFrameReader {
  private readonly words: WordReader;
  private readonly left: LeftoverReader;
  private readonly calls: readonly CallNotice[];
  private callsAt = 0;
  private readonly columns: Column[] = [];

  constructor(frame: TaskFrame) {
    this.words = new WordReader(frame.words);
    this.left = new LeftoverReader(frame.left);
    this.calls = frame.calls ?? [];
  }

  get isAtEnd(): boolean {
    return this.words.isAtEnd;
  }

  next(): TaskItem | CallItem {
    const { words } = this;
    const head = words.next();
    const number = words.next();
    const takesLong = head >= itemTakesLong;
    if (head % itemTakesLong === itemCall) {
      return { kind: "call", number, takesLong, call: this.calls[this.callsAt++] as CallNotice };
    }
    const kernel = words.next();
    const box = { outerFrom: words.next(), outerTo: words.next(), from: words.next(), to: words.next() };
    const lane = words.next();
    const cells = (box.outerTo - box.outerFrom) * (box.to - box.from);
    const result = lane === nowhere ? null : this.left.lane(lane, cells);
    const out = this.nextColumn(result);
    const inputs: Column[] = [];
    for (let count = words.next(); count > 0; count--) inputs.push(this.nextColumn(null));
    return { kind: "task", number, takesLong, kernel, inputs, out, box, result };
  }

  /** A draft that does not travel and is a whole column lies where its result goes. */
  private nextColumn(result: Float64Array | null): Column {
    const { words, columns } = this;
    const place = words.next();
    if (place < columns.length && place >= 0) return columns[place] as Column;
    const outer = words.next();
    const periods = words.next();
    const shape = { outer, periods };
    if (place === notSent) {
      return result?.length === outer * periods ? new Column(shape, result) : new Column(shape);
    }
    const marks = words.next();
    const lane = words.next();
    const cells = outer * periods;
    const column = lane === nowhere ? new Column(shape) : new Column(shape, this.left.lane(lane, cells));
    if (lane === nowhere) words.read(column.numbers, 0, cells);
    columns.push(column);
    if (marks !== nowhere) this.left.read(marks, column, wholeOf(outer, periods));
    return column;
  }
}

function wholeOf(outer: number, periods: number): Box {
  return { outerFrom: 0, outerTo: outer, from: 0, to: periods };
}
