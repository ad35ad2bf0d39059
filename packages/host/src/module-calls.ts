/**
 * Who runs the calls of module functions: the host's call runner.
 *
 *   call ──► light, or not worth it ──────────────────────────► in place, at once
 *     │
 *     └──► equal call under way? ──► kept? ──► this turn's calls ──► sent to threads, all together
 *               share it            that's it                  └──► in place, in slices of `sliceMs`
 *
 *   1. A call is looked up, and may be sent, if its formula is `heavy`, or if its function takes long as measured
 *      (function-costs.ts). A function that answers later is called here unless the formula is heavy.
 *   2. It is looked up under the module's version, the function's name and the arguments. Where the version is not known nothing
 *      is kept, and equal calls are made as often as they are asked for.
 *   3. What is ready in one turn is one batch: heavy calls are sent; the others are if sending all of them is expected to
 *      pay with the costs measured on this machine. These are measured when they are first needed.
 *   4. Failures, and results that are errors, are not kept. A failed attempt is repeated as the formula says.
 *   5. When nobody waits for a call any more it is cancelled; what it still answers is kept, and goes nowhere.
 *
 * Cost of a light call: a look-up in a weak map.
 */
import type { DispatchCosts, Executor, MemoKey, MemoStore } from "@reckon/engine";
import { type CallGroup, isPromiseLike, moduleResult } from "@reckon/formula";
import { type CalledFunction, type CallRunner, underPolicy } from "@reckon/plan";
import { type Column, columnFrom, isErrorValue, type Scalar } from "@reckon/value";
import type { CallRequest, WorkerExecutor } from "@reckon/workers";
import { CallEntry, cancelled } from "./call-entry.ts";
import { callKey, callText } from "./call-key.ts";
import { isWorthSending } from "./function-costs.ts";
import { type EarlyResult, FunctionState } from "./function-state.ts";
import type { HostedFunction } from "./hosted-function.ts";
import { lateMessage, type ThreadAnswer, type ThreadCall } from "./module-thread.ts";

/** What the runner needs of the executor. */
export interface CallSender extends Pick<WorkerExecutor, "call"> {
  readonly costs: NonNullable<Executor["costs"]>;
  readonly measureCosts: () => Promise<DispatchCosts>;
}

export interface ModuleCallsOptions {
  readonly sender?: CallSender;
  readonly memoStore?: MemoStore;
  readonly now: () => number;
  /** One sentence for the user. */
  readonly onNotice?: (notice: string) => void;
  /** Is called before a function runs on this thread. */
  readonly onPlace?: () => void;
  /** What a call of a function took in runs before, by its version. */
  readonly knownMs?: (version: string) => number | undefined;
}

/** Numbers since the runner was made. */
export interface CallCounts {
  readonly calls: number;
  readonly inPlace: number;
  readonly sent: number;
  /** Answered by the memo store. */
  readonly reused: number;
  /** Answered by an equal call that was under way. */
  readonly shared: number;
  readonly cancelled: number;
  /** Calls worth a look-up that were made, here or elsewhere. */
  readonly made: number;
  /** Computations of a formula in which there was such a call, found or made. */
  readonly formulas: number;
  /** Those of them that are of a heavy formula and could not be answered at once: the engine counts them as dispatched. */
  readonly awaited: number;
  /** What calls on threads took there, in ms. */
  readonly sentMs: number;
  /** What such calls took here, in ms. */
  readonly hereMs: number;
}

/** Calls in place go on for so long before whatever else waits has its turn. */
const sliceMs = 50;
/** What a thread may take to load a module is no time of the function. */
const loadMsAllowed = 2_000;
const loadTimesAllowed = 10;
/** A call finds its module not loaded yet once a thread; threads that end all the time are no place for it. */
const loadsMax = 100;
/** Measuring what sending costs takes some 100 ms. */
const measuredForMs = 200;

/** A function as one formula calls it. */
interface Use {
  readonly state: FunctionState;
  /** In place, under the formula's policy. */
  readonly limited: CalledFunction["call"];
}

export class ModuleCalls implements CallRunner {
  private readonly options: ModuleCallsOptions;
  private readonly states = new WeakMap<object, FunctionState>();
  private readonly uses = new WeakMap<CalledFunction, Use>();
  private readonly told = new Set<string>();
  /** Modules that threads have loaded. */
  private readonly loaded = new Set<string>();
  /** Of functions whose calls are worth it, by version. */
  private readonly learned = new Map<string, FunctionState>();
  private turn: CallEntry[] = [];
  /** Groups that had a call worth a look-up. */
  private readonly groups = new WeakSet<CallGroup>();
  private readonly awaited = new WeakSet<CallGroup>();
  private readonly count = {
    calls: 0,
    inPlace: 0,
    sent: 0,
    reused: 0,
    shared: 0,
    cancelled: 0,
    made: 0,
    formulas: 0,
    awaited: 0,
    sentMs: 0,
    hereMs: 0,
  };

  constructor(options: ModuleCallsOptions) {
    this.options = options;
  }

  counts(): CallCounts {
    return { ...this.count };
  }

  /** What a call takes, in ms by version, of the functions that are worth knowing in the next run. */
  estimates(): ReadonlyMap<string, number> {
    const worth = [...this.learned].filter(([, { cost }]) => cost.isWorth);
    return new Map(worth.map(([version, { cost }]) => [version, cost.estimate ?? 0]));
  }

  readonly call = (
    called: CalledFunction,
    args: readonly Scalar[],
    group: CallGroup | undefined,
  ): unknown => {
    this.count.calls++;
    const uses = this.uses.get(called) ?? this.use(called);
    const { state } = uses;
    if (state.cost.isPassed && called.weight !== "heavy" && !state.isFull) return this.made(uses, args);
    const { sender, memoStore } = this.options;
    const isHeavy = called.weight === "heavy";
    const isWorth = isHeavy || (called.weight !== "light" && !state.isLater && state.cost.isWorth);
    if (!isWorth || state.origin === undefined || (sender === undefined && memoStore === undefined))
      return this.unconsidered(state, called, args, group);
    return this.considered(state, called, args, group);
  };

  private use(called: CalledFunction): Use {
    const uses = { state: this.stateOf(called.call), limited: underPolicy(called.call, called.policy) };
    this.uses.set(called, uses);
    return uses;
  }

  private stateOf(call: CalledFunction["call"]): FunctionState {
    let state = this.states.get(call);
    if (state === undefined) {
      const known = call.version === undefined ? undefined : this.options.knownMs?.(call.version);
      state = new FunctionState(call, known);
      this.states.set(call, state);
    }
    return state;
  }

  /** In place; what the first calls of a function give is kept if it turns out to be worth it. */
  private unconsidered(
    state: FunctionState,
    called: CalledFunction,
    args: readonly Scalar[],
    group: CallGroup | undefined,
  ): unknown {
    const { memoStore, now } = this.options;
    const { cost, origin, version } = state;
    const isFirst = cost.isFirst && origin !== undefined && version !== undefined;
    if (!isFirst || memoStore === undefined || called.weight === "light")
      return this.inPlace(state, called, args, group);
    const began = now();
    const value = this.inPlace(state, called, args, group);
    if (!isPromiseLike(value)) state.early.push({ called, args, value, ms: now() - began });
    if (cost.isWorth) {
      for (const result of state.early) this.keepEarly(state, result);
      state.early = [];
    } else if (!cost.isFirst) state.early = [];
    return value;
  }

  private keepEarly(state: FunctionState, { called, args, value, ms }: EarlyResult): void {
    const key = this.keyFor(state, called, args);
    if (key !== undefined) this.keep(key, moduleResult(value, called.name), ms);
  }

  /** A call that is worth being looked up. */
  private considered(
    state: FunctionState,
    called: CalledFunction,
    args: readonly Scalar[],
    group: CallGroup | undefined,
  ): unknown {
    this.noteFormula(group);
    const text = state.version === undefined ? undefined : callText(args, called.policy);
    const open = text === undefined ? undefined : state.open.get(text);
    if (open !== undefined) {
      this.count.shared++;
      return open.answer(group);
    }
    const key = this.keyFor(state, called, args);
    const found = key === undefined ? undefined : this.lookUp(key);
    if (isColumn(found)) {
      this.count.reused++;
      return found.get(0);
    }
    const onEnd = (): void => {
      if (text !== undefined && state.open.get(text) === entry) state.open.delete(text);
      if (entry.isCancelled) this.count.cancelled++;
    };
    const entry: CallEntry = new CallEntry(state, called, args, { key, onEnd });
    if (text !== undefined) state.open.set(text, entry);
    const answer = entry.answer(group);
    if (called.weight === "heavy" && group !== undefined && !this.awaited.has(group)) {
      this.awaited.add(group);
      this.count.awaited++;
    }
    if (found === undefined) this.ready(entry);
    else
      found.then(
        (column) => this.lookedUp(entry, column),
        () => this.ready(entry),
      );
    return answer;
  }

  private noteFormula(group: CallGroup | undefined): void {
    if (group === undefined || this.groups.has(group)) return;
    this.groups.add(group);
    this.count.formulas++;
  }

  private keyFor(state: FunctionState, called: CalledFunction, args: readonly Scalar[]): MemoKey | undefined {
    const { memoStore } = this.options;
    if (memoStore === undefined) return undefined;
    if (state.version === undefined) {
      this.tellUnkept(state.origin as HostedFunction);
      return undefined;
    }
    const { estimate } = state.cost;
    if (estimate !== undefined && estimate < (memoStore.lookUpMs?.() ?? 0)) return undefined;
    return callKey(labelOf(called), state.version, args);
  }

  private tellUnkept({ module }: HostedFunction): void {
    const { hash, unknown } = module.closure;
    if (this.told.has(hash)) return;
    const notice = `results of ${module.source} are not kept for other runs: ${unknown.join("; ")}`;
    // The same is true of a module again after each change.
    if (!this.told.has(notice)) this.options.onNotice?.(notice);
    this.told.add(hash).add(notice);
  }

  private lookUp(key: MemoKey): Column | undefined | Promise<Column | undefined> {
    try {
      return this.options.memoStore?.get(key);
    } catch {
      // A store in trouble is a miss, as the port says.
      return undefined;
    }
  }

  private lookedUp(entry: CallEntry, column: Column | undefined): void {
    if (column === undefined) this.ready(entry);
    else {
      this.count.reused++;
      entry.end({ value: column.get(0) });
    }
  }

  /** The call has to be made: with all others of this turn. */
  private ready(entry: CallEntry): void {
    this.count.made++;
    this.turn.push(entry);
    if (this.turn.length > 1) return;
    queueMicrotask(() => {
      const entries = this.turn;
      this.turn = [];
      this.dispatch(entries);
    });
  }

  private dispatch(entries: readonly CallEntry[]): void {
    const { sender } = this.options;
    const here: CallEntry[] = [];
    const open: CallEntry[] = [];
    for (const entry of entries) {
      if (entry.isCancelled) continue;
      if (sender === undefined || entry.state.isOnlyHere) here.push(entry);
      else if (entry.called.weight === "heavy") this.send(entry, sender);
      else open.push(entry);
    }
    if (sender !== undefined && open.length > 0) this.decide(open, sender);
    if (here.length > 0) void this.runHere(here);
  }

  /** Sends what is measured to take long, if that pays. */
  private decide(entries: readonly CallEntry[], sender: CallSender, measured?: DispatchCosts): void {
    const ms = entries.reduce((sum, { state }) => sum + (state.cost.estimate ?? 0), 0);
    const costs = measured ?? sender.costs();
    if (costs === undefined && ms >= measuredForMs) {
      sender.measureCosts().then(
        (now) => {
          const open = entries.filter((entry) => !entry.isCancelled);
          this.decide(open, sender, now);
        },
        () => this.runHere(entries),
      );
      return;
    }
    const batch = { count: entries.length, ms, loadMs: this.loadMs(entries) };
    if (costs !== undefined && isWorthSending(batch, costs))
      for (const entry of entries) this.send(entry, sender);
    else void this.runHere(entries);
  }

  private loadMs(entries: readonly CallEntry[]): number {
    const modules = new Set(entries.map(({ state }) => (state.origin as HostedFunction).module));
    let ms = 0;
    for (const module of modules) if (!this.loaded.has(module.closure.hash)) ms += module.loadMs;
    return ms;
  }

  private send(entry: CallEntry, sender: CallSender): void {
    this.count.sent++;
    // An executor that cannot even be made: then there is only this thread.
    this.attempts(entry, sender).catch(() => this.runHere([entry]));
  }

  private async attempts(entry: CallEntry, sender: CallSender): Promise<void> {
    const { policy } = entry.called;
    let loads = 0;
    for (let left = policy.retries; !entry.isCancelled; left--) {
      const outcome = await sender.call(requestOf(entry), entry.controller.signal);
      switch (outcome.kind) {
        case "done": {
          const answer = outcome.value as ThreadAnswer;
          if (answer.kind === "ready" && ++loads < loadsMax) {
            left++;
            break;
          }
          if (answer.kind === "changed" || answer.kind === "ready") {
            entry.state.isOnlyHere = true;
            return this.runHere([entry]);
          }
          this.note(entry, answer.ms);
          if (answer.kind === "given") return this.finish(entry, answer.value, answer.ms);
          if (left <= 0) return entry.end({ problem: new Error(answer.message) });
          break;
        }
        case "timed-out":
          if (left <= 0) return entry.end({ problem: new Error(lateMessage(policy.timeoutMs ?? 0)) });
          break;
        case "lost":
          if (left <= 0) return entry.end({ problem: new Error(outcome.message) });
          break;
        case "cancelled":
          return entry.end({ problem: new Error(outcome.message) });
        // Threads are no way to go here.
        case "refused":
        case "failed":
          return this.runHere([entry]);
      }
    }
  }

  private note(entry: CallEntry, ms: number): void {
    this.count.sentMs += ms;
    const { state } = entry;
    this.loaded.add((state.origin as HostedFunction).module.closure.hash);
    this.learn(state, ms);
  }

  private learn(state: FunctionState, ms: number): void {
    state.cost.add(ms);
    if (state.version !== undefined && state.cost.isWorth) this.learned.set(state.version, state);
  }

  /** Makes the calls in place, one after the other, and lets others have their turn in between. */
  private async runHere(entries: readonly CallEntry[]): Promise<void> {
    let began = this.options.now();
    for (const entry of entries) {
      if (entry.isCancelled) continue;
      if (this.options.now() - began > sliceMs) {
        await new Promise((resolve) => setImmediate(resolve));
        began = this.options.now();
        if (entry.isCancelled) continue;
      }
      this.makeHere(entry);
    }
  }

  private makeHere(entry: CallEntry): void {
    const { state, called, args } = entry;
    const began = this.options.now();
    const finish = (value: unknown): void => {
      const ms = this.options.now() - began;
      this.count.hereMs += ms;
      this.finish(entry, value, ms);
    };
    const fail = (problem: unknown): void => entry.end({ problem });
    try {
      const result = this.inPlace(state, called, args, undefined);
      if (isPromiseLike(result)) Promise.resolve(result).then(finish, fail);
      else finish(result);
    } catch (problem) {
      fail(problem);
    }
  }

  /** Calls the function here, under the policy: what it gives, or a promise of it. */
  private inPlace(
    state: FunctionState,
    called: CalledFunction,
    args: readonly Scalar[],
    group: CallGroup | undefined,
  ): unknown {
    if (!state.isFull) return this.place(state, called, args);
    return new Promise((resolve, reject) => {
      state.enqueue(() => {
        if (group?.isCancelled === true) reject(cancelled());
        else {
          try {
            resolve(this.place(state, called, args));
          } catch (problem) {
            reject(problem);
          }
        }
      });
    });
  }

  private place(state: FunctionState, called: CalledFunction, args: readonly Scalar[]): unknown {
    const uses = this.uses.get(called) ?? this.use(called);
    const began = this.options.now();
    try {
      return this.made(uses, args);
    } finally {
      this.learn(state, this.options.now() - began);
    }
  }

  private made({ state, limited }: Use, args: readonly Scalar[]): unknown {
    this.count.inPlace++;
    this.options.onPlace?.();
    const result = limited(...args);
    if (isPromiseLike(result)) state.follow(result);
    return result;
  }

  private finish(entry: CallEntry, value: unknown, ms: number): void {
    if (entry.key !== undefined) this.keep(entry.key, moduleResult(value, entry.called.name), ms);
    entry.end({ value }, ms);
  }

  private keep(key: MemoKey, scalar: Scalar, ms: number): void {
    if (isErrorValue(scalar)) return;
    const trouble = (): void => undefined;
    try {
      const column = columnFrom({ outer: 1, periods: 1 }, [scalar]);
      Promise.resolve(this.options.memoStore?.put(key, column, ms)).catch(trouble);
    } catch {
      // It costs a computation later, nothing else.
      trouble();
    }
  }
}

/** The program that threads import, beside this file. */
const program = new URL(
  import.meta.url.endsWith(".ts") ? "./module-thread.ts" : "./module-thread.js",
  import.meta.url,
);

function requestOf({ state, called, args }: CallEntry): CallRequest {
  const { module, name } = state.origin as HostedFunction;
  const { timeoutMs } = called.policy;
  const call: ThreadCall = { path: module.path, hash: module.closure.hash, name, args, timeoutMs };
  const loadMs = Math.max(loadMsAllowed, module.loadMs * loadTimesAllowed);
  const limit = timeoutMs === undefined ? {} : { timeoutMs: timeoutMs + loadMs };
  return { module: program, name: "callModule", args: [call], label: labelOf(called), ...limit };
}

/** `plant.strain (f.strain)`: what people know the call by. */
function labelOf({ attribute, name }: CalledFunction): string {
  return attribute === undefined ? name : `${attribute} (${name})`;
}

function isColumn(found: Column | undefined | Promise<Column | undefined>): found is Column {
  return found !== undefined && !(found instanceof Promise);
}
