/** One task or call under way, from `submit` to its outcome. */
import type { Task, TaskOutcome } from "@reckon/engine";
import type { CallOutcome, CallRequest } from "../api.ts";
import type { Lane, Lanes } from "../codec/lanes.ts";
import { probeKernel } from "../measure/measure-costs.ts";
import type { WorkRecord } from "./work-records.ts";

/** What answers a task; of a call `done` has a value. */
export type Outcome = TaskOutcome | CallOutcome;

export type JobState = "queued" | "sent" | "waiting" | "settled";

const noLanes: readonly Lane[] = [];

export class Job {
  readonly task: Task | null;
  readonly request: CallRequest | null;
  readonly record: WorkRecord;
  readonly timeoutMs: number;
  state: JobState = "queued";
  /** Answered already; what it computes is not wanted any more. */
  isSettled = false;
  readonly submittedAt: number;
  /** The thread where it is, 0: none; and the number that it has there. */
  threadId = 0;
  number = 0;
  sentAt = 0;
  /** Since when it waits (shared clock). */
  since = 0;
  /** What it counted as when it was sent. */
  estimateMs = 0;
  /** How many threads ended while it was one of those that could have ended them. */
  suspicions = 0;
  /** How many threads ended under it for what others had left behind. */
  endings = 0;
  timer: NodeJS.Timeout | undefined = undefined;
  /** The lanes that it uses where it is, the one for its result among them. */
  lanes: readonly Lane[] = noLanes;
  result: Lane | null = null;
  /** It goes to no idle thread while so many are busy. */
  threadsMax: number;
  /** Those that the same signal cancels. */
  group: { readonly delete: (job: Job) => void } | null = null;
  private readonly answer: (outcome: never) => void;

  constructor(work: {
    readonly task: Task | null;
    readonly request: CallRequest | null;
    readonly record: WorkRecord;
    readonly timeoutMs: number;
    readonly submittedAt: number;
    readonly answer: (outcome: never) => void;
  }) {
    this.task = work.task;
    this.threadsMax = work.task?.threadsMax ?? Number.POSITIVE_INFINITY;
    this.request = work.request;
    this.record = work.record;
    this.timeoutMs = work.timeoutMs;
    this.submittedAt = work.submittedAt;
    this.answer = work.answer;
  }

  get name(): string {
    return this.task?.name ?? this.request?.label ?? this.request?.name ?? "";
  }

  /** Thousands of probes say nothing of what work took. */
  get isCounted(): boolean {
    return this.task?.kernel !== probeKernel;
  }

  /** One of several that may have ended a thread: it runs without others, to see. */
  get isAlone(): boolean {
    return this.suspicions > 0;
  }

  /** Gives its lanes back, to be used again unless something may still be at them. */
  leaveLanes(lanes: Lanes, isSpoilt: boolean): void {
    if (this.lanes === noLanes) return;
    if (isSpoilt) for (const lane of this.lanes) lane.isSpoilt = true;
    lanes.giveBack(this.lanes);
    this.lanes = noLanes;
    this.result = null;
  }

  /** Answers, the first time. */
  settle(outcome: Outcome): void {
    if (this.isSettled) return;
    this.isSettled = true;
    if (this.timer !== undefined) clearTimeout(this.timer);
    this.group?.delete(this);
    this.answer(outcome as never);
  }
}
