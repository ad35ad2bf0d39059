/**
 * Between the scheduler, which knows chunks, and a job engine, which knows jobs: packs, sends, hears, asks again.
 *
 * What an engine tells may come twice, late or never. Whatever it tells is handed on; what was missed while it was away is
 * asked for: jobs that it does not know are sent again, answers that came meanwhile are taken (BA29). Everything that is asked
 * of the engine goes in order, one after the other.
 */
import type { BatchClock } from "../batch-clock.ts";
import { BatchError } from "../batch-error.ts";
import type { ChunkId, ChunkOutcome } from "../entity.ts";
import type { JobEngine, JobEvent, JobId } from "../job-engine.ts";
import type { Portion } from "./portion.ts";
import type { SchedulerEvent } from "./scheduler-events.ts";

/** How a portion becomes the body of a job, and an answer an outcome. */
export interface Packing {
  readonly pack: (id: JobId, portion: Portion) => Promise<Uint8Array>;
  /** Rejects with `BatchError` where the run cannot go on; any other rejection is a lost chunk. */
  readonly unpack: (id: JobId, answer: Uint8Array) => Promise<UnpackedAnswer>;
  /** The job is not waited for any more. */
  readonly drop: (id: JobId) => void;
}

interface UnpackedAnswer {
  readonly outcome: ChunkOutcome;
  readonly positions?: readonly number[];
}

export interface JobCarrierOptions {
  readonly run: string;
  readonly jobs: JobEngine;
  readonly packing: Packing;
  readonly clock: BatchClock;
  readonly onEvent: (event: SchedulerEvent) => void;
  readonly onNotice: (message: string) => void;
  /** The run cannot go on. */
  readonly onFailure: (error: unknown) => void;
}

/** Priorities of jobs are whole numbers; where there are none all are alike. */
const priorityMax = 2_000_000;
const askAgainMs = 1_000;

export class JobCarrier {
  readonly #options: JobCarrierOptions;
  /** Sent and not answered. */
  readonly #sent = new Map<JobId, ChunkId>();
  #outbox: Portion[] = [];
  /** What the engine was asked for while it did not answer. */
  readonly #owed = new Set<() => Promise<void>>();
  #work: Promise<void> = Promise.resolve();
  #isSending = false;
  #isClosed = false;
  /** That the engine is away, or takes nothing, is told once, and once that this is over. */
  #isAwayTold = false;
  #untime: (() => void) | undefined;
  readonly #unsubscribe: () => void;

  constructor(options: JobCarrierOptions) {
    this.#options = options;
    this.#unsubscribe = options.jobs.events((event) => this.#hear(event));
  }

  send(portion: Portion): void {
    this.#outbox.push(portion);
    if (this.#isSending) return;
    this.#isSending = true;
    this.#inOrder(() => this.#sendAll());
  }

  /** Takes out what nobody has begun, and says so. */
  withdraw(ids: readonly ChunkId[]): void {
    this.#inOrderAtLast(async () => {
      const taken = await this.#options.jobs.withdraw(ids.map((id) => this.#jobOf(id)));
      const withdrawn = ids.filter((_, i) => taken[i]);
      for (const id of withdrawn) this.#letGo(this.#jobOf(id));
      this.#options.onEvent({ kind: "withdrawn", ids: withdrawn });
    });
  }

  /** Ends what is under way. What was taken out unbegun has no answer: it is asked for. */
  cancel(): void {
    this.#inOrderAtLast(async () => {
      await this.#options.jobs.cancel(this.#options.run);
      await this.#askStates([...this.#sent.keys()]);
    });
  }

  forget(ids: readonly ChunkId[]): void {
    if (ids.length > 0) this.#inOrder(() => this.#options.jobs.forget(ids.map((id) => this.#jobOf(id))));
  }

  /** Everything that was asked of the engine so far is done, or has failed. */
  async settle(): Promise<void> {
    await this.#work;
  }

  /** Hears nothing more; the engine stays as it is. */
  close(): void {
    this.#isClosed = true;
    this.#untime?.();
    this.#unsubscribe();
  }

  #jobOf(id: ChunkId): JobId {
    return `${this.#options.run}-${id}` as JobId;
  }

  #letGo(id: JobId): void {
    this.#sent.delete(id);
    this.#options.packing.drop(id);
  }

  /** What is asked of the engine, one after the other; when it does not answer the state of everything is asked for later. */
  #inOrder(ask: () => Promise<void>): void {
    this.#work = this.#work.then(async () => {
      if (this.#isClosed) return;
      try {
        await ask();
      } catch (error) {
        if (error instanceof BatchError && error.code === "queue") this.#askAgainLater(error.message);
        else this.#options.onFailure(error);
      }
    });
  }

  /** As `#inOrder`; where the engine does not answer it is asked the same when it is back. */
  #inOrderAtLast(ask: () => Promise<void>): void {
    this.#inOrder(async () => {
      this.#owed.add(ask);
      await ask();
      this.#owed.delete(ask);
    });
  }

  async #bringTogether(): Promise<void> {
    for (const ask of this.#owed) {
      await ask();
      this.#owed.delete(ask);
    }
    await this.#askStates([...this.#sent.keys()]);
  }

  #askAgainLater(message: string): void {
    if (this.#untime !== undefined || this.#isClosed) return;
    this.#tellAway(message);
    this.#untime = this.#options.clock.after(askAgainMs, () => {
      this.#untime = undefined;
      this.#inOrder(() => this.#bringTogether());
    });
  }

  #tellAway(message: string): void {
    if (this.#isAwayTold) return;
    this.#isAwayTold = true;
    this.#options.onNotice(message);
  }

  #tellBack(message: string): void {
    if (!this.#isAwayTold) return;
    this.#isAwayTold = false;
    this.#options.onNotice(message);
  }

  async #sendAll(): Promise<void> {
    this.#isSending = false;
    const portions = this.#outbox;
    this.#outbox = [];
    const { jobs, packing, run } = this.#options;
    const requests = await Promise.all(
      portions.map(async (portion) => {
        const id = this.#jobOf(portion.id);
        this.#sent.set(id, portion.id);
        return { id, group: run, body: await packing.pack(id, portion), priority: priorityOf(portion) };
      }),
    );
    const outcomes = await jobs.enqueue(requests);
    this.#tellBack(`The queue at ${jobs.name} takes work again`);
    const known = requests.filter((_, i) => outcomes[i] === "known").map(({ id }) => id);
    // Sent in an earlier session, whose answers may be there.
    if (known.length > 0) await this.#askStates(known);
  }

  #hear(event: JobEvent): void {
    switch (event.kind) {
      case "disconnected":
        this.#tellAway(event.message);
        return;
      case "connected":
        this.#tellBack(event.message);
        this.#inOrder(() => this.#bringTogether());
        return;
      case "lost": {
        const chunk = this.#sent.get(event.id);
        if (chunk !== undefined) this.#options.onEvent({ kind: "given-back", id: chunk });
        return;
      }
      case "active": {
        const chunk = this.#sent.get(event.id);
        if (chunk !== undefined) this.#options.onEvent({ kind: "begun", id: chunk, worker: event.worker });
        return;
      }
      case "finished":
        this.#answer(event.id, event.answer);
        return;
      case "failed":
        this.#end(event.id, { kind: "failed", message: event.message });
        return;
      case "dead":
        this.#end(event.id, { kind: "lost", message: event.message });
    }
  }

  /** Answers are unpacked beside each other: one whose values have to be fetched holds up no other. */
  #answer(id: JobId, answer: Uint8Array): void {
    const chunk = this.#sent.get(id);
    if (chunk === undefined) return;
    this.#options.packing.unpack(id, answer).then(
      ({ outcome, positions }) => this.#end(id, outcome, positions),
      (error: unknown) => {
        if (this.#isClosed) return;
        if (error instanceof BatchError) this.#options.onFailure(error);
        else this.#end(id, { kind: "lost", message: error instanceof Error ? error.message : String(error) });
      },
    );
  }

  #end(id: JobId, outcome: ChunkOutcome, positions?: readonly number[]): void {
    const chunk = this.#sent.get(id);
    if (chunk === undefined || this.#isClosed) return;
    this.#letGo(id);
    this.#options.onEvent({
      kind: "outcome",
      id: chunk,
      outcome,
      ...(positions === undefined ? {} : { positions }),
    });
  }

  /** Brings what is known here and there together. */
  async #askStates(ids: readonly JobId[]): Promise<void> {
    if (ids.length === 0) return;
    const { jobs, onEvent } = this.#options;
    const states = await jobs.states(ids);
    const unknown: ChunkId[] = [];
    for (const [i, id] of ids.entries()) {
      const chunk = this.#sent.get(id);
      if (chunk === undefined) continue;
      const state = states[i];
      const answer = state === "finished" ? await jobs.answer(id) : undefined;
      if (answer !== undefined) this.#answer(id, answer);
      else if (state === "failed") this.#end(id, { kind: "failed", message: "the job has failed" });
      else if (state === "dead") this.#end(id, { kind: "lost", message: "the job was lost too often" });
      else if (state === "waiting") onEvent({ kind: "given-back", id: chunk });
      else if (state === "finished" || state === "unknown") {
        if (state === "finished") await jobs.forget([id]);
        unknown.push(chunk);
      }
    }
    if (unknown.length > 0) onEvent({ kind: "unknown", ids: unknown });
  }
}

function priorityOf({ priority }: Portion): number {
  return Math.min(priorityMax, Math.max(0, Math.round(priority)));
}
