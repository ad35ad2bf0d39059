/**
 * Which stocks are stepped together although no feedback joins them.
 *
 * Steps finer than a period (or the stages of Runge and Kutta) need the values that other stocks have within the
 * period. A cascade
 *
 *   s1 ──► outflow ──► s2
 *
 * has no cycle, so its stocks would be components of their own, and s2 would see s1 once a period. So all stocks
 * and delays with equal finer steps stand in a ring in which each has an edge to the next; it carries no dirt, but it
 * makes one component of them and of everything that lies between.
 *
 * Cost: constant for each stock that comes or goes.
 */
import type { FormulaNode } from "../formula-node.ts";

/** The steps by which the node is joined to others; 0: it is not. */
export function joinedSteps({ stock, delay }: FormulaNode): number {
  if (stock !== undefined) {
    return stock.stepsPerPeriod > 1 || stock.method === "rk4" ? stock.stepsPerPeriod : 0;
  }
  return delay !== undefined && delay.stepsPerPeriod > 1 ? delay.stepsPerPeriod : 0;
}

interface Place {
  readonly steps: number;
  next: number;
  previous: number;
}

export class JoinedStocks {
  private readonly places: Map<number, Place> = new Map();
  /** By steps any node of the ring. */
  private readonly heads: Map<number, number> = new Map();

  /** The other node that a node is joined to; −1: none. */
  nextOf(node: number): number {
    const next = this.places.get(node)?.next;
    return next === undefined || next === node ? -1 : next;
  }

  /** Moves the node to the ring for `steps` (0: none), and notes whose next node is another one now. */
  place(node: number, steps: number, changed: Set<number>): void {
    const before = this.places.get(node);
    if ((before?.steps ?? 0) === steps) return;
    if (before !== undefined) this.leave(node, before, changed);
    if (steps > 0) this.join(node, steps, changed);
  }

  private leave(node: number, { steps, next, previous }: Place, changed: Set<number>): void {
    this.places.delete(node);
    changed.add(node);
    if (next === node) {
      this.heads.delete(steps);
      return;
    }
    (this.places.get(previous) as Place).next = next;
    (this.places.get(next) as Place).previous = previous;
    this.heads.set(steps, next);
    changed.add(previous);
  }

  private join(node: number, steps: number, changed: Set<number>): void {
    const head = this.heads.get(steps);
    if (head === undefined) {
      this.heads.set(steps, node);
      this.places.set(node, { steps, next: node, previous: node });
      return;
    }
    const { next } = this.places.get(head) as Place;
    this.places.set(node, { steps, next, previous: head });
    (this.places.get(next) as Place).previous = node;
    (this.places.get(head) as Place).next = node;
    changed.add(node).add(head);
  }
}
