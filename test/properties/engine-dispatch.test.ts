/**
 * Random graphs under random edits in an engine that decides by cost what is sent, what is looked up and what this thread
 * does itself, beside the naive stand-in. Time is simulated: every node has a cost, answers are late, out of order, lost
 * and sent again, or come twice, and edits come while they are awaited.
 */
import type { EngineOptions, FormulaNode, MemoKey, MemoStore } from "@reckon/engine";
import { memoBytes } from "@reckon/engine";
import { SimulatedExecutor, seeded, TestClock, turn } from "@reckon/engine/simulated-executor";
import type { Column } from "@reckon/value";
import fc from "fast-check";
import { expect, it } from "vitest";
import { cases } from "./cases.ts";
import type { Draws } from "./engine-pair.ts";
import { type Meanwhile, playDispatched } from "./graph-pair.ts";

const someNumbers = fc.array(fc.nat(2 ** 20), { minLength: 60, maxLength: 400, size: "max" });

/** Milliseconds a cell. */
const prices = [0, 0.0001, 0.05, 0.4, 3, 40];

/** What happened in all cases: each of it must have. */
const seen = { sent: 0, parts: 0, deferred: 0, answered: 0, batches: 0, inSlices: 0 };

function storeOf(kind: number): MemoStore | undefined {
  if (kind === 0) return undefined;
  const kept = new Map<string, Column>();
  const textOf = (key: MemoKey): string => memoBytes(key).join(",");
  const get = (key: MemoKey): Column | undefined => kept.get(textOf(key));
  return {
    get: kind === 1 ? get : async (key) => get(key),
    put: (key, column) => {
      kept.set(textOf(key), column);
    },
    lookUpMs: () => 0.01,
  };
}

/** Chance of its own: the drawn numbers are for edits. */
class Chance {
  private readonly random: () => number;

  constructor(seed: number) {
    this.random = seeded(seed);
  }

  readonly next = (): number => this.random();

  below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
}

/** Kernels that cost something, and may be sent or looked up. */
function dresser(clock: TestClock, chance: Chance): (formula: FormulaNode) => FormulaNode {
  let versions = 0;
  return (formula) => {
    const price = chance.pick(prices);
    const { compute, weight } = formula.kernel;
    let calls = 0;
    const kernel: FormulaNode["kernel"] = {
      compute: (inputs, out, box) => {
        const cells = (box.outerTo - box.outerFrom) * (box.to - box.from);
        if (calls++ === 1 && cells === 4) seen.inSlices++;
        clock.spend(price * cells);
        return compute(inputs, out, box);
      },
      isCellwise: chance.below(4) > 0,
      ...(chance.below(3) > 0 ? { version: `v${versions++}` } : {}),
      ...(chance.below(5) > 0 ? { remote: { program: "file:///none", key: "", payload: null } } : {}),
      ...(weight === undefined ? (chance.below(8) === 7 ? { weight: "light" } : {}) : { weight }),
    };
    return { ...formula, kernel };
  };
}

function surround(draws: Draws): Meanwhile & { readonly executor: SimulatedExecutor } {
  const clock = new TestClock();
  const chance = new Chance(draws.below(2 ** 20));
  const executor = new SimulatedExecutor({
    clock,
    random: chance.next,
    costs: {
      threads: 1 + chance.below(3),
      roundTripMs: 0.02,
      perTaskMs: 0.005,
      spawnMs: chance.pick([0, 0, 5]),
      perMegabyteMs: 0.1,
    },
    late: 0.3,
    lost: 0.1,
    twice: 0.2,
    inPlace: 0.5,
  });
  const deferred: (() => void)[] = [];
  const memoStore = storeOf(chance.below(3));
  const isSharing = chance.below(2) === 1;
  const defer = (resume: () => void): void => void deferred.push(resume);
  const options: EngineOptions = {
    clock,
    executor,
    ...(memoStore === undefined ? {} : { memoStore }),
    ...(isSharing ? { sharing: { defer, sliceMs: 5 } } : {}),
    ...(chance.below(3) === 0 ? { yielding: { budgetMs: 2, defer } } : {}),
  };
  const step = async (): Promise<boolean> => {
    if (deferred.length > 0 && (chance.below(2) === 0 || executor.waiting === 0)) {
      seen.deferred++;
      deferred.shift()?.();
      await turn();
      return true;
    }
    const hasStepped = await executor.step();
    await turn();
    return hasStepped || deferred.length > 0;
  };
  return { surroundings: { options, dress: dresser(clock, chance) }, step, executor };
}

function count({ submitted, batches }: SimulatedExecutor): void {
  seen.sent += submitted.length;
  seen.batches += batches.filter((tasks) => tasks > 1).length;
  const outs = new Map<Column, number>();
  for (const { task } of submitted) outs.set(task.out, (outs.get(task.out) ?? 0) + 1);
  seen.parts += [...outs.values()].filter((times) => times > 1).length;
}

it("[EX2] [EX4] [EX5] values are those of computing in place, whatever is sent, shared, found or given up", async () => {
  await fc.assert(
    fc.asyncProperty(someNumbers, async (numbers) => {
      let executor: SimulatedExecutor | undefined;
      const pair = await playDispatched(numbers, 25, (draws) => {
        const meanwhile = surround(draws);
        executor = meanwhile.executor;
        return meanwhile;
      });
      count(executor as SimulatedExecutor);
      const { reused, dispatched, computed } = pair.engine.figures();
      seen.answered += pair.events.filter(({ kind }) => kind === "answered").length;
      expect(computed).toBeGreaterThanOrEqual(reused);
      expect(dispatched).toBeGreaterThanOrEqual(0);
    }),
    cases(150),
  );
  expect(Object.entries(seen).filter(([, times]) => times === 0)).toEqual([]);
});
