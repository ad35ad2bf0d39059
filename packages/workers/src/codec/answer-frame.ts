/**
 * Frames from a thread. Words of an answer:
 *
 *   kind, task number, then
 *   done:     ms it took, the place of the marks, count and numbers of the box's cells; none where they lie in a lane
 *   value:    ms it took; values lie beside the words in the same order
 *   failed:   nothing; messages lie beside the words
 *   waiting:  since when (shared clock)
 *
 * Only the cells of the box come back. They are put into the draft of whoever asked, whose other cells stay as they are.
 */
import type { Box } from "@reckon/engine";
import type { Column } from "@reckon/value";
import { type AnswerFrame, answerDone, answerFailed, answerValue, answerWaiting } from "../protocol.ts";
import { LeftoverReader, LeftoverWriter, nowhere } from "./leftovers.ts";
import type { TaskItem } from "./task-frame.ts";
import { copyWords, WordReader, WordWriter } from "./words.ts";

export class AnswerFrameWriter {
  private readonly words = new WordWriter();
  private readonly left = new LeftoverWriter();
  private messages: string[] = [];
  private values: unknown[] = [];

  get isEmpty(): boolean {
    return this.words.length === 0;
  }

  /** Throws for cells that cannot be sent; then nothing of the answer was put. */
  putDone({ number, out, box, result }: TaskItem, costMs: number): void {
    const { words } = this;
    const marks = this.left.put(out, box);
    words.put(answerDone);
    words.put(number);
    words.put(costMs);
    words.put(marks);
    if (result !== null) {
      words.put(0);
      copyBox(result, out, box);
      return;
    }
    words.put((box.outerTo - box.outerFrom) * (box.to - box.from));
    const { periods } = out.shape;
    if (box.from === 0 && box.to === periods) {
      words.putRange(out.numbers, box.outerFrom * periods, box.outerTo * periods);
      return;
    }
    for (let outer = box.outerFrom; outer < box.outerTo; outer++) {
      words.putRange(out.numbers, outer * periods + box.from, outer * periods + box.to);
    }
  }

  putValue(task: number, value: unknown, costMs: number): void {
    this.words.put(answerValue);
    this.words.put(task);
    this.words.put(costMs);
    this.values.push(value);
  }

  putFailed(task: number, message: string): void {
    this.words.put(answerFailed);
    this.words.put(task);
    this.messages.push(message);
  }

  putWaiting(task: number, since: number): void {
    this.words.put(answerWaiting);
    this.words.put(task);
    this.words.put(since);
  }

  take(): AnswerFrame {
    const words = this.words.take();
    const left = this.left.take();
    const { messages, values } = this;
    if (messages.length > 0) this.messages = [];
    if (values.length > 0) this.values = [];
    return {
      words,
      ...(left === undefined ? {} : { left }),
      ...(messages.length === 0 ? {} : { messages }),
      ...(values.length === 0 ? {} : { values }),
    };
  }
}

/** Reads answers one by one; after `done` the cells are to be taken or skipped. */
export class AnswerFrameReader {
  kind: number = answerDone;
  task = 0;
  /** What it took; of `waiting`, since when. */
  ms = 0;
  private readonly words: WordReader;
  private readonly left: LeftoverReader;
  private readonly messages: readonly string[];
  private readonly values: readonly unknown[];
  private readonly unsent: ReadonlyMap<number, string> | undefined;
  private messagesAt = 0;
  private valuesAt = 0;

  constructor(frame: AnswerFrame) {
    this.words = new WordReader(frame.words);
    this.left = new LeftoverReader(frame.left);
    this.messages = frame.messages ?? [];
    this.values = frame.values ?? [];
    this.unsent = frame.unsent;
  }

  /** Moves to the next answer; whether there is one. */
  next(): boolean {
    const { words } = this;
    if (words.isAtEnd) return false;
    this.kind = words.next();
    this.task = words.next();
    this.ms = this.kind === answerFailed ? 0 : words.next();
    return true;
  }

  message(): string {
    return this.messages[this.messagesAt++] as string;
  }

  /** What a call gave, or why that could not be sent. */
  value(): { readonly value: unknown } | { readonly unsent: string } {
    const place = this.valuesAt++;
    const unsent = this.unsent?.get(place);
    return unsent === undefined ? { value: this.values[place] } : { unsent };
  }

  /** Passes over what the answer holds: nobody wants it any more. */
  skip(): void {
    if (this.kind === answerFailed) this.messagesAt++;
    else if (this.kind === answerValue) this.valuesAt++;
    else if (this.kind === answerDone) {
      this.words.next();
      this.words.skip(this.words.next());
    }
  }

  /** Puts the cells of a `done` answer into the box of `out`; their numbers may lie in a lane. */
  cells(out: Column, box: Box, lane: SharedArrayBuffer | null): void {
    const marks = this.words.next();
    this.words.next();
    const { periods } = out.shape;
    const width = box.to - box.from;
    const shared = lane === null ? null : new Float64Array(lane, 0, (box.outerTo - box.outerFrom) * width);
    let at = 0;
    for (let outer = box.outerFrom; outer < box.outerTo; outer++) {
      const start = outer * periods + box.from;
      if (shared === null) this.words.read(out.numbers, start, width);
      else copyWords(out.numbers, start, shared, at, width);
      at += width;
      out.touched(start, start + width);
      if (marks === nowhere && out.marks !== null) out.marks.fill(0, start, start + width);
    }
    if (marks !== nowhere) this.left.read(marks, out, box);
  }
}

/** Puts the numbers of the box's cells one after another, unless they lie there already. */
function copyBox(result: Float64Array, out: Column, box: Box): void {
  if (result.buffer === out.numbers.buffer) return;
  const { periods } = out.shape;
  const width = box.to - box.from;
  let at = 0;
  for (let outer = box.outerFrom; outer < box.outerTo; outer++) {
    const start = outer * periods + box.from;
    copyWords(result, at, out.numbers, start, width);
    at += width;
  }
}
