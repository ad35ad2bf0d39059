/** An engine beside its naive stand-in, and the numbers that random edits are drawn from. */
import {
  createEngine,
  type Engine,
  type EngineEvent,
  type EngineOptions,
  type Executor,
  type FormulaNode,
  type NodeId,
  type State,
  type TaskOutcome,
} from "@reckon/engine";
import type { Column, Scalar, Shape } from "@reckon/value";
import type { NaiveNode, NaiveState } from "./naive-graph.ts";

export const shapes: readonly Shape[] = [
  { outer: 1, periods: 5 },
  { outer: 3, periods: 5 },
  { outer: 6, periods: 5 },
  { outer: 3, periods: 1 },
  { outer: 1, periods: 1 },
];

export const oneCell: Shape = { outer: 1, periods: 1 };

/** Takes numbers from a list; 0 when it is used up, so that shrinking the list shrinks the edits. */
export class Draws {
  private at = 0;
  private readonly numbers: readonly number[];
  constructor(numbers: readonly number[]) {
    this.numbers = numbers;
  }
  get isUsedUp(): boolean {
    return this.at >= this.numbers.length;
  }
  below(limit: number): number {
    return limit <= 0 ? 0 : (this.numbers[this.at++] ?? 0) % limit;
  }
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
}

/** Surroundings that decide by cost what is sent. */
export interface Surroundings {
  readonly options: EngineOptions;
  /** Makes of a formula's kernel one that costs something, and may be sent. */
  readonly dress: (formula: FormulaNode) => FormulaNode;
}

export class Pair {
  readonly engine: Engine;
  readonly mayBeHeavy: boolean;
  readonly dress: (formula: FormulaNode) => FormulaNode;
  /** Somebody listens: what runs is known, and goes the long way. */
  readonly isTraced: boolean;
  /** Heavy work that waits for an answer; `null`: none is sent off. */
  readonly tasks: (() => void)[] | null;
  nodes: (NaiveNode | null)[] = [];
  ids: NodeId[] = [];
  readonly states: { state: State; naive: NaiveState }[];
  readonly events: EngineEvent[] = [];
  /** Indices of nodes that the present edit itself touches. */
  readonly edited: Set<number> = new Set();
  isStructural = false;
  /** Columns that were handed out, with the cells that they had then. */
  readonly held: { readonly column: Column; readonly cells: readonly Scalar[] }[] = [];
  /** Of so many looks at a column one asks for it; the others leave it to the engine, which may write it in place. */
  readonly looksPerHold: number;

  /** Slices that wait to be run; `null`: the engine does not yield. */
  readonly slices: (() => void)[] | null;

  constructor(
    draws: Draws,
    {
      isHeavy = false,
      isYielding = false,
      surroundings = undefined,
    }: { isHeavy?: boolean; isYielding?: boolean; surroundings?: Surroundings | undefined } = {},
  ) {
    this.mayBeHeavy = isHeavy || surroundings !== undefined;
    this.dress = surroundings?.dress ?? ((formula) => formula);
    this.slices = isYielding ? [] : null;
    let ms = 0;
    this.tasks = isHeavy ? [] : null;
    this.looksPerHold = draws.pick([1, 5, 100]);
    this.engine = createEngine({
      isChecked: true,
      ...(this.tasks === null ? {} : { executor: laterExecutor(this.tasks, draws) }),
      ...(this.slices === null
        ? {}
        : {
            clock: { now: () => ms++ },
            yielding: { budgetMs: draws.below(4), defer: (resume) => void this.slices?.push(resume) },
          }),
      ...surroundings?.options,
    });
    this.states = [{ state: this.engine, naive: { parent: null, overrides: [], pins: [] } }];
    this.isTraced = draws.below(3) !== 2;
    if (this.isTraced) this.engine.subscribe((event) => this.events.push(event));
  }

  live(accept: (node: NaiveNode) => boolean): number[] {
    return this.nodes.flatMap((node, i) => (node !== null && accept(node) ? [i] : []));
  }

  shapesOf(): Shape[] {
    return this.nodes.map((node) => node?.shape ?? (shapes[0] as Shape));
  }
}

/** Answers some tasks at once and the others when the test calls them, in any order, late ones too. */
function laterExecutor(tasks: (() => void)[], draws: Draws): Executor {
  return {
    submit(task) {
      const run = (): TaskOutcome => {
        void task.kernel.compute(task.inputs, task.out, task.box);
        return { kind: "done", out: task.out, costMs: 0 };
      };
      if (draws.below(4) === 3) return run();
      return new Promise((answer) => tasks.push(() => answer(run())));
    },
    close: () => Promise.resolve(),
  };
}

export function blankNode(pair: Pair, shape: Shape): NaiveNode {
  const name = `n${pair.nodes.length}`;
  return { name, shape, cells: null, reads: [], factor: 0, isManual: false, isHeavy: false };
}
