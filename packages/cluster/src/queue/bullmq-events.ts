/**
 * What happens to jobs, told once each and in order.
 *
 *   1. The queue's events come by themselves, while the connection holds.
 *   2. Beneath them is a net: every second the states of the jobs in hand are asked for. What ended without an event is told
 *      then. The same question tells when the server is away, and when it is back.
 *   3. A server that was started again so fast that nobody missed it, and jobs that are in hand and that it does not know, are
 *      told as if it had been away: whoever hears that asks for the states.
 *
 *   4. What a part of the library says is wrong, though the server answers, is told once: of a command that the user may not
 *      give nothing else would be heard.
 *
 * In hand is what this engine has enqueued and not heard the end of.
 */
import type { BatchClock, JobEvent, JobId } from "@reckon/batch";
import { closeWithin, closingMsMax } from "../server/close-within.ts";
import { isRefused, troubleText } from "../server/server-trouble.ts";
import {
  type AnswerLetter,
  type JobQueue,
  type JobQueueEvents,
  openQueueEvents,
  type QueuePlace,
} from "./bullmq-queue.ts";
import { bytesOf } from "./job-letter.ts";

const askEveryMs = 1_000;
/** Jobs that are asked for in one go. */
const pageJobs = 1_000;
/** What BullMQ says of a job that was lost too often. */
export const lostTooOften = "job stalled more than allowable limit";
/** What is said of it. */
export const lostText = "one worker after the other was lost with it";

export interface EventParts {
  readonly place: QueuePlace;
  readonly queue: JobQueue;
  readonly clock: BatchClock;
  /** Of the server, see the store. */
  readonly life: () => Promise<string>;
  /** Called when the server is back, before it is told. */
  readonly onReturn: () => Promise<void>;
}

type EndEvent = Extract<JobEvent, { readonly kind: "finished" | "failed" | "dead" }>;

export class BullmqEvents {
  private readonly parts: EventParts;
  private listening: Promise<JobQueueEvents> | undefined;
  private readonly listeners = new Set<(event: JobEvent) => void>();
  private readonly hand = new Set<JobId>();
  /** Of those in hand: unknown to the server when it was asked last. */
  private missed = new Set<JobId>();
  private life: string | undefined;
  private isAway = false;
  private isClosed = false;
  private readonly troubles = new Set<string>();
  private stopAsking: () => void = () => undefined;

  constructor(parts: EventParts) {
    this.parts = parts;
    this.ask();
  }

  subscribe(listener: (event: JobEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Before they are enqueued, so that nothing of them is missed. */
  async take(ids: readonly JobId[]): Promise<void> {
    this.listening ??= this.listen();
    await this.listening;
    for (const id of ids) this.hand.add(id);
  }

  letGo(ids: readonly JobId[]): void {
    for (const id of ids) this.hand.delete(id);
  }

  /** What any part of the library has said; that the server is away is found out by asking, and leases are others' business. */
  trouble(error: unknown): void {
    const message = troubleText(this.parts.place.address.shown, error);
    if (this.isClosed || this.isAway || !isRefused(error) || this.troubles.has(message)) return;
    this.troubles.add(message);
    this.tell({ kind: "disconnected", message });
  }

  /** There is work, or an answer: whatever was wrong is over. */
  untroubled(): void {
    if (this.troubles.size === 0) return;
    this.troubles.clear();
    this.tell({ kind: "connected", message: `${this.shown} gives out work again` });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.stopAsking();
    this.listeners.clear();
    const events = await this.listening?.catch(() => undefined);
    if (events === undefined) return;
    await closeWithin(this.parts.clock, closingMsMax, {
      close: () => events.close(),
      drop: () => events.disconnect(),
    });
  }

  /** Only who enqueues listens: a worker has no use for what happens to all jobs. */
  private async listen(): Promise<JobQueueEvents> {
    const events = openQueueEvents(this.parts.place);
    events.on("error", (error) => this.trouble(error));
    events.on("progress", ({ jobId, data }) => {
      const { worker } = data as { worker?: string };
      if (worker !== undefined) this.tellInHand({ kind: "active", id: jobId as JobId, worker });
    });
    events.on("completed", ({ jobId, returnvalue }) => {
      this.ended({ kind: "finished", id: jobId as JobId, answer: bytesOf(returnvalue) });
    });
    events.on("failed", ({ jobId, failedReason }) => this.ended(failure(jobId, failedReason)));
    events.on("stalled", ({ jobId }) => this.tellInHand({ kind: "lost", id: jobId as JobId }));
    try {
      await events.waitUntilReady();
    } catch (error) {
      this.listening = undefined;
      await events.close();
      throw error;
    }
    return events;
  }

  /** Others on the queue are their conductors' business. */
  private tellInHand(event: Extract<JobEvent, { readonly kind: "active" | "lost" }>): void {
    if (this.hand.has(event.id)) this.tell(event);
  }

  private ended(event: EndEvent): void {
    // What is told by the net is not told again.
    if (this.hand.delete(event.id)) this.tell(event);
  }

  private tell(event: JobEvent): void {
    for (const listener of this.listeners) listener(event);
  }

  private ask(): void {
    if (this.isClosed) return;
    this.stopAsking = this.parts.clock.after(askEveryMs, () => void this.look().finally(() => this.ask()));
  }

  private async look(): Promise<void> {
    try {
      const life = await this.parts.life();
      if (this.life !== undefined && this.life !== life) this.goAway(`${this.shown} was started again`);
      this.life = life;
      if (this.isAway) await this.comeBack();
      const missed = await this.missing();
      if ([...missed].some((id) => this.missed.has(id) && this.hand.has(id))) {
        this.goAway(`${this.shown} has lost jobs: they are sent again`);
        await this.comeBack();
        missed.clear();
      }
      this.missed = missed;
    } catch (error) {
      this.goAway(troubleText(this.parts.place.address.shown, error));
    }
  }

  private get shown(): string {
    return `The queue at ${this.parts.place.address.shown}`;
  }

  private goAway(message: string): void {
    if (this.isAway || this.isClosed) return;
    this.isAway = true;
    this.tell({ kind: "disconnected", message });
  }

  private async comeBack(): Promise<void> {
    await this.parts.onReturn();
    this.isAway = false;
    this.tell({
      kind: "connected",
      message: `${this.shown} is there again`,
    });
  }

  /** A job is put into the hand before it is sent, so once is no sign of anything. */
  private async missing(): Promise<Set<JobId>> {
    const missing = new Set<JobId>();
    const hand = [...this.hand];
    for (let from = 0; from < hand.length; from += pageJobs) {
      const ids = hand.slice(from, from + pageJobs);
      const states = await Promise.all(ids.map((id) => this.lookAt(id)));
      for (const [i, id] of ids.entries()) if (states[i] === "unknown") missing.add(id);
    }
    return missing;
  }

  private async lookAt(id: JobId): Promise<string> {
    const state = await this.parts.queue.getJobState(id);
    if (state !== "completed" && state !== "failed") return state;
    const job = await this.parts.queue.getJob(id);
    if (job === undefined || this.isClosed) return state;
    if (state === "failed") this.ended(failure(id, job.failedReason ?? ""));
    else this.ended({ kind: "finished", id, answer: bytesOf((job.returnvalue ?? {}) as AnswerLetter) });
    return state;
  }
}

function failure(id: string, message: string): EndEvent {
  if (message !== lostTooOften) return { kind: "failed", id: id as JobId, message };
  return { kind: "dead", id: id as JobId, message: lostText };
}
