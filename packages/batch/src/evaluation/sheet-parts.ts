/** What the sheet of a chunk is given beside its tables: modules, who does heavy work, and how that is counted. */
import type { EventListener, Executor, MemoStore } from "@reckon/engine";
import type { Runtime } from "@reckon/host";
import type { CallRunner } from "@reckon/plan";
import type { SheetHost } from "@reckon/sheet";
import type { HeavyTime } from "./heavy-work.ts";

export interface SheetParts extends Pick<SheetHost, "module"> {
  readonly executor?: Executor;
  readonly memoStore?: MemoStore;
  readonly calls?: CallRunner;
  readonly formulaProgram?: string;
  /** In ms, for what takes long and for `timeout`. */
  readonly now: () => number;
  readonly after: (ms: number, then: () => void) => () => void;
  /** Named in the figures. */
  readonly worker: string;
  /** CPU time so far of whoever computes, in ms. */
  readonly cpuMs: () => number;
  /** Is told what the sheet does after it was opened. */
  readonly onEvent?: EventListener;
  /** Look-ups so far in the cache. */
  readonly lookUps: () => { readonly found: number; readonly all: number };
  /** Heavy work in place so far: where plans are made from the figures; absent elsewhere. */
  readonly heavy?: () => HeavyTime;
  /** For how long this thread has had something to do so far, whether or not it was let: where others have the cores that is no waiting. */
  readonly activeMs?: () => number;
}

/** Parts that send heavy work, and keep its results, as a runtime does. */
export function partsOf(runtime: Runtime, own: Pick<SheetParts, "module" | "worker" | "cpuMs">): SheetParts {
  const { executor, memoStore, calls, formulaProgram } = runtime;
  return {
    ...own,
    executor,
    calls,
    formulaProgram,
    ...(memoStore === undefined ? {} : { memoStore }),
    now: () => performance.now(),
    after: (ms, then) => {
      const timer = setTimeout(then, ms);
      return () => clearTimeout(timer);
    },
    lookUps: () => {
      const { reused, made } = runtime.stats().calls;
      return { found: reused, all: reused + made };
    },
  };
}
