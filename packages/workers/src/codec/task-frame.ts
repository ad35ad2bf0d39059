/**
 * Frames to a thread. Words of an item:
 *
 *   kind, task number, then
 *   of a task:  kernel number, box (outerFrom, outerTo, from, to), out: a column or a shape, count of inputs, each a column
 *   of a call:  nothing; calls lie beside the words in the same order
 *
 *   a column:   its place in the frame; the first time also outer, periods, the place of its marks, and its numbers
 *
 * So a column that several tasks of a frame read travels once, and is one object on the other side: what it keeps (partial
 * sums, indexes) is shared too. The draft travels only where the kernel reads it; otherwise the thread makes one.
 */
import type { Box, Task } from "@reckon/engine";
import { Column } from "@reckon/value";
import { type CallNotice, itemCall, itemTask, type KernelNotice, type TaskFrame } from "../protocol.ts";
import { LeftoverReader, LeftoverWriter, nowhere } from "./leftovers.ts";
import { WordReader, WordWriter } from "./words.ts";

/** Stands for the draft's place where the draft does not travel. */
const notSent = -1;

export class TaskFrameWriter {
  private readonly words = new WordWriter();
  private readonly left = new LeftoverWriter();
  private readonly places = new Map<Column, number>();
  private kernels: KernelNotice[] = [];
  private forget: number[] = [];
  private calls: CallNotice[] = [];

  /** Throws if the task holds what cannot be sent; then it is not in the frame. */
  putTask(number: number, kernel: number, task: Task): void {
    const { words, places } = this;
    const start = words.length;
    const columns = places.size;
    try {
      this.putWork(number, kernel, task);
    } catch (error) {
      words.cut(start);
      for (const [column, place] of places) if (place >= columns) places.delete(column);
      throw error;
    }
  }

  private putWork(number: number, kernel: number, { box, inputs, out }: Task): void {
    const { words } = this;
    words.put(itemTask);
    words.put(number);
    words.put(kernel);
    words.put(box.outerFrom);
    words.put(box.outerTo);
    words.put(box.from);
    words.put(box.to);
    if (inputs.includes(out)) this.putColumn(out);
    else {
      words.put(notSent);
      words.put(out.shape.outer);
      words.put(out.shape.periods);
    }
    words.put(inputs.length);
    for (const input of inputs) this.putColumn(input);
  }

  putCall(number: number, call: CallNotice): void {
    this.words.put(itemCall);
    this.words.put(number);
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

  private putColumn(column: Column): void {
    const { words, places } = this;
    const known = places.get(column);
    if (known !== undefined) {
      words.put(known);
      return;
    }
    words.put(places.size);
    places.set(column, places.size);
    const { outer, periods } = column.shape;
    words.put(outer);
    words.put(periods);
    words.put(this.left.put(column, wholeOf(outer, periods)));
    words.putAll(column.numbers);
  }
}

/** A task as its thread has it. */
export interface TaskItem {
  readonly kind: "task";
  readonly number: number;
  readonly kernel: number;
  readonly inputs: readonly Column[];
  readonly out: Column;
  readonly box: Box;
}

export interface CallItem {
  readonly kind: "call";
  readonly number: number;
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
    const kind = words.next();
    const number = words.next();
    if (kind === itemCall) return { kind: "call", number, call: this.calls[this.callsAt++] as CallNotice };
    const kernel = words.next();
    const box = { outerFrom: words.next(), outerTo: words.next(), from: words.next(), to: words.next() };
    const out = this.nextColumn();
    const inputs: Column[] = [];
    for (let count = words.next(); count > 0; count--) inputs.push(this.nextColumn());
    return { kind: "task", number, kernel, inputs, out, box };
  }

  private nextColumn(): Column {
    const { words, columns } = this;
    const place = words.next();
    if (place < columns.length && place >= 0) return columns[place] as Column;
    const outer = words.next();
    const periods = words.next();
    const column = new Column({ outer, periods });
    if (place === notSent) return column;
    columns.push(column);
    const marks = words.next();
    column.numbers.set(words.nextAll(column.length));
    if (marks !== nowhere) this.left.read(marks, column, wholeOf(outer, periods));
    return column;
  }
}

function wholeOf(outer: number, periods: number): Box {
  return { outerFrom: 0, outerTo: outer, from: 0, to: periods };
}
