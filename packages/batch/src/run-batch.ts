/**
 * Runs a batch: which run it is, the plan, the chunks, the results, what is said at the end.
 *
 *   1. A run is begun, or one that is unfinished resumed (run-beginning.ts); the delay is waited for.
 *   2. The first entities are computed in this process, and a plan made of what they took; a resumed run has one.
 *   3. The rest goes to runners or to a queue, decided by the scheduler, recorded in the ledger, written into the result file.
 *   4. The run is ended; a sample is verified where that is asked for, and what came of it put beside the end.
 */
import type { BatchEvent, BatchRequest, BatchRun } from "./api.ts";
import { BatchError } from "./batch-error.ts";
import type { BatchPlan, Prediction, StrategyName } from "./batch-plan.ts";
import type { ChunkRunner } from "./chunk-runner.ts";
import { holdProcess } from "./evaluation/held-process.ts";
import type { ThreadRunner } from "./evaluation/thread-runner.ts";
import { newRunId } from "./ledger/run-id.ts";
import type { Ledger } from "./ledger.ts";
import { createResultFile, type ResultFile } from "./results/result-file.ts";
import { atMost } from "./scheduling/at-most.ts";
import { Conductor } from "./scheduling/conductor.ts";
import { EarlyThreads } from "./scheduling/early-threads.ts";
import { EntityPages } from "./scheduling/entity-pages.ts";
import { KnownEntities } from "./scheduling/known-entities.ts";
import { learnKnown } from "./scheduling/learn-known.ts";
import { type OpenCarrier, openCarrier, runnerOf, threadRunnerOf } from "./scheduling/open-carrier.ts";
import { openPassingFile } from "./scheduling/passing-file.ts";
import { planFromSample } from "./scheduling/plan-from-sample.ts";
import { openPlanLedger } from "./scheduling/plan-ledger.ts";
import { beginRun, type RunBeginning } from "./scheduling/run-beginning.ts";
import { summaryOf } from "./scheduling/run-ending.ts";
import type { RunLease } from "./scheduling/run-lease.ts";
import { RunProgress } from "./scheduling/run-progress.ts";
import { Scheduler } from "./scheduling/scheduler.ts";
import { SessionStop } from "./scheduling/session-stop.ts";
import type { BatchSummary } from "./summary.ts";
import { verifyEnded } from "./verification/verify-ended.ts";

/** Where a source tells nothing of its rows, up to so many are counted before the sample. */
const countedRows = 4096;
/** Entities that take longer are computed once where their deep keys are equal (BA23): knowing all keys takes 1 or 2 % of that. */
const equalOnceMs = 0.3;
/** A queue that is told to cancel has so long to take it in. */
const lastWordMs = 1_000;

/**
 * Begins, or resumes, the run that is asked for. Whatever goes wrong with entities is in the summary. When the run itself cannot
 * go on (no ledger, no source, no queue that would take it) the summary's promise rejects with `BatchError`; what was recorded
 * stays, and the run can be resumed.
 *
 * @example
 * ```ts
 * const rows = await openRows("players.csv");
 * if ("problem" in rows) throw new Error(rows.problem);
 * const load = { model: "points.reckon", allowModules: true };
 * const prepared = await prepareProgram({ load, axis: "player", columns: rows.columns });
 * if (!("program" in prepared)) throw new Error("the model does not check");
 * const { program } = prepared;
 * const source = openEntities(rows, program);
 * if ("problem" in source) throw new Error(source.problem);
 * const ledger = await openLedger("memory", { clock: systemClock });
 * const runtime = createRuntime();
 * const retry = { attemptsMax: 3, firstMs: 100, factor: 2, longestMs: 5_000, jitter: 0.5 };
 * const batch = startBatch({
 *   program, source, ledger, runtime, policy: { retry },
 *   strategy: "auto", resume: "auto", clock: systemClock, random: Math.random,
 * });
 * process.once("SIGINT", () => batch.interrupt(5_000));
 * (await batch.summary).succeeded; // 200
 * await Promise.all([source.close(), ledger.close(), runtime.close()]);
 * ```
 */
export function startBatch(request: BatchRequest): BatchRun {
  const session = new Session(request);
  return {
    get run() {
      return session.run;
    },
    summary: session.conduct(),
    progress: () => session.progress.now(),
    interrupt: (graceMs) => session.stop.stop(graceMs),
  };
}

class Session {
  run = "";
  readonly stop: SessionStop;
  readonly progress: RunProgress;
  readonly #request: BatchRequest;
  #deafness: BatchError | undefined;
  #beganMs: number;

  constructor(request: BatchRequest) {
    this.#request = { ...request, onEvent: (event) => this.#tell(event, request.onEvent) };
    this.#beganMs = request.clock.now();
    this.stop = new SessionStop(request.clock);
    this.progress = new RunProgress(request.clock, (progress) =>
      this.#request.onEvent?.({ kind: "progress", progress }),
    );
  }

  /** A listener that throws ends the run, which can be resumed, and not the process; it hears nothing more. */
  #tell(event: BatchEvent, onEvent: BatchRequest["onEvent"]): void {
    if (this.#deafness !== undefined) return;
    try {
      onEvent?.(event);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      this.#deafness = new BatchError("misuse", `onEvent has thrown: ${reason}`, cause);
      this.stop.stop(0);
    }
  }

  async conduct(): Promise<BatchSummary> {
    // What functions leave behind in the sample may come when everything else is on threads.
    const letGo = this.#request.program.modules.length > 0 ? holdProcess() : undefined;
    try {
      const summary = this.#request.isPlanOnly === true ? await this.#plan() : await this.#conduct();
      this.#request.onEvent?.({ kind: "ended", summary });
      if (this.#deafness !== undefined) throw this.#deafness;
      return summary;
    } finally {
      this.stop.close();
      letGo?.();
    }
  }

  readonly #notice = (message: string): void => this.#request.onEvent?.({ kind: "notice", message });

  async #conduct(): Promise<BatchSummary> {
    const request = this.#request;
    let fail: (error: unknown) => void = () => undefined;
    const lost = (error: unknown): void => fail(error);
    const beginning = await beginRun(request, this.#notice, lost, () => this.stop.isStopped);
    this.run = beginning.run;
    const work = new SessionWork(request, beginning.lease.ledger, beginning, this);
    fail = (error) => work.conductor.fail(error);
    try {
      return await this.#work(work, beginning);
    } catch (error) {
      await work.abandon(error);
      throw error instanceof Error ? error : new BatchError("misuse", String(error), error);
    } finally {
      beginning.lease.stop();
      await work.close();
    }
  }

  async #work(work: SessionWork, { run, resumed, lease }: RunBeginning): Promise<BatchSummary> {
    const { policy, results, program, onEvent } = this.#request;
    const { ledger } = lease;
    const counts = resumed?.counts;
    if (counts !== undefined) this.progress.begin(counts);
    onEvent?.({
      kind: "began",
      run,
      isResumed: resumed !== undefined,
      finishedBefore: this.progress.counts.entities,
    });
    if (policy.delayMs !== undefined && !this.stop.isStopped) await this.#delay(lease, policy.delayMs);
    if (results !== undefined)
      work.file = await createResultFile(results.path, results.format, program, ledger.query, run);
    const plan = resumed?.plan ?? (await work.plan());
    if (plan !== undefined && resumed?.plan === undefined) await ledger.recordPlan(run, plan);
    if (plan !== undefined) {
      const { strategy, concurrency } = work.chosen(plan);
      const goesOn = resumed?.plan === undefined ? {} : { goesOn: { strategy, concurrency } };
      onEvent?.({ kind: "planned", plan, ...goesOn });
    }
    if (plan !== undefined) await work.compute(plan);
    return await work.end(plan);
  }

  /** Waiting is no time of the run. */
  async #delay(lease: RunLease, ms: number): Promise<void> {
    const { clock } = this.#request;
    const beganMs = clock.now();
    await lease.idle(this.stop.pause(ms));
    this.#beganMs += clock.now() - beganMs;
  }

  /** Only the plan: what is computed for it is kept nowhere. */
  async #plan(): Promise<BatchSummary> {
    const request = this.#request;
    const { clock, random } = request;
    const run = newRunId(clock, random);
    const ledger = await openPlanLedger(request, run);
    const work = new SessionWork(request, ledger, { run }, this);
    const passing = await openPassingFile(request, ledger, run);
    work.file = passing.file;
    try {
      const plan = await work.plan();
      if (plan !== undefined) request.onEvent?.({ kind: "planned", plan });
      await work.conductor.flush();
      return { ...(await work.summary(plan, plan !== undefined)), run: "" };
    } finally {
      await work.close();
      await passing.drop();
    }
  }

  get actualMs(): number {
    return this.#request.clock.now() - this.#beganMs;
  }
}

/** Whether looking for equal entities takes little beside computing one. */
function takesLong({ measures }: BatchPlan): boolean {
  return measures.sample.entityMs > equalOnceMs;
}

/** A plan alone has no lease: nobody else sees its ledger. */
type SessionBeginning = Pick<RunBeginning, "run" | "resumed"> & Partial<Pick<RunBeginning, "lease">>;

/** The parts of a session that compute, from the beginning of its run to its end. */
class SessionWork {
  file: ResultFile | undefined;
  readonly conductor: Conductor;
  readonly #request: BatchRequest;
  readonly #ledger: Ledger;
  readonly #beginning: SessionBeginning;
  readonly #session: Session;
  readonly #scheduler: Scheduler;
  /** Absent: every entity is computed. */
  readonly #known: KnownEntities | undefined;
  readonly #pages: EntityPages;
  #runner: ChunkRunner | undefined;
  #threads: EarlyThreads | undefined;
  #strategy: StrategyName | undefined;
  #plan: BatchPlan | undefined;
  #carrier: OpenCarrier | undefined;
  /** The ledger has its end. */
  #isEnded = false;

  constructor(request: BatchRequest, ledger: Ledger, beginning: SessionBeginning, session: Session) {
    const { clock, source, policy, random, skipUnchanged = false, onEvent } = request;
    const { run } = beginning;
    const { progress, stop } = session;
    this.#request = request;
    this.#ledger = ledger;
    this.#beginning = beginning;
    this.#session = session;
    const { retry, halt, rate } = policy;
    const planned = beginning.resumed?.plan;
    const isOnce = !request.isEachComputed && (planned === undefined || takesLong(planned));
    const known = isOnce ? new KnownEntities() : undefined;
    this.#known = known;
    this.#scheduler = new Scheduler({
      retry,
      ...(halt === undefined ? {} : { halt }),
      ...(rate === undefined ? {} : { rate }),
      random,
      dateAheadMs: clock.date() - clock.now(),
      ...(known === undefined ? {} : { known }),
    });
    this.#pages = new EntityPages({
      source,
      ledger,
      run,
      isResumed: beginning.resumed !== undefined,
      skipsUnchanged: skipUnchanged,
      onSkipped: (count) => progress.end("skipped", count),
      ...(known === undefined ? {} : { onFinished: (finished) => learnKnown(known, ledger.query, finished) }),
    });
    progress.expect(source.rows ?? source.estimate?.(), source.rows === undefined);
    this.conductor = new Conductor({
      clock,
      sideTables: (keys) => request.sideRows?.rowsFor(keys) ?? {},
      pages: this.#pages,
      scheduler: this.#scheduler,
      progress,
      write: async (records, taken) => {
        const outcomes = records.length === 0 ? [] : await ledger.record(run, records);
        const problems = taken.length === 0 ? [] : await ledger.recordEqual(run, taken);
        if (problems.length > 0) progress.end("succeeded", -problems.length);
        return outcomes;
      },
      onRecorded: async () => await this.file?.advance(),
      onEvent: (event) => onEvent?.(event),
    });
    stop.onStop(() => this.conductor.tell({ kind: "stop" }));
    stop.signal.addEventListener("abort", () => this.#giveUp());
  }

  /** Computes the sample; `undefined` where the run was stopped meanwhile. */
  async plan(): Promise<BatchPlan | undefined> {
    const { source } = this.#request;
    const counted = source.rows ?? (await this.#pages.count(countedRows));
    const entities = counted ?? source.estimate?.() ?? this.#pages.read;
    this.#session.progress.expect(entities, counted === undefined);
    this.#threads = earlyThreadsFor(this.#request);
    this.#runner = this.#sampleRunner();
    const plan = await planFromSample({
      request: this.#request,
      conductor: this.conductor,
      pages: this.#pages,
      runner: this.#runner,
      ...(this.#threads === undefined ? {} : { threads: this.#threads }),
      file: this.file,
      signal: this.#session.stop.signal,
      entities,
      isEstimated: counted === undefined,
    });
    return this.#scheduler.isStopping ? undefined : plan;
  }

  /** Where work goes to threads or away by request, functions of modules do not run in this process. */
  #sampleRunner(): ChunkRunner {
    const { strategy, program, runners } = this.#request;
    const isApart = program.modules.length > 0 && (strategy === "threads" || strategy === "cluster");
    if (!isApart || runners !== undefined) return runnerOf(this.#request, "sequential", 1);
    return (
      (strategy === "threads" ? this.#threads?.forSample() : undefined) ?? threadRunnerOf(this.#request, 1)
    );
  }

  /** Computes what is left. */
  async compute(plan: BatchPlan): Promise<void> {
    const { strategy, concurrency: planned, chunkEntities } = this.chosen(plan);
    this.#strategy = strategy;
    this.#plan = plan;
    if (this.#beginning.resumed?.plan !== undefined)
      await this.#recordChosen(plan, { strategy, concurrency: planned });
    // The runner of the sample has everything open that the first chunk needs.
    const runner =
      strategy === "sequential"
        ? this.#runner
        : strategy === "threads"
          ? this.#threads?.take(planned)
          : undefined;
    if (runner !== this.#runner) await this.#runner?.close();
    this.#runner = undefined;
    await this.#threads?.close();
    const isEqualOnce = this.#known !== undefined && takesLong(plan);
    const capacity = { chunkEntities, isEqualOnce };
    const { conductor } = this;
    this.#carrier = await openCarrier(
      this.#request,
      { run: this.#beginning.run, strategy, concurrency: planned, chunkEntities, runner },
      {
        chunkOf: (portion) => conductor.chunkOf(portion),
        onEvent: (event) => conductor.tell(event),
        onNotice: (message) => this.#request.onEvent?.({ kind: "notice", message }),
        onFailure: (error) => conductor.fail(error),
        onCapacity: (concurrency, chunksMax) =>
          conductor.tell({ kind: "capacity", concurrency, chunksMax, isEqualOnce }),
      },
    );
    const { carrier, concurrency, chunksMax } = this.#carrier;
    conductor.start(carrier, { ...capacity, concurrency, chunksMax });
    await conductor.ended;
  }

  /** What computes the run from here on, and what that costs, may be something else than in its sessions before. */
  async #recordChosen(plan: BatchPlan, how: Pick<Prediction, "strategy" | "concurrency">): Promise<void> {
    const {
      pricePerCpuSecond: price = plan.measures.pricePerCpuSecond,
      chunkEntities,
      onEvent,
    } = this.#request;
    const measures = { ...plan.measures, ...(price === undefined ? {} : { pricePerCpuSecond: price }) };
    const chosen = { ...plan.chosen, ...how };
    await this.#ledger.recordPlan(this.#beginning.run, { ...plan, measures, chosen });
    if (chunkEntities !== undefined && chunkEntities !== chosen.chunkEntities)
      onEvent?.({
        kind: "notice",
        message: `chunks stay at ${chosen.chunkEntities} entities, as the run was begun: ${chunkEntities} would be another run`,
      });
  }

  /** A resumed run keeps the size of its chunks, so that they have the same names. */
  chosen(plan: BatchPlan): Pick<Prediction, "strategy" | "concurrency" | "chunkEntities"> {
    const { chosen, predictions, measures } = plan;
    if (this.#beginning.resumed?.plan === undefined) return chosen;
    const { strategy: asked, queue, concurrency } = this.#request;
    const here = predictions.filter((each) => each.strategy !== "cluster" || queue !== undefined);
    const best =
      here.find(({ strategy }) => strategy === (asked === "auto" ? chosen.strategy : asked)) ??
      (asked === "auto" ? here.toSorted((a, b) => a.wallMs - b.wallMs)[0] : undefined);
    const strategy = best?.strategy ?? (asked === "auto" ? "sequential" : asked);
    return {
      strategy,
      concurrency: concurrency ?? best?.concurrency ?? (strategy === "threads" ? measures.machine.cores : 1),
      chunkEntities: chosen.chunkEntities,
    };
  }

  /** Everything that has an outcome is written, the run is ended. */
  async end(plan: BatchPlan | undefined): Promise<BatchSummary> {
    await this.conductor.flush();
    for (const message of this.#request.sideRows?.notices?.() ?? [])
      this.#request.onEvent?.({ kind: "notice", message });
    const { isComplete } = this.#scheduler;
    // Two processes would write the same file.
    await this.#beginning.lease?.confirm();
    if (isComplete) await this.file?.finish();
    else await this.file?.discard();
    this.file = undefined;
    const summary = await this.summary(plan, isComplete);
    // Whatever comes of verifying it, the run has ended.
    await this.#ledger.endRun(this.#beginning.run, summary.state, summary);
    this.#isEnded = true;
    this.#beginning.lease?.stop();
    if (!isComplete || this.#session.stop.isStopped) return summary;
    const strategy = this.#strategy ?? "sequential";
    return await verifyEnded(this.#request, summary, strategy, this.#session.stop.signal);
  }

  async summary(plan: BatchPlan | undefined, isComplete: boolean): Promise<BatchSummary> {
    const haltedBecause = this.#scheduler.haltedBecause;
    const { resumed } = this.#beginning;
    const sessionMs = this.#session.actualMs;
    const strategy = this.#strategy ?? plan?.chosen.strategy ?? null;
    return await summaryOf(this.#request, this.#ledger, {
      run: this.#beginning.run,
      strategy,
      concurrency: strategy === null ? null : (this.#carrier?.concurrency ?? plan?.chosen.concurrency ?? 1),
      predictedMs: plan?.predictedMs ?? null,
      actualMs: (resumed?.wallMs ?? 0) + sessionMs,
      sessionMs,
      endedBefore: resumed?.counts.entities ?? 0,
      counted: this.#session.progress.countedEntities,
      isComplete,
      isHalted: haltedBecause !== undefined,
    });
  }

  /** The run cannot go on: it is left as one that can be resumed, if the ledger still takes that. */
  async abandon(error: unknown): Promise<void> {
    if (this.#isEnded) return;
    const isLedgers = error instanceof BatchError && (error.code === "ledger" || error.code === "taken-over");
    // What has ended is kept. That it rejects is known: with what is told anyway.
    if (!isLedgers) await this.conductor.flush().catch(() => undefined);
    await this.file?.discard().catch(() => undefined);
    this.file = undefined;
    if (isLedgers) return;
    try {
      const summary = await this.summary(this.#plan, false);
      await this.#ledger.endRun(this.#beginning.run, "interrupted", summary);
    } catch (trouble) {
      // What rejects is what went wrong first.
      const reason = trouble instanceof Error ? trouble.message : String(trouble);
      this.#request.onEvent?.({
        kind: "notice",
        message: `the run could not be marked as interrupted (${reason}); its lease runs out in 30 seconds`,
      });
    }
  }

  async close(): Promise<void> {
    await this.#carrier?.close();
    await this.#runner?.close();
    await this.#threads?.close();
    await this.#pages.close();
    this.#known?.close();
  }

  #giveUp(): void {
    const carrier = this.#carrier?.carrier;
    carrier?.cancel();
    const giveUp = (): void => this.conductor.tell({ kind: "give-up" });
    if (carrier === undefined) giveUp();
    else atMost(this.#request.clock, lastWordMs, carrier.settle()).then(giveUp, giveUp);
  }
}

/** Tests give runners of their own, and a plan alone computes nothing after its sample. */
function earlyThreadsFor(request: BatchRequest): EarlyThreads | undefined {
  const { strategy, concurrency, runners, isPlanOnly } = request;
  if (runners !== undefined || isPlanOnly === true) return undefined;
  const runner = (threads: number): ThreadRunner => threadRunnerOf(request, threads);
  return new EarlyThreads({ strategy, runner, ...(concurrency === undefined ? {} : { concurrency }) });
}
