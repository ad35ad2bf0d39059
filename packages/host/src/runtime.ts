/**
 * What heavy formulas run with on this machine: threads, and a cache. One for a process; sheets share it.
 *
 * Nothing is loaded, opened or started before something heavy asks for it: the threads and the cache are packages of
 * their own, which light models never import.
 */
import { join } from "node:path";
import type { CacheStats, CacheStore } from "@reckon/cache";
import {
  type DispatchCosts,
  type Executor,
  inlineExecutor,
  type MemoStore,
  type Task,
  type TaskOutcome,
} from "@reckon/engine";
import type { CallRunner } from "@reckon/plan";
import type {
  CallOutcome,
  CallRequest,
  WorkerCounts,
  WorkerExecutor,
  WorkerHistograms,
} from "@reckon/workers";
import envPaths from "env-paths";
import { KeptCosts } from "./kept-costs.ts";
import { type CallCounts, type CallSender, ModuleCalls } from "./module-calls.ts";
import { threadMemoryMb } from "./thread-memory.ts";

export interface RuntimeOptions {
  /** How many threads there are at most; as many as the machine runs at the same time when absent, none for 0. */
  readonly threads?: number;
  /** How large the heap of a thread may grow, in MB; absent: what the machine has, shared between threads. */
  readonly memoryMb?: number;
  /**
   * Where results are kept: a folder, a file that ends in `.sqlite`, or the address of a server (`redis://`, `postgres://`), in
   * front of which stands the file of the user's cache folder. Absent: that file. `off`: nowhere.
   */
  readonly cache?: string | "off";
  /** Entries on a server are signed with it. */
  readonly cacheSecret?: string;
  /** From 0 to 1: this share of what is kept is computed all the same, and compared. */
  readonly verifyShare?: number;
  /** In the place of the user's cache folder. */
  readonly cacheFolder?: string;
  /** Is told, in sentences, what concerns the cache and the threads; each once. */
  readonly onNotice?: (notice: string) => void;
  /** Is called before a module's function runs on this thread, which it may not give back. */
  readonly onPlace?: () => void;
}

/** What has happened so far; absent is what was never needed. */
export interface RuntimeStats {
  readonly calls: CallCounts;
  readonly workers?: { readonly counts: WorkerCounts; readonly histograms: WorkerHistograms };
  readonly cache?: CacheStats;
}

interface CachePlaces {
  readonly disk?: string;
  readonly shared?: string;
}

export interface Runtime {
  readonly executor: Executor;
  /** `undefined`: nothing is kept. */
  readonly memoStore: MemoStore | undefined;
  /** Runs the calls of module functions. */
  readonly calls: CallRunner;
  /** Where threads import the program that computes formulas. */
  readonly formulaProgram: string;
  readonly stats: () => RuntimeStats;
  /** What cells of a model's formulas took in earlier runs on this machine, in ms by version. */
  readonly knownCosts: (model: string) => ReadonlyMap<string, number>;
  /** Takes over what they took in this one; kept if anything heavy was there. */
  readonly learnCosts: (model: string, costs: ReadonlyMap<string, number>) => void;
  /** Where results are kept, as people may see it: of an address neither user nor password. */
  readonly places: CachePlaces;
  /** The cache with all that it can tell; `undefined` where nothing is kept. Opens it. */
  readonly cache: () => Promise<CacheStore | undefined>;
  /** Ends the threads, and writes what is to be kept. May be called again. */
  readonly close: () => Promise<void>;
}

const memoryBytes = 64 * 1024 * 1024;
const diskBytes = 1024 * 1024 * 1024;
/** What a look-up is said to take as long as nothing is open: no light model opens the cache to find that out. */
const unopenedMs = 0.5;

/**
 * Makes a runtime. Cost: nothing until something heavy is there.
 *
 * @example
 * ```ts
 * const runtime = createRuntime({ threads: 2, cache: "off" });
 * const loaded = await loadSheet({ model: "saas.reckon", runtime });
 * if (loaded.ok) await loaded.sheet.settled();
 * loaded.ok; // true
 * await runtime.close();
 * ```
 */
export function createRuntime(options: RuntimeOptions = {}): Runtime {
  return new LazyRuntime(options);
}

class LazyRuntime implements Runtime {
  readonly executor: Executor;
  readonly memoStore: MemoStore | undefined;
  readonly calls: ModuleCalls;
  readonly formulaProgram: string = import.meta.resolve("@reckon/plan/formula-program");
  private readonly kept: KeptCosts;
  private readonly threads: LazyThreads;
  private readonly store: LazyStore | undefined;
  private closing: Promise<void> | undefined;

  constructor(options: RuntimeOptions) {
    const folder = options.cacheFolder ?? envPaths("reckon", { suffix: "" }).cache;
    const { onNotice, onPlace } = options;
    this.kept = new KeptCosts(folder);
    this.threads = new LazyThreads(options, this.kept);
    this.executor = options.threads === 0 ? inlineExecutor : this.threads;
    this.store = options.cache === "off" ? undefined : new LazyStore(options, folder);
    this.memoStore = this.store;
    this.calls = new ModuleCalls({
      ...(options.threads === 0 ? {} : { sender: this.threads }),
      ...(this.store === undefined ? {} : { memoStore: this.store }),
      ...(onNotice === undefined ? {} : { onNotice }),
      ...(onPlace === undefined ? {} : { onPlace }),
      now: () => performance.now(),
      knownMs: (version) => this.kept.functionMs(version),
    });
  }

  readonly stats = (): RuntimeStats => {
    const { made } = this.threads;
    const cache = this.store?.made?.stats();
    return {
      calls: this.calls.counts(),
      ...(made === undefined ? {} : { workers: { counts: made.counts(), histograms: made.histograms() } }),
      ...(cache === undefined ? {} : { cache }),
    };
  };

  readonly knownCosts = (model: string): ReadonlyMap<string, number> => this.kept.cellMs(model);

  readonly learnCosts = (model: string, costs: ReadonlyMap<string, number>): void => {
    if (this.threads.made !== undefined || this.store?.made !== undefined) this.kept.addModel(model, costs);
  };

  get places(): CachePlaces {
    if (this.store === undefined) return {};
    const { disk, shared } = this.store.tiers();
    return {
      ...(disk === undefined ? {} : { disk: disk.path }),
      ...(shared === undefined ? {} : { shared: placeOf(shared.url) }),
    };
  }

  readonly cache = async (): Promise<CacheStore | undefined> => this.store?.open();

  readonly close = (): Promise<void> => {
    this.closing ??= this.end();
    return this.closing;
  };

  private async end(): Promise<void> {
    this.kept.addFunctions(this.calls.estimates());
    this.kept.save();
    await this.threads.close();
    await this.store?.close();
  }
}

/** The executor on threads, made when something is sent. */
class LazyThreads implements Executor, CallSender {
  made: WorkerExecutor | undefined;
  private readonly options: Pick<RuntimeOptions, "threads" | "memoryMb">;
  private readonly kept: KeptCosts;
  private making: Promise<WorkerExecutor> | undefined;
  private measuring: Promise<DispatchCosts> | undefined;
  private isClosed = false;

  constructor(options: Pick<RuntimeOptions, "threads" | "memoryMb">, kept: KeptCosts) {
    this.options = options;
    this.kept = kept;
  }

  readonly submit = (task: Task, signal: AbortSignal): TaskOutcome | Promise<TaskOutcome> => {
    if (task.kernel.remote === undefined) return inlineExecutor.submit(task, signal);
    if (this.made !== undefined) return this.made.submit(task, signal);
    return this.make().then(
      (executor) => executor.submit(task, signal),
      // Without threads there is this one.
      () => inlineExecutor.submit(task, signal),
    );
  };

  readonly call = (request: CallRequest, signal?: AbortSignal): Promise<CallOutcome> =>
    this.made === undefined
      ? this.make().then((executor) => executor.call(request, signal))
      : this.made.call(request, signal);

  readonly flush = (): void => this.made?.flush?.();

  /** As measured before, or now. Nobody waits for that: it is known the next time that somebody asks. */
  readonly costs = (): DispatchCosts | undefined => {
    const costs = this.made?.costs() ?? this.kept.costs;
    if (costs === undefined) void this.measureCosts().catch(() => undefined);
    return costs;
  };

  readonly measureCosts = (): Promise<DispatchCosts> => {
    this.measuring ??= this.make()
      .then((executor) => executor.measureCosts())
      .then((costs) => {
        this.kept.costs = costs;
        return costs;
      });
    return this.measuring;
  };

  readonly close = async (): Promise<void> => {
    this.isClosed = true;
    // What could not be made need not be closed.
    const executor = await this.making?.catch(() => undefined);
    await executor?.close();
  };

  private make(): Promise<WorkerExecutor> {
    this.making ??= import("@reckon/workers").then(async ({ createWorkerExecutor }) => {
      const { costs } = this.kept;
      const { threads, memoryMb = threadMemoryMb(threads) } = this.options;
      this.made = createWorkerExecutor({
        ...(threads === undefined ? {} : { threads }),
        ...(memoryMb === undefined ? {} : { memoryMb, memoryHint: "--thread-memory sets how much it may" }),
        ...(costs === undefined ? {} : { costs }),
      });
      if (this.isClosed) await this.made.close();
      return this.made;
    });
    return this.making;
  }
}

/** The cache, opened when something is looked up. */
class LazyStore implements MemoStore {
  made: CacheStore | undefined;
  private readonly options: RuntimeOptions;
  private readonly folder: string;
  private opening: Promise<CacheStore | undefined> | undefined;
  private isOff = false;

  constructor(options: RuntimeOptions, folder: string) {
    this.options = options;
    this.folder = folder;
  }

  readonly get = (key: Parameters<MemoStore["get"]>[0]): ReturnType<MemoStore["get"]> => {
    if (this.isOff) return undefined;
    return this.made === undefined ? this.open().then((store) => store?.get(key)) : this.made.get(key);
  };

  readonly put = (...entry: Parameters<MemoStore["put"]>): ReturnType<MemoStore["put"]> => {
    if (this.isOff) return undefined;
    return this.made === undefined
      ? this.open().then((store) => store?.put(...entry))
      : this.made.put(...entry);
  };

  readonly notKept: NonNullable<MemoStore["notKept"]> = (name, reason) => this.made?.notKept(name, reason);

  readonly lookUpMs = (): number =>
    this.isOff ? Number.POSITIVE_INFINITY : (this.made?.lookUpMs() ?? unopenedMs);

  /** `undefined`, and the user is told once, where what was asked for is no cache. */
  open(): Promise<CacheStore | undefined> {
    this.opening ??= this.make().catch((problem: unknown) => {
      this.isOff = true;
      this.options.onNotice?.(`nothing is kept: ${problem instanceof Error ? problem.message : problem}`);
      return undefined;
    });
    return this.opening;
  }

  private make(): Promise<CacheStore> {
    return import("@reckon/cache").then(({ createMemoStore }) => {
      const { verifyShare, onNotice } = this.options;
      this.made = createMemoStore({
        memory: { bytesMax: memoryBytes },
        ...this.tiers(),
        settings: {},
        ...(verifyShare === undefined ? {} : { verifyShare }),
        ...(onNotice === undefined ? {} : { onNotice: ({ message }) => onNotice(message) }),
      });
      return this.made;
    });
  }

  async close(): Promise<void> {
    this.isOff = true;
    await (await this.opening)?.close();
  }

  tiers(): Pick<Parameters<typeof import("@reckon/cache").createMemoStore>[0], "disk" | "shared"> {
    const { cache, cacheSecret } = this.options;
    const disk = (path: string) => ({ path, bytesMax: diskBytes });
    if (cache !== undefined && /^(?:rediss?|postgres(?:ql)?):\/\//.test(cache)) {
      const secret = cacheSecret === undefined ? {} : { secret: cacheSecret };
      return { disk: disk(join(this.folder, fileName)), shared: { url: cache, ...secret } };
    }
    if (cache !== undefined && /^[a-z][a-z0-9+.-]+:\/\//i.test(cache))
      throw new Error("a cache is a folder, a file, redis://… or postgres://…");
    if (cache === undefined) return { disk: disk(join(this.folder, fileName)) };
    return { disk: disk(cache.endsWith(".sqlite") ? cache : join(cache, fileName)) };
  }
}

/** An address without what lets one in: users and passwords stand in front of the host, or behind the question mark. */
function placeOf(url: string): string {
  if (!URL.canParse(url)) return url.slice(0, url.indexOf(":"));
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

const fileName = "reckon-cache.sqlite";
