/** Batches of scripted entities on a simulated clock, whose conductors can be killed. */
import {
  type BatchClock,
  type BatchEvent,
  type BatchPolicy,
  type BatchRequest,
  type BatchSummary,
  createRecordSource,
  createScriptedRunner,
  decodeBlock,
  type EntityRecord,
  type Ledger,
  type MachineMeasure,
  type RunId,
  type ScriptedRunner,
  type ScriptedRunnerOptions,
  type SimulatedClock,
  scriptedProgram,
  seededRandom,
  startBatch,
} from "@reckon/batch";
import { createRuntime } from "@reckon/host";

/** Four cores, threads that cost nothing. */
const freeMachine: MachineMeasure = {
  cores: 4,
  speedUps: [1, 2, 3, 4],
  spawnMs: 0,
  perTaskMs: 0,
  perMegabyteMs: 0,
  importMs: 0,
  threadBytes: 0,
  freeBytes: 1e12,
};

const quickRetry: BatchPolicy["retry"] = {
  attemptsMax: 3,
  firstMs: 50,
  factor: 2,
  longestMs: 400,
  jitter: 0.5,
};

export interface ScriptedRunOptions {
  readonly clock: SimulatedClock;
  readonly ledger: Ledger;
  readonly records: readonly EntityRecord[];
  readonly script?: ScriptedRunnerOptions["script"];
  readonly entityMs?: number;
  readonly policy?: Partial<BatchPolicy>;
  readonly request?: Partial<BatchRequest>;
  readonly seed?: number;
}

export interface ScriptedRun {
  readonly summary: Promise<BatchSummary>;
  readonly events: readonly BatchEvent[];
  readonly runners: readonly ScriptedRunner[];
  readonly interrupt: (graceMs: number) => void;
  /** From now on nothing of this session does anything any more; what it has asked of the ledger is never answered. */
  readonly kill: () => void;
}

/** Begins a session that can be killed. */
export function beginScripted(options: ScriptedRunOptions): ScriptedRun {
  const { clock, ledger, records, script, entityMs, policy, request, seed = 1 } = options;
  const life = { isOver: false };
  const own = mortalClock(clock, life);
  const events: BatchEvent[] = [];
  const runners: ScriptedRunner[] = [];
  const batch = startBatch({
    program: scriptedProgram,
    source: createRecordSource(records),
    policy: { retry: quickRetry, ...policy },
    strategy: "threads",
    concurrency: 3,
    chunkEntities: 5,
    resume: "auto",
    runners: (_, concurrency) => {
      const runner = createScriptedRunner({
        clock: own,
        concurrency,
        ...(script === undefined ? {} : { script }),
        ...(entityMs === undefined ? {} : { entityMs }),
      });
      runners.push(runner);
      return runner;
    },
    machine: freeMachine,
    runtime: createRuntime({ threads: 0, cache: "off" }),
    random: seededRandom(seed),
    onEvent: (event) => {
      if (!life.isOver) events.push(event);
    },
    ...request,
    ledger: mortalLedger(ledger, life),
    clock: own,
  });
  return {
    summary: batch.summary,
    events,
    runners,
    interrupt: batch.interrupt,
    kill: () => {
      life.isOver = true;
    },
  };
}

interface Life {
  isOver: boolean;
}

function mortalClock(clock: BatchClock, life: Life): BatchClock {
  return {
    ...clock,
    after: (ms, then) =>
      clock.after(ms, () => {
        if (!life.isOver) then();
      }),
  };
}

/** What a killed process has asked for may be done; nobody hears of it. */
function mortalLedger(ledger: Ledger, life: Life): Ledger {
  const mortal = <Arguments extends unknown[], Answer>(ask: (...given: Arguments) => Promise<Answer>) => {
    return (...given: Arguments): Promise<Answer> => {
      if (life.isOver) return new Promise<Answer>(() => undefined);
      const asked = ask(...given);
      return new Promise<Answer>((resolve, reject) => {
        asked.then(
          (answer) => {
            if (!life.isOver) resolve(answer);
          },
          (error: unknown) => {
            if (!life.isOver) reject(error);
          },
        );
      });
    };
  };
  return {
    ...ledger,
    beginRun: mortal(ledger.beginRun),
    unfinishedRun: mortal(ledger.unfinishedRun),
    holdRun: mortal(ledger.holdRun),
    keepRun: mortal(ledger.keepRun),
    recordPlan: mortal(ledger.recordPlan),
    record: mortal(ledger.record),
    recordProblems: mortal(ledger.recordProblems),
    forgetProblems: mortal(ledger.forgetProblems),
    finished: mortal(ledger.finished),
    attempts: mortal(ledger.attempts),
    unchanged: mortal(ledger.unchanged),
    recordUnchanged: mortal(ledger.recordUnchanged),
    recordEqual: mortal(ledger.recordEqual),
    reopenFailed: mortal(ledger.reopenFailed),
    reopenInvalid: mortal(ledger.reopenInvalid),
    endRun: mortal(ledger.endRun),
    query: { ...ledger.query, run: mortal(ledger.query.run), runs: mortal(ledger.query.runs) },
  };
}

/** Runs to the end in one session. */
export async function runScripted(options: ScriptedRunOptions): Promise<BatchSummary> {
  return await options.clock.runUntil(beginScripted(options).summary);
}

/** What a run's ledger has of its entities, without times, sessions and chunks. */
export async function contentOf(ledger: Ledger, run: string): Promise<unknown> {
  const entities: unknown[] = [];
  for await (const page of ledger.query.entities(run as RunId)) {
    const blocks = await ledger.query.blocks(page.map(({ chunk }) => chunk));
    for (const [i, entity] of page.entries()) {
      const bytes = blocks[i];
      const hasValues = entity.state === "succeeded" || entity.state === "skipped";
      entities.push({
        key: entity.key,
        position: entity.position,
        state: entity.state,
        attempts: entity.attempts,
        deepKey: entity.deepKey,
        error: entity.errorCode,
        value: hasValues && bytes !== undefined ? decodeBlock(bytes)?.get(0, entity.chunkRow, 0) : undefined,
      });
    }
  }
  const attempts: unknown[] = [];
  for await (const page of ledger.query.attempts(run as RunId))
    for (const { key, attempt, outcome } of page) attempts.push({ key, attempt, outcome });
  const problems: unknown[] = [];
  for await (const page of ledger.query.problems(run as RunId)) problems.push(...page);
  const details = await ledger.query.run(run as RunId);
  return { entities, attempts, problems, counts: details?.counts };
}
