/**
 * Conducts a run: hands the scheduler what happens, and does what it says.
 *
 *   source ─→ pages ─→ scheduler ─→ carrier ─→ engine ─→ runner
 *                        │   ↑ outcomes ─┘
 *                        └─→ record buffer ─→ ledger ─→ result file
 *
 * Everything is driven by events; between them nothing runs here but one read of the source and one write of the ledger at a time.
 * `ended` resolves when the scheduler has nothing more to do, and rejects when the run cannot go on.
 */
import type { BatchEvent } from "../api.ts";
import type { BatchClock } from "../batch-clock.ts";
import { BatchError } from "../batch-error.ts";
import type { ChunkId, EntityChunk } from "../entity.ts";
import type { ChunkRecord, EntityState, RecordOutcome } from "../ledger.ts";
import type { EntityPages } from "./entity-pages.ts";
import { slicedRows } from "./entity-rows.ts";
import type { JobCarrier } from "./job-carrier.ts";
import { chunkOf, nextPortion, type Portion } from "./portion.ts";
import { RecordBuffer, type RecordBufferOptions } from "./record-buffer.ts";
import type { RunProgress } from "./run-progress.ts";
import type { Scheduler } from "./scheduler.ts";
import type { OpenEntity, SchedulerCommand, SchedulerEvent } from "./scheduler-events.ts";

export interface ConductorOptions {
  readonly clock: BatchClock;
  readonly sideTables: (keys: readonly string[]) => EntityChunk["sideTables"];
  readonly pages: EntityPages;
  readonly scheduler: Scheduler;
  readonly progress: RunProgress;
  readonly write: RecordBufferOptions["write"];
  /** What the ledger has more of now may be written elsewhere; not called again before it resolves. */
  readonly onRecorded?: () => Promise<void>;
  readonly onEvent: (event: BatchEvent) => void;
}

export interface Capacity {
  readonly concurrency: number;
  readonly chunksMax: number;
  /** Entities of a chunk as it is formed. */
  readonly chunkEntities: number;
  readonly isEqualOnce: boolean;
}

/** Entities that were taken for the sample, and what of them is to be computed; absent: others are equal to all of them. */
export interface SampleTaken {
  readonly entities: number;
  readonly chunk?: EntityChunk;
}

export class Conductor {
  /** The scheduler has nothing more to do. */
  readonly ended: Promise<void>;
  readonly #options: ConductorOptions;
  readonly #buffer: RecordBuffer;
  #carrier: JobCarrier | undefined;
  #chunkEntities = 1;
  #isReading = false;
  #isAdvancing = false;
  #isOver = false;
  #failure: { readonly error: unknown } | undefined;
  #unwake: (() => void) | undefined;
  #endPause: () => void = () => undefined;
  #waitedMs = 0;
  /** What is to be computed of the portion that was taken last. */
  #sampled: Portion | undefined;
  /** What records are about, as long as these are held. */
  readonly #recorded = new WeakMap<ChunkRecord, Portion>();
  /** Jobs whose answers were taken, and that leave no record; those of the others are forgotten with their records. */
  readonly #answered = new Set<ChunkId>();
  #resolve: () => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(options: ConductorOptions) {
    this.#options = options;
    this.ended = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Whoever conducts waits for it only when the sample is through.
    this.ended.catch(() => undefined);
    this.#buffer = new RecordBuffer({
      clock: options.clock,
      write: options.write,
      onWritten: (records, outcomes) => this.#written(records, outcomes),
      onFailure: (error) => this.fail(error),
    });
    options.progress.watch(() => {
      const { active, held } = options.scheduler.counts;
      return { active, waiting: held - active };
    });
  }

  /** Begins to enqueue. */
  start(carrier: JobCarrier, capacity: Capacity): void {
    this.#carrier = carrier;
    this.#chunkEntities = capacity.chunkEntities;
    this.tell({ kind: "capacity", ...capacity });
  }

  /** Takes an event, and does what the scheduler makes of it. */
  tell(event: SchedulerEvent): void {
    if (this.#isOver) return;
    if (event.kind === "outcome" && event.outcome.kind === "no-program") {
      this.fail(BatchError.noProgram(event.outcome.message));
      return;
    }
    const { scheduler, clock, progress } = this.#options;
    const before = scheduler.counts;
    if (event.kind === "outcome") this.#answered.add(event.id);
    for (const command of scheduler.on(event, clock.now())) this.#obey(command);
    const after = scheduler.counts;
    for (const state of ["succeeded", "failed", "invalid"] as const)
      if (after[state] !== before[state]) progress.end(state, after[state] - before[state]);
    progress.tell();
    if (scheduler.isStopping) this.#endPause();
    this.#arrange();
  }

  /** Nothing more begins. */
  get isStopping(): boolean {
    return this.#options.scheduler.isStopping || this.#isOver;
  }

  /**
   * Up to so many entities for the sample, as many as the rate lets begin; `undefined` at the end, where none may begin until
   * `untilMs`, and where the run is stopped.
   */
  async takeSample(
    count: number,
    untilMs: number = Number.POSITIVE_INFINITY,
  ): Promise<SampleTaken | undefined> {
    const { pages, scheduler, clock } = this.#options;
    if (scheduler.waitsForRecords) await this.#buffer.flush();
    let room = scheduler.room(clock.now());
    for (; room.count < 1; room = scheduler.room(clock.now())) {
      const waitMs = room.opensAtMs - clock.now();
      if (this.isStopping || room.opensAtMs >= untilMs) return undefined;
      await this.#pause(waitMs);
      this.#waitedMs += waitMs;
    }
    // What was taken and not begun stays open.
    if (this.isStopping) return undefined;
    const portion = await pages.takeSample(Math.min(count, room.count));
    if (portion === undefined || this.isStopping) return undefined;
    this.#sampled = undefined;
    this.tell({ kind: "taken", portion });
    const { keys } = portion.rows;
    return this.#sampled === undefined
      ? { entities: keys.length }
      : { entities: keys.length, chunk: this.chunkOf(this.#sampled) };
  }

  /** For how long the sample has waited for the rate. */
  get waitedMs(): number {
    return this.#waitedMs;
  }

  /** So long, or until nothing more begins. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const untime = this.#options.clock.after(ms, resolve);
      this.#endPause = () => {
        untime();
        resolve();
      };
    });
  }

  chunkOf(portion: Portion): EntityChunk {
    return chunkOf(portion, this.#options.sideTables(portion.rows.keys));
  }

  /** Writes what is held. Rejects where the run cannot go on. */
  async flush(): Promise<void> {
    await this.#buffer.flush();
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Nothing more is done: the run cannot go on. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#end();
    this.#reject(error);
  }

  #obey(command: SchedulerCommand): void {
    switch (command.kind) {
      case "enqueue":
        this.#answered.delete(command.portion.id);
        this.#carrier?.send(command.portion);
        return;
      case "record":
        this.#answered.delete(command.record.chunk);
        this.#options.progress.try(command.record);
        this.#recorded.set(command.record, command.portion);
        this.#buffer.push(command.record);
        return;
      case "take":
        this.#buffer.take(command.entities);
        return;
      case "sample":
        this.#sampled = command.portion;
        return;
      case "withdraw":
        this.#carrier?.withdraw(command.ids);
        return;
      case "cancel":
        this.#carrier?.cancel();
        return;
      case "forget":
        this.#answered.delete(command.id);
        this.#carrier?.forget([command.id]);
        return;
      case "failed": {
        const { kind: _, ...told } = command;
        this.#options.onEvent({ kind: "entity-failed", ...told });
        return;
      }
      case "halting":
        this.#options.onEvent({ kind: "halting", message: command.message });
    }
  }

  /** Sees to it that something goes on: a timer, a read, or the end. */
  #arrange(): void {
    if (this.#isOver) return;
    const { scheduler, clock } = this.#options;
    this.#unwake?.();
    this.#unwake = undefined;
    if (this.#carrier === undefined) return;
    if (scheduler.isDone && !this.#isReading) {
      // The ledger may say of the last ones that they are open.
      if (!this.#buffer.isEmpty) {
        void this.#buffer.flush();
        return;
      }
      this.#end();
      this.#resolve();
      return;
    }
    if (scheduler.waitsForRecords) void this.#buffer.flush();
    const { wakeAtMs } = scheduler;
    if (wakeAtMs !== undefined)
      this.#unwake = clock.after(Math.max(0, wakeAtMs - clock.now()), () => this.tell({ kind: "time" }));
    if (!this.#isReading && scheduler.wantsMore && !this.#buffer.isFull) {
      this.#isReading = true;
      this.#read().catch((error: unknown) => this.fail(error));
    }
  }

  async #read(): Promise<void> {
    const { scheduler, pages } = this.#options;
    while (scheduler.wantsMore && !this.#buffer.isFull && !this.#isOver) {
      const portion = await pages.take(this.#chunkEntities);
      if (portion === undefined) this.#options.progress.expect(pages.read, false);
      this.tell(portion === undefined ? { kind: "source-ended" } : { kind: "formed", portions: [portion] });
    }
    this.#isReading = false;
    this.#arrange();
  }

  #written(records: readonly ChunkRecord[], outcomes: readonly RecordOutcome[]): void {
    const { progress, onRecorded } = this.#options;
    // A row with the key of an earlier one is no entity after all, whichever of the two was computed first.
    for (const [i, { problems, displaced = [] }] of outcomes.entries()) {
      const record = records[i] as ChunkRecord;
      for (const { position } of problems) {
        const state = record.ended[record.positions.indexOf(position)];
        if (state !== undefined) progress.end(state, -1);
      }
      for (const state of displaced) progress.end(state, -1);
    }
    this.#carrier?.forget([...this.#answered, ...records.map(({ chunk }) => chunk)]);
    this.#answered.clear();
    // First: nothing may look as if all had ended.
    const open = records.flatMap((record, i) => this.#openIn(record, outcomes[i] as RecordOutcome));
    if (open.length > 0) this.tell({ kind: "open", entities: open });
    if (this.#options.scheduler.looksForEqual)
      this.tell({
        kind: "written",
        records: records.map((record, i) => ({ record, outcome: outcomes[i] as RecordOutcome })),
      });
    if (onRecorded !== undefined && !this.#isAdvancing) {
      this.#isAdvancing = true;
      onRecorded().then(
        () => {
          this.#isAdvancing = false;
        },
        (error: unknown) => this.fail(error),
      );
    }
    this.#arrange();
  }

  /** Entities that another record has left open in the ledger: what this one says of them was not taken. */
  #openIn(record: ChunkRecord, { open = [] }: RecordOutcome): readonly OpenEntity[] {
    const portion = this.#recorded.get(record);
    if (portion === undefined) return [];
    const { number, rows, attemptsBefore: before = 0 } = portion;
    return open.map(({ row, attempts: all }) => ({
      portion: nextPortion(number, { all, before }, slicedRows(rows, row, row + 1)),
      as: record.ended[row] as EntityState,
    }));
  }

  #end(): void {
    this.#isOver = true;
    this.#unwake?.();
    this.#endPause();
  }
}
