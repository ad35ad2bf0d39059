/**
 * The calls of a component's walk, numbered: those that answer later suspend it, and are found answered when it goes on.
 *
 *   log   [ answer | answer | loop under way | … ]     since the last place that nothing goes back behind
 *                     ▲ place
 *
 * What goes back (suspension.ts) goes back to a place, and is given the same answers again. As soon as nothing will, the log
 * is cut off there, so it holds no more than what is under way.
 */
import { Column, type ErrorValue } from "@reckon/value";
import type { Box } from "../formula-node.ts";
import { fillError, touchBox } from "./column-step.ts";
import type { Graph } from "./graph.ts";

/** Thrown through a walk that cannot go on yet. */
export class Suspension extends Error {}

/** What one call gave: the cells of its box, or an error. */
export type Answer = { readonly cells: Column } | { readonly error: ErrorValue };

/** A call whose answer is awaited. */
interface Waiting {
  readonly place: number;
  readonly work: Promise<Answer>;
}

/** A box of answered cells that covers several calls to come. */
interface Given {
  readonly box: Box;
  readonly work: Promise<Answer>;
  answer: Answer | null;
}

export class Calls {
  waiting: Waiting[] = [];
  /** Answered by a call over several periods, before the walk went period by period. */
  given: Given | null = null;
  /** Whether more calls follow that may be awaited together. */
  isGathering = false;
  /** Whether answers that come at once are kept as well: something goes back behind them, and would call again. */
  isKept = false;
  /** Where the next call stands. */
  place = 0;
  private readonly log: unknown[] = [];

  /** The next place, and what was kept there. */
  next(): unknown {
    return this.log[this.place++];
  }

  keep(place: number, entry: unknown): void {
    while (this.log.length < place) this.log.push(undefined);
    this.log[place] = entry;
  }

  /** Nothing will go back behind the place. */
  forget(place: number): void {
    if (this.log.length > place) this.log.length = place;
    this.place = place;
  }

  /** The last call gave a promise. */
  await(work: Promise<Answer>): void {
    this.waiting.push({ place: this.place - 1, work });
    if (!this.isGathering) throw new Suspension();
  }

  /** Resolves when all that is awaited is answered, and kept where it was called. */
  async answered(): Promise<void> {
    const { waiting, given } = this;
    const answers = await Promise.all(waiting.map(({ work }) => work));
    if (given?.answer === null) given.answer = await given.work;
    for (const [i, { place }] of waiting.entries()) this.keep(place, answers[i]);
    this.waiting = [];
  }
}

/** Puts an answer into the box of a member's column. */
export function putAnswer(graph: Graph, node: number, out: Column, box: Box, answer: Answer): void {
  if ("error" in answer) fillError(graph, node, out, box, answer.error);
  else putCells(out, box, answer.cells);
}

/** The cells of a box, as a column of their own. */
export function cellsOf(column: Column, box: Box): Column {
  const shape = { outer: box.outerTo - box.outerFrom, periods: box.to - box.from };
  const cells = new Column(shape);
  eachPair(column, box, (cell, i) => cells.copyCell(i, column, cell));
  return cells;
}

/** Puts them back. */
export function putCells(column: Column, box: Box, cells: Column): void {
  eachPair(column, box, (cell, i) => column.copyCell(cell, cells, i));
  touchBox(column, box);
}

function eachPair(column: Column, box: Box, visit: (cell: number, i: number) => void): void {
  let i = 0;
  for (let outer = box.outerFrom; outer < box.outerTo; outer++) {
    for (let period = box.from; period < box.to; period++) visit(outer * column.shape.periods + period, i++);
  }
}
