/** The first guess of a loop must be known before the loop is: following its current-period reads must not lead into the loop. */
import type { BoundFormula } from "@reckon/formula";
import {
  type CycleGraph,
  type CycleResult,
  currentParts,
  cycleGraph,
  isCurrentReach,
  readsCurrent,
} from "./cycles.ts";
import type { CheckedFormula } from "./declarations.ts";

/** What is known for the starts of all loops of a model. */
export class LoopStarts {
  readonly #formulas: readonly CheckedFormula[];
  readonly #graph: CycleGraph;
  readonly #found: CycleResult;
  #reads: CurrentReads | undefined;

  /** `formulas` are all that starts may lead through; `graph` holds those in circles, `found` their cycles. */
  constructor(formulas: readonly CheckedFormula[], graph: CycleGraph, found: CycleResult) {
    this.#formulas = formulas;
    this.#graph = graph;
    this.#found = found;
  }

  /** What the start of the loop at `formula` reads that depends on that loop; undefined for a start that is right. */
  readInLoop(start: BoundFormula, formula: CheckedFormula): string | undefined {
    const hasTime = start.axes.some((axis) => axis.time !== undefined);
    const { indexes } = this.#graph;
    const byCells = this.#found.byCells.get(indexes.get(formula.id) ?? -1);
    const placeOf = (attribute: string): number =>
      byCells?.members.indexOf(indexes.get(attribute) ?? -1) ?? -1;
    const inCells = byCells?.cells.dependsOnLoop(placeOf(formula.id), start, (attribute) => {
      const place = placeOf(attribute);
      return place < 0 ? undefined : place;
    });
    if (inCells !== undefined) return inCells;
    return start.references.find((reference) => {
      if (placeOf(reference.attribute) >= 0 || !readsCurrent(reference, hasTime)) return false;
      this.#reads ??= new CurrentReads(this.#formulas);
      return this.#reads.leads(reference.attribute, formula.id);
    })?.attribute;
  }
}

/** Reads of the current period, or any, between formulas; with an order, so that most questions end at once. */
class CurrentReads {
  readonly #graph: CycleGraph;
  readonly #partOf: Int32Array;

  constructor(formulas: readonly CheckedFormula[]) {
    this.#graph = cycleGraph(formulas);
    this.#partOf = currentParts(this.#graph);
  }

  /** Whether following reads leads from one attribute to another. What a part reads has a lower number. */
  leads(from: string, to: string): boolean {
    const first = this.#graph.indexes.get(from);
    const last = this.#graph.indexes.get(to);
    if (first === undefined || last === undefined) return false;
    const lowest = this.#partOf[last] as number;
    const seen = new Set([first]);
    const pending = [first];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      if (at === last) return true;
      const targets = this.#graph.targets[at] as readonly number[];
      targets.forEach((target, e) => {
        if (seen.has(target) || (this.#partOf[target] as number) < lowest) return;
        if (!isCurrentReach(this.#graph.reaches[at]?.[e] as number)) return;
        seen.add(target);
        pending.push(target);
      });
    }
    return false;
  }
}
