/**
 * A ledger in memory: for tests, and simple enough to hold the others against. Everything is there until it is closed; several
 * runs, sessions and owners can be told apart as in a file. Cost: whatever is asked looks at all entities of a run.
 */
import type { BatchClock } from "../batch-clock.ts";
import { BatchError } from "../batch-error.ts";
import type { RunId } from "../entity.ts";
import { refuseOther } from "../ledger/run-owner.ts";
import type { EntityRow, FinishedEntity, ForgetOutcome, Ledger, RunStart } from "../ledger.ts";
import { memoryQueries, rowOf } from "./memory-queries.ts";
import { type MemoryChunk, type MemoryRun, memoryRunOf, recordInto, recordTakenInto } from "./memory-run.ts";

/** What the ledger holds, for whoever tests with it. */
interface MemoryState {
  readonly runs: Map<RunId, MemoryRun>;
  readonly chunks: MemoryChunk[];
  readonly measures: Map<string, Map<string, { value: number; measuredAtMs: number }>>;
}

/** Runs like this one that are looked at for unchanged entities. */
const runsLookedAt = 10;

/**
 * An empty ledger.
 *
 * @example
 * ```ts
 * const ledger = createMemoryLedger({ clock: createSimulatedClock() });
 * await ledger.query.runs({}); // []
 * ```
 */
export function createMemoryLedger({ clock }: { readonly clock: BatchClock }): Ledger {
  const state: MemoryState = { runs: new Map(), chunks: [], measures: new Map() };
  return {
    name: "memory",
    ...lifeOf(state, clock),
    ...recordsOf(state),
    ...measuresOf(state, clock),
    query: memoryQueries(state, clock),
    close: () => Promise.resolve(),
  };
}

/** The run; misuse where there is none of that id. */
function runIn(state: MemoryState, id: RunId): MemoryRun {
  const run = state.runs.get(id);
  if (run === undefined) throw new BatchError("unknown-run", `there is no run ${id}; begin it first`);
  return run;
}

function newestFirst(state: MemoryState): MemoryRun[] {
  return [...state.runs.values()].sort((a, b) => (a.start.run < b.start.run ? 1 : -1));
}

/** The run, where `writer` may write to it. */
function ownIn(state: MemoryState, id: RunId, writer: string | undefined): MemoryRun {
  const run = runIn(state, id);
  refuseOther(id, run.owner, writer);
  return run;
}

type Life = Pick<
  Ledger,
  | "beginRun"
  | "unfinishedRun"
  | "holdRun"
  | "keepRun"
  | "recordPlan"
  | "reopenFailed"
  | "reopenInvalid"
  | "endRun"
>;

function lifeOf(state: MemoryState, clock: BatchClock): Life {
  return {
    beginRun: async (start: RunStart, owner) => {
      if (!state.runs.has(start.run)) state.runs.set(start.run, memoryRunOf(start, clock.date()));
      else
        Object.assign(ownIn(state, start.run, owner), {
          state: "running",
          sessions: runIn(state, start.run).sessions + 1,
          endedAtMs: undefined,
          sessionBeganAtMs: clock.date(),
          summary: undefined,
        });
    },
    unfinishedRun: async (what) => {
      const like = newestFirst(state).find(
        ({ start }) =>
          start.modelPath === what.modelPath &&
          start.scenario === what.scenario &&
          start.axis === what.axis &&
          start.source === what.source,
      );
      const isOpen = like !== undefined && like.state !== "succeeded" && like.state !== "failed";
      return isOpen ? rowOf(like, clock.date()) : undefined;
    },
    holdRun: async (id, owner, forMs) => {
      const run = runIn(state, id);
      if (run.owner !== undefined && run.owner !== owner && clock.date() <= run.ownerUntilMs) return false;
      hold(run, owner, forMs, clock.date());
      return true;
    },
    keepRun: async (id, owner, forMs) => {
      const run = runIn(state, id);
      if (run.owner !== owner) return false;
      hold(run, owner, forMs, clock.date());
      return true;
    },
    recordPlan: async (id, plan, owner) => {
      Object.assign(ownIn(state, id, owner), { plan, strategy: plan.chosen.strategy });
    },
    reopenFailed: async (id, owner) => {
      const { entities, problems, attemptsBefore } = ownIn(state, id, owner);
      const failed = [...entities.values()].filter((entity) => entity.state === "failed");
      for (const entity of failed) {
        entities.set(entity.key, { ...entity, state: "open" });
        attemptsBefore.set(entity.key, entity.attempts);
      }
      problems.clear();
      return failed.length;
    },
    reopenInvalid: async (id, keys, owner) => {
      const { entities, attemptsBefore } = ownIn(state, id, owner);
      const corrected = keys.map((key) => entities.get(key)).filter((entity) => entity?.state === "invalid");
      for (const entity of corrected as EntityRow[]) {
        entities.set(entity.key, { ...entity, state: "open", attempts: 0 });
        attemptsBefore.delete(entity.key);
      }
      return corrected.length;
    },
    endRun: async (id, ending, summary, owner) => {
      const run = ownIn(state, id, owner);
      if (run.state === "running") run.wallMs += clock.date() - run.sessionBeganAtMs;
      Object.assign(run, {
        state: ending,
        summary,
        endedAtMs: clock.date(),
        owner: undefined,
        ownerUntilMs: 0,
      });
    },
  };
}

function hold(run: MemoryRun, owner: string, forMs: number, nowMs: number): void {
  if (forMs >= 0 && run.owner === owner && run.state === "running")
    run.wallMs += nowMs - run.sessionBeganAtMs;
  Object.assign(run, { owner, ownerUntilMs: nowMs + forMs, sessionBeganAtMs: nowMs });
}

type Records = Pick<
  Ledger,
  | "record"
  | "recordProblems"
  | "forgetProblems"
  | "finished"
  | "attempts"
  | "unchanged"
  | "recordUnchanged"
  | "recordEqual"
>;

function recordsOf(state: MemoryState): Records {
  return {
    record: async (id, records, owner) => {
      const run = ownIn(state, id, owner);
      return records.map((record) => recordInto(run, state.chunks, record));
    },
    forgetProblems: async (id, positions, owner) => {
      const { problems } = ownIn(state, id, owner);
      for (const position of positions) problems.delete(position);
    },
    recordProblems: async (id, problems, owner) => {
      const run = ownIn(state, id, owner);
      for (const problem of problems) run.problems.set(problem.position, problem);
    },
    finished: async (id, keys) => {
      const { entities } = runIn(state, id);
      const found = new Map<string, FinishedEntity>();
      for (const key of keys) {
        const entity = entities.get(key);
        if (entity !== undefined && entity.state !== "open")
          found.set(key, { ...entity, state: entity.state });
      }
      return found;
    },
    attempts: async (id, keys) => {
      const { entities, attemptsBefore } = runIn(state, id);
      const had = keys.map((key) => {
        const all = entities.get(key)?.attempts ?? 0;
        return [key, { all, before: attemptsBefore.get(key) ?? 0 }] as const;
      });
      return new Map(had.filter(([, { all }]) => all > 0));
    },
    unchanged: async (id, wanted) => {
      const like = runsLike(state, id).slice(0, runsLookedAt);
      const found = new Map<string, FinishedEntity>();
      for (const { key, deepKey } of wanted)
        for (const run of like) {
          const entity = run.entities.get(key);
          if (entity?.deepKey !== deepKey) continue;
          if (entity.state !== "succeeded" && entity.state !== "skipped") continue;
          if (state.chunks[entity.chunk - 1]?.block === undefined) continue;
          found.set(key, { ...entity, state: entity.state });
          break;
        }
      return found;
    },
    recordUnchanged: async (id, entities, owner) => {
      recordTakenInto(ownIn(state, id, owner), entities, "skipped", runsLike(state, id));
    },
    recordEqual: async (id, entities, owner) => {
      const run = ownIn(state, id, owner);
      return recordTakenInto(run, entities, "succeeded", [run]);
    },
  };
}

/** Other runs of the model, scenario and axis, newest first. */
function runsLike(state: MemoryState, id: RunId): MemoryRun[] {
  const { start: own } = runIn(state, id);
  return newestFirst(state).filter(
    ({ start }) =>
      start.run !== id &&
      start.modelPath === own.modelPath &&
      start.scenario === own.scenario &&
      start.axis === own.axis,
  );
}

function measuresOf(
  state: MemoryState,
  clock: BatchClock,
): Pick<Ledger, "measures" | "recordMeasures" | "forget"> {
  return {
    measures: async (machine) => state.measures.get(machine) ?? new Map(),
    recordMeasures: async (machine, values) => {
      const known = state.measures.get(machine) ?? new Map();
      for (const [name, value] of Object.entries(values))
        known.set(name, { value, measuredAtMs: clock.date() });
      state.measures.set(machine, known);
    },
    forget: async (which) => {
      const chosen = newestFirst(state).filter(({ start }) =>
        "runs" in which ? which.runs.includes(start.run) : start.startedAtMs < which.beforeMs,
      );
      const ids = new Set(chosen.map(({ start }) => start.run));
      const taken = new Set(
        [...state.runs.values()]
          .filter(({ start }) => !ids.has(start.run))
          .flatMap(({ entities }) => [...entities.values()].map(({ chunk }) => state.chunks[chunk - 1]?.run)),
      );
      const kept = chosen.flatMap(({ start: { run }, ownerUntilMs }): ForgetOutcome["kept"] =>
        clock.date() <= ownerUntilMs
          ? [{ run, because: "held" as const }]
          : taken.has(run)
            ? [{ run, because: "values-taken" as const }]
            : [],
      );
      for (const { run } of kept) ids.delete(run);
      for (const run of ids) state.runs.delete(run);
      for (const [place, chunk] of state.chunks.entries())
        if (ids.has(chunk.run as RunId)) state.chunks[place] = { ...chunk, block: undefined };
      return { forgotten: [...ids], kept };
    },
  };
}
