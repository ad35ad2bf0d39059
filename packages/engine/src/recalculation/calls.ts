/** The calls of a component's walk that answer later: see suspension.ts. */
import { Column, type ErrorValue } from "@reckon/value";
import type { Box } from "../formula-node.ts";
import { fillError } from "./column-step.ts";
import type { Graph } from "./graph.ts";

/** The member that is called. */
interface Called {
  readonly node: number;
  readonly out: Column;
}

/** Thrown through a walk that cannot go on yet. */
export class Suspension extends Error {}

/** What one call gave: the cells of its box, or an error. */
export interface Answer {
  readonly cells: Column;
  readonly error: ErrorValue | null;
}

/** A call whose answer is awaited. */
interface Waiting {
  readonly call: number;
  readonly member: Called;
  readonly box: Box;
  readonly work: Promise<unknown>;
}

/** The calls of a walk: numbered, answered from walks before, or awaited. */
export class Calls {
  waiting: Waiting[] = [];
  /** Whether more calls follow that may be awaited together. */
  isGathering = false;
  readonly answers: Map<number, Answer>;
  private count = 0;

  constructor(answers: Map<number, Answer>) {
    this.answers = answers;
  }

  /** Answers the next call, if that was answered before. */
  answer(graph: Graph, member: Called, box: Box): boolean {
    const answer = this.answers.get(this.count++);
    if (answer === undefined) return false;
    if (answer.error !== null) fillError(graph, member.node, member.out, box, answer.error);
    else eachPair(member.out, box, (cell, i) => member.out.copyCell(cell, answer.cells, i));
    return true;
  }

  /** The last call gave a promise. */
  await(member: Called, box: Box, work: Promise<unknown>): void {
    this.waiting.push({ call: this.count - 1, member, box, work });
    if (!this.isGathering) throw new Suspension();
  }

  /** No more calls follow that could be awaited together. */
  endGathering(): void {
    this.isGathering = false;
    if (this.waiting.length > 0) throw new Suspension();
  }
}

/** The cells of a box, as a column of their own. */
export function cellsOf(column: Column, box: Box): Column {
  const shape = { outer: box.outerTo - box.outerFrom, periods: box.to - box.from };
  const cells = new Column(shape);
  eachPair(column, box, (cell, i) => cells.copyCell(i, column, cell));
  return cells;
}

function eachPair(column: Column, box: Box, visit: (cell: number, i: number) => void): void {
  let i = 0;
  for (let outer = box.outerFrom; outer < box.outerTo; outer++) {
    for (let period = box.from; period < box.to; period++) visit(outer * column.shape.periods + period, i++);
  }
}
