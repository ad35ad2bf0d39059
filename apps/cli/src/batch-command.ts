/**
 * `reckon batch`: one model over many entities.
 *
 *   rows, model ──► program ──► plan ──► run ──► summary
 *                                         │
 *                    Ctrl-C: begins nothing more, what is under way has 5 s, the same command goes on later; again: ends at once
 *
 * At a terminal the plan and the summary are text, with a line between them that says how far it is; in a pipe, or with `--json`,
 * events are JSON lines, and the summary is the last of them.
 */
import {
  BatchError,
  type BatchEvent,
  type BatchRequest,
  type BatchRun,
  type ClusterPort,
  goingOnText,
  type Ledger,
  planText,
  seededRandom,
  startBatch,
  systemClock,
} from "@reckon/batch";
import { createRuntime, type Runtime } from "@reckon/host";
import { planNotices } from "./batch-plan-notices.ts";
import { ProgressBar } from "./batch-progress.ts";
import type { BatchCommandRequest } from "./batch-request.ts";
import { eventLine, exitOf, planExitOf, summaryLine } from "./batch-result.ts";
import { type BatchSetup, setUpBatch } from "./batch-setup.ts";
import { mismatchLines, summaryText } from "./batch-text.ts";
import { troubleLines } from "./batch-troubles.ts";
import { EndSignals } from "./end-signals.ts";
import { type ExitCode, exitFailure, exitInterrupted, exitTakenOver } from "./exit-code.ts";
import { countText } from "./figure-texts.ts";
import { fixFolder } from "./fixed-folder.ts";
import { ledgerAt } from "./ledger-place.ts";
import type { Output } from "./output.ts";
import { fileProblem } from "./profile-file.ts";
import { connectQueue } from "./queue-place.ts";
import { shownText } from "./shown-text.ts";

/** What is under way when Ctrl-C comes may take so long. */
const graceMs = 5_000;
/** Signals that come so soon after another are the same Ctrl-C. */
const oneKeyMs = 300;
/** Of entities that failed for good the first are named while the run goes on; the ledger has all. */
const failuresToldMax = 5;

/** Runs a batch to its end, or to its plan. */
export async function batchCommand(request: BatchCommandRequest, output: Output): Promise<ExitCode> {
  const refusal = request.out === undefined ? undefined : await fileProblem(request.out.path);
  if (refusal !== undefined) {
    output.message(`reckon: ${refusal}`);
    return exitFailure;
  }
  fixFolder();
  const told = new BatchOutput(request, output);
  const runtime = createRuntime({
    ...request.heavy,
    ...cacheSecret(),
    onNotice: (text) => told.notice(text),
  });
  try {
    return await withLedger(request, runtime, told);
  } catch (cause) {
    if (!(cause instanceof BatchError)) throw cause;
    told.notice(cause.message);
    return cause.code === "taken-over" ? exitTakenOver : exitFailure;
  } finally {
    told.end();
    await runtime.close();
  }
}

async function withLedger(
  request: BatchCommandRequest,
  runtime: Runtime,
  told: BatchOutput,
): Promise<ExitCode> {
  const setup = await setUpBatch(request, runtime, told.output, told);
  if ("code" in setup) return setup.code;
  let ledger: Ledger | undefined;
  let queue: ClusterPort | undefined;
  try {
    for (const text of setup.notices) told.notice(text);
    ledger = await ledgerAt(request.ledger, systemClock, (text) => told.notice(text));
    if (request.ledger === "off" && !request.isPlanOnly)
      told.notice("nothing is remembered with --ledger off: the run cannot be resumed");
    if (request.queue !== undefined)
      queue = await connectQueue({
        url: request.queue,
        clock: systemClock,
        onNotice: (text) => told.notice(text),
      });
    return await conduct(request, { setup, ledger, queue, runtime }, told);
  } finally {
    await queue?.jobs.close();
    await setup.source.close();
    await ledger?.close();
  }
}

interface Parts {
  readonly setup: BatchSetup;
  readonly ledger: Ledger;
  readonly queue: ClusterPort | undefined;
  readonly runtime: Runtime;
}

async function conduct(request: BatchCommandRequest, parts: Parts, told: BatchOutput): Promise<ExitCode> {
  if (request.isPlanOnly) for (const line of await planNotices(request, parts)) told.trouble(line);
  const run = startBatch(batchRequestOf(request, parts, told));
  const stopHearing = hearEnds(run, request, told);
  try {
    const summary = await run.summary;
    if (request.isPlanOnly) return planExitOf(summary);
    for (const line of await troubleLines(parts.ledger.query, summary)) told.trouble(line);
    told.summary(summary);
    return exitOf(summary);
  } finally {
    stopHearing();
  }
}

function batchRequestOf(request: BatchCommandRequest, parts: Parts, told: BatchOutput): BatchRequest {
  const { strategy, policy, resume, chunkEntities, verify, price, out, heavy } = request;
  const { setup, ledger, queue, runtime } = parts;
  const cache = heavy.cache ?? runtime.places.disk;
  return {
    program: setup.program,
    source: setup.source,
    ledger,
    policy,
    strategy,
    resume,
    runtime,
    skipUnchanged: request.skipUnchanged,
    isEachComputed: request.isEachComputed,
    isPlanOnly: request.isPlanOnly,
    ...(heavy.threads === undefined || heavy.threads === 0 ? {} : { concurrency: heavy.threads }),
    ...(chunkEntities === undefined ? {} : { chunkEntities }),
    ...(verify === undefined ? {} : { verify }),
    ...(price === undefined ? {} : { pricePerCpuSecond: price }),
    ...(out === undefined ? {} : { results: out }),
    ...(queue === undefined ? {} : { queue }),
    ...(setup.sides === undefined ? {} : { sideRows: setup.sides }),
    ...(cache === undefined ? {} : { cache }),
    clock: systemClock,
    random: request.seed === undefined ? Math.random : seededRandom(request.seed),
    onEvent: (event) => told.event(event),
  };
}

/**
 * Ctrl-C ends the run so that it can be resumed, a second one ends the program. So does a reader of the output that goes away, as in
 * `… | head -1`; a plan it ends at once, since nothing is left behind. Gives what takes that back.
 */
function hearEnds(run: BatchRun, { ledger, isPlanOnly }: BatchCommandRequest, told: BatchOutput): () => void {
  const first = new EndSignals();
  const second = new EndSignals();
  let isOver = false;
  const later = ledger === "off" || isPlanOnly ? "" : "; the same command goes on from there";
  if (!isPlanOnly)
    void told.output.readerGone().then(() => {
      if (isOver) return;
      told.notice(`nobody reads the output any more: the run ends${later}`);
      told.isUnread = true;
      run.interrupt(graceMs);
    });
  first.hear();
  void first.ended.then(() => {
    if (isOver) return;
    told.notice(`ending: what is under way has ${graceMs / 1000} s, Ctrl-C again ends at once${later}`);
    run.interrupt(graceMs);
    setTimeout(() => {
      if (isOver) return;
      second.hear();
      void second.ended.then(() => {
        if (!isOver) process.exit(exitInterrupted);
      });
    }, oneKeyMs).unref();
  });
  return () => {
    isOver = true;
    first.ignore();
    second.ignore();
  };
}

function cacheSecret(): { readonly cacheSecret?: string } {
  const secret = process.env.RECKON_CACHE_SECRET;
  return secret === undefined || secret === "" ? {} : { cacheSecret: secret };
}

/** Where events, notices and the summary go. */
class BatchOutput {
  readonly output: Output;
  readonly isJson: boolean;
  private readonly request: BatchCommandRequest;
  private readonly bar = new ProgressBar();
  private failures = 0;
  /** Nobody has read the output to its end, and that was said. */
  isUnread = false;

  constructor(request: BatchCommandRequest, output: Output) {
    this.request = request;
    this.output = output;
    this.isJson = (request.form ?? (output.isTerminal ? "text" : "json")) === "json";
  }

  event(event: BatchEvent): void {
    if (event.kind === "progress") this.bar.draw(event.progress);
    else this.bar.wipe();
    if (this.isJson) {
      const line = eventLine(event);
      if (line !== undefined) this.output.data(line);
      if (event.kind === "entity-failed") this.failure(event);
      return;
    }
    switch (event.kind) {
      case "planned":
        this.output.data(`${this.planned(event)}\n\n`);
        // Before the bar stands in its place.
        void this.output.drained();
        break;
      case "began":
        if (event.isResumed)
          this.notice(
            `going on with ${event.run}: ${countText(event.finishedBefore)} ${event.finishedBefore === 1 ? "entity" : "entities"} had ended before`,
          );
        break;
      case "entity-failed":
        this.failure(event);
        break;
      case "halting":
      case "notice":
        this.notice(event.message);
        break;
      case "progress":
      case "ended":
        break;
    }
  }

  private planned({ plan, goesOn }: Extract<BatchEvent, { kind: "planned" }>): string {
    if (goesOn !== undefined) return goingOnText(plan, goesOn);
    return planText(plan, this.output.isTerminal ? this.output.width : undefined);
  }

  /** What came to nothing: for people, and for programs as a notice. */
  trouble(text: string): void {
    if (this.isJson) this.event({ kind: "notice", message: text });
    this.notice(text);
  }

  notice(text: string): void {
    this.bar.wipe();
    this.output.message(`reckon: ${shownText(text)}`);
  }

  summary(summary: Parameters<typeof summaryLine>[0]): void {
    this.bar.wipe();
    const { model, axis, out, ledger } = this.request;
    if (summary.verify !== undefined) for (const line of mismatchLines(summary.verify)) this.notice(line);
    if (this.isJson) this.output.data(summaryLine(summary));
    else
      this.output.data(
        summaryText(summary, {
          model,
          axis,
          ...(out === undefined ? {} : { out: out.path }),
          isRemembered: ledger !== "off",
        }),
      );
    if (summary.state === "interrupted" || summary.state === "halted") this.goOn(summary.run);
  }

  end(): void {
    this.bar.wipe();
  }

  private goOn(run: string): void {
    if (this.request.ledger === "off" || this.isUnread) return;
    this.notice(`the same command goes on with ${run}`);
  }

  /** Names the first entities that failed for good. */
  private failure({
    key,
    message,
    againInMs,
  }: Extract<BatchEvent, { readonly kind: "entity-failed" }>): void {
    if (againInMs !== undefined) return;
    this.failures += 1;
    if (this.failures <= failuresToldMax) this.notice(`${key} failed: ${message}`);
    else if (this.failures === failuresToldMax + 1)
      this.notice("more have failed; `reckon runs failures` lists all");
  }
}
