/**
 * What happens to jobs, told once each and in order.
 *
 *   1. The queue's events come by themselves, while the connection holds.
 *   2. Beneath them is a net: every second the states of the jobs in hand are asked for. What ended without an event is told
 *      then. The same question tells when the server is away, and when it is back.
 *
 * In hand is what this engine has enqueued and not heard the end of.
 */
import type { BatchClock, JobEvent, JobId } from "@reckon/batch";
import { type AnswerLetter, type JobQueue, openQueueEvents, type QueuePlace } from "./bullmq-queue.ts";
import { bytesOf } from "./job-letter.ts";

const askEveryMs = 1_000;
/** What BullMQ says of a job that was lost too often. */
export const lostTooOften = "job stalled more than allowable limit";

export interface EventParts {
  readonly place: QueuePlace;
  readonly queue: JobQueue;
  readonly clock: BatchClock;
  readonly ping: () => Promise<void>;
  /** Called when the server is back, before it is told. */
  readonly onReturn: () => Promise<void>;
}

type EndEvent = Extract<JobEvent, { readonly kind: "finished" | "failed" | "dead" }>;

export class BullmqEvents {
  private readonly parts: EventParts;
  private readonly events: ReturnType<typeof openQueueEvents>;
  private readonly listeners = new Set<(event: JobEvent) => void>();
  private readonly hand = new Set<JobId>();
  private isAway = false;
  private isClosed = false;
  private stopAsking: () => void = () => undefined;

  constructor(parts: EventParts) {
    this.parts = parts;
    this.events = openQueueEvents(parts.place);
    this.events.on("error", () => undefined);
    this.listen();
    this.ask();
  }

  ready(): Promise<void> {
    return this.events.waitUntilReady();
  }

  subscribe(listener: (event: JobEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  take(ids: readonly JobId[]): void {
    for (const id of ids) this.hand.add(id);
  }

  letGo(ids: readonly JobId[]): void {
    for (const id of ids) this.hand.delete(id);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.stopAsking();
    this.listeners.clear();
    await this.events.close();
  }

  private listen(): void {
    this.events.on("progress", ({ jobId, data }) => {
      const { worker } = data as { worker?: string };
      if (worker !== undefined) this.tell({ kind: "active", id: jobId as JobId, worker });
    });
    this.events.on("completed", ({ jobId, returnvalue }) => {
      this.ended({ kind: "finished", id: jobId as JobId, answer: bytesOf(returnvalue) });
    });
    this.events.on("failed", ({ jobId, failedReason }) => this.ended(failure(jobId, failedReason)));
    this.events.on("stalled", ({ jobId }) => this.tell({ kind: "lost", id: jobId as JobId }));
  }

  private ended(event: EndEvent): void {
    // Others on the queue are their conductors' business; what is told by the net is not told again.
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
      await this.parts.ping();
      if (this.isAway) await this.comeBack();
      for (const id of [...this.hand]) await this.lookAt(id);
    } catch (error) {
      if (this.isAway || this.isClosed) return;
      this.isAway = true;
      this.tell({ kind: "disconnected", message: error instanceof Error ? error.message : String(error) });
    }
  }

  private async comeBack(): Promise<void> {
    await this.parts.onReturn();
    this.isAway = false;
    this.tell({ kind: "connected", message: "" });
  }

  private async lookAt(id: JobId): Promise<void> {
    const state = await this.parts.queue.getJobState(id);
    if (state !== "completed" && state !== "failed") return;
    const job = await this.parts.queue.getJob(id);
    if (job === undefined || this.isClosed) return;
    if (state === "failed") this.ended(failure(id, job.failedReason ?? ""));
    else this.ended({ kind: "finished", id, answer: bytesOf((job.returnvalue ?? {}) as AnswerLetter) });
  }
}

function failure(id: string, message: string): EndEvent {
  return { kind: message === lostTooOften ? "dead" : "failed", id: id as JobId, message };
}
