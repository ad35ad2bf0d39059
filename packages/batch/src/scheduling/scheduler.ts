/**
 * Decides what happens to entities: what begins when, what is split, tried again, given up. It is told events and gives
 * commands; it knows no clock, promise, engine or ledger. Equal events at equal times give equal commands (BA27).
 *
 *   formed ─→ ready ─→ in hand ─→ outcome ─┬─→ ended (a record)
 *               ↑  ↖ split ───────────────┤
 *               └── waiting ← try again ───┘       after stop: dropped, which leaves them open in the ledger
 *
 * Invariant: every entity that was seen has ended once, is held once, or was dropped (BA25): see `checkInvariants`.
 * An outcome for a chunk that is not in hand (twice, or late) changes nothing (BA26).
 *
 * Cost: log n for each portion, n being what is ready or waiting.
 */
import type { ChunkFigures, ChunkId, ChunkOutcome, EntityOutcome } from "../entity.ts";
import type { EntityState, FinishedEntity } from "../ledger.ts";
import { backOffMs, isTriedAgain } from "./back-off.ts";
import { cutPortion, halvedPortion, singlePortions } from "./chunk-splitting.ts";
import { type EntityRows, slicedRows } from "./entity-rows.ts";
import { EqualEntities, type Follower, type LedRows } from "./equal-entities.ts";
import { haltReason } from "./halt.ts";
import { type HeldChunk, InHand } from "./in-hand.ts";
import { KnownEntities } from "./known-entities.ts";
import { OrderedHeap } from "./ordered-heap.ts";
import { isBefore, nextPortion, type Portion, partPortion, samplePortion } from "./portion.ts";
import { type DoneOutcome, recordOf, spentRecord, toldPortion } from "./portion-outcome.ts";
import { RateGate } from "./rate-gate.ts";
import type {
  SchedulerCommand,
  SchedulerCounts,
  SchedulerEvent,
  SchedulerOptions,
} from "./scheduler-events.ts";

interface ReadyPortion {
  readonly portion: Portion;
  readonly atMs: number;
  /** It was decided that its entities are computed, equal ones or not. */
  readonly isOwn: boolean;
}

/** More entities than these are not held back for later: no row is read until there are fewer. */
const heldEntitiesMax = 65_536;
/** When so many wait for equal ones, what these have given is written at once. */
const followersMax = 16_384;
/** A chunk that comes back cancelled more often, though nothing was cancelled, counts as lost. */
const cancellationsMax = 3;

export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #gate: RateGate;
  readonly #inHand = new InHand();
  readonly #known: KnownEntities;
  readonly #equal: EqualEntities;
  readonly #ready = new OrderedHeap<ReadyPortion>((a, b) => isBefore(a.portion, b.portion));
  readonly #waiting = new OrderedHeap<ReadyPortion>((a, b) =>
    a.atMs === b.atMs ? isBefore(a.portion, b.portion) : a.atMs < b.atMs,
  );
  readonly #ended = { succeeded: 0, failed: 0, invalid: 0 };
  #commands: SchedulerCommand[] = [];
  #capacity = { concurrency: 0, chunksMax: 0, isEqualOnce: false };
  /** Entities in `#ready` and `#waiting`. */
  #backlog = 0;
  #seen = 0;
  #dropped = 0;
  #gateOpensAtMs: number | undefined;
  #isSourceAtEnd = false;
  #isStopping = false;
  #haltedBecause: string | undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#gate = new RateGate(options.rate);
    this.#known = options.known ?? new KnownEntities();
    this.#equal = new EqualEntities(this.#known);
    this.#capacity.isEqualOnce = options.known !== undefined;
  }

  /** Takes an event and tells what is to be done, in this order. Times never go back. */
  on(event: SchedulerEvent, nowMs: number): readonly SchedulerCommand[] {
    this.#commands = [];
    this.#take(event, nowMs);
    this.#fill(nowMs);
    return this.#commands;
  }

  /** Whether portions of the source could begin soon. */
  get wantsMore(): boolean {
    const { chunksMax } = this.#capacity;
    return (
      !this.#isStopping &&
      !this.#isSourceAtEnd &&
      this.#ready.size + this.#inHand.chunks < chunksMax &&
      this.#backlog + this.#equal.waiting < heldEntitiesMax
    );
  }

  /** Whether it is to be told what has been written. */
  get looksForEqual(): boolean {
    return this.#capacity.isEqualOnce || !this.#equal.isEmpty;
  }

  /** Whether records should be written at once: too many wait for that, or nothing else is to be done. */
  get waitsForRecords(): boolean {
    const { waiting } = this.#equal;
    return waiting >= followersMax || (waiting > 0 && this.#inHand.chunks + this.#ready.size === 0);
  }

  /** When something is to be done though nothing happens. */
  get wakeAtMs(): number | undefined {
    const due = this.#waiting.first?.atMs;
    if (this.#isStopping) return undefined;
    if (due === undefined || this.#gateOpensAtMs === undefined) return due ?? this.#gateOpensAtMs;
    return Math.min(due, this.#gateOpensAtMs);
  }

  get isDone(): boolean {
    if (this.#inHand.chunks > 0) return false;
    return this.#isStopping || (this.#isSourceAtEnd && this.#backlog === 0 && this.#equal.waiting === 0);
  }

  /** Every entity of the source has ended. */
  get isComplete(): boolean {
    return this.#isSourceAtEnd && this.#dropped === 0 && this.counts.held === 0;
  }

  /** Nothing begins any more. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  get haltedBecause(): string | undefined {
    return this.#haltedBecause;
  }

  get counts(): SchedulerCounts {
    let active = 0;
    for (const { begunAtMs, portion } of this.#inHand.all)
      if (begunAtMs !== undefined) active += portion.rows.keys.length;
    return {
      ...this.#ended,
      seen: this.#seen,
      held: this.#backlog + this.#equal.waiting + this.#inHand.entities,
      dropped: this.#dropped,
      active,
    };
  }

  /** Chunks in hand, begun or not. */
  get inHand(): readonly ChunkId[] {
    return Array.from(this.#inHand.all, ({ portion }) => portion.id);
  }

  /** How many entities may begin now, for who takes them without being told to; where it is none, when one may. */
  room(nowMs: number): { readonly count: number; readonly opensAtMs: number } {
    return { count: Math.floor(this.#gate.freeAt(nowMs)), opensAtMs: this.#gate.opensAtMs(1, nowMs) };
  }

  /** Throws where entities were lost or counted twice. For tests: looks at everything. */
  checkInvariants(): void {
    const { seen, succeeded, failed, invalid, held, dropped } = this.counts;
    const positions = new Set<number>();
    let found = this.#equal.waiting;
    for (const { portion } of [...this.#ready.items, ...this.#waiting.items, ...this.#inHand.all])
      for (const position of portion.rows.positions) {
        positions.add(position);
        found++;
      }
    const ended = succeeded + failed + invalid;
    if (found !== held || positions.size !== held - this.#equal.waiting || seen !== ended + held + dropped)
      throw new Error(`entities do not add up: ${JSON.stringify({ ...this.counts, found })}`);
  }

  #take(event: SchedulerEvent, nowMs: number): void {
    switch (event.kind) {
      case "capacity":
        this.#capacity = event;
        if (!event.isEqualOnce) this.#known.close();
        return;
      case "formed":
        for (const portion of event.portions) this.#see(portion, nowMs);
        return;
      case "source-ended":
        this.#isSourceAtEnd = true;
        return;
      case "taken":
        this.#seen += event.portion.rows.keys.length;
        this.#beginSample(event.portion, nowMs);
        return;
      case "begun": {
        this.#gate.begin(event.id, nowMs);
        const held = this.#inHand.get(event.id);
        if (held !== undefined) Object.assign(held, { begunAtMs: nowMs, worker: event.worker });
        return;
      }
      case "outcome": {
        const held = this.#inHand.release(event.id);
        this.#gate.end(event.id, nowMs, held?.portion);
        if (held !== undefined) this.#judge(held, event.outcome, event.positions, nowMs);
        return;
      }
      case "written":
        for (const written of event.records) {
          const { taken, again } = this.#equal.write(written);
          this.#takeValues(taken);
          this.#compute(again, nowMs, false);
        }
        return;
      case "open":
        for (const { portion, as } of event.entities) {
          if (as !== "skipped") this.#ended[as]--;
          this.#makeReady(portion, nowMs, true);
        }
        return;
      case "unknown":
        for (const id of event.ids) this.#enqueueAgain(id);
        return;
      case "withdrawn":
        for (const id of event.ids) {
          this.#gate.drop(id);
          this.#drop(this.#inHand.release(id)?.portion);
        }
        return;
      case "given-back":
        this.#takeBack(event.id);
        return;
      case "time":
        return;
      case "stop":
        this.#stop();
        return;
      case "give-up":
        this.#stop();
        for (const id of this.inHand) this.#drop(this.#inHand.release(id)?.portion);
    }
  }

  #see(portion: Portion, nowMs: number): void {
    this.#seen += portion.rows.keys.length;
    this.#makeReady(portion, nowMs);
  }

  #makeReady(portion: Portion, atMs: number, isOwn = false): void {
    if (this.#isStopping) {
      this.#drop(portion);
      return;
    }
    this.#backlog += portion.rows.keys.length;
    this.#ready.push({ portion, atMs, isOwn });
  }

  #drop(portion: Portion | undefined): void {
    this.#dropped += portion?.rows.keys.length ?? 0;
  }

  /** Gives out what may begin. */
  #fill(nowMs: number): void {
    this.#gateOpensAtMs = undefined;
    for (let due = this.#waiting.first; due !== undefined && due.atMs <= nowMs; due = this.#waiting.first)
      this.#ready.push(this.#waiting.pop() as ReadyPortion);
    const { concurrency, chunksMax } = this.#capacity;
    // With a rate what is enqueued begins at once, or nearly: the gate counts it until then and from then on.
    const most =
      this.#gate.countMax === Number.POSITIVE_INFINITY ? chunksMax : Math.min(chunksMax, concurrency);
    while (this.#inHand.chunks < most) {
      const next = this.#ready.first;
      if (next === undefined) return;
      const count = next.portion.rows.keys.length;
      if (count > this.#gate.countMax) {
        this.#ready.pop();
        for (const portion of cutPortion(next.portion, this.#gate.countMax))
          this.#ready.push({ ...next, portion });
        continue;
      }
      const opensAtMs = this.#gate.opensAtMs(count, nowMs);
      if (opensAtMs > nowMs) {
        this.#gateOpensAtMs = opensAtMs;
        return;
      }
      this.#ready.pop();
      this.#begin(next);
    }
  }

  #begin({ portion, atMs, isOwn }: ReadyPortion): void {
    this.#backlog -= portion.rows.keys.length;
    const own = this.#led(portion, isOwn);
    if (own === undefined) return;
    this.#gate.send(own.id, own.rows.keys.length);
    this.#inHand.hold(own, atMs);
    this.#commands.push({ kind: "enqueue", portion: own });
  }

  #beginSample(portion: Portion, nowMs: number): void {
    const own = this.#led(portion, false, samplePortion);
    if (own === undefined) return;
    this.#gate.send(own.id, own.rows.keys.length);
    this.#gate.begin(own.id, nowMs);
    this.#inHand.hold(own, nowMs).begunAtMs = nowMs;
    this.#commands.push({ kind: "sample", portion: own });
  }

  /** What of a portion is to be computed: entities that others are equal to, and have not been computed. */
  #led(
    portion: Portion,
    isOwn: boolean,
    part: (rows: EntityRows) => Portion = (rows) => partPortion(portion.number, portion.attempt, rows),
  ): Portion | undefined {
    const led: LedRows =
      this.#capacity.isEqualOnce && !isOwn && portion.attempt === 1
        ? this.#equal.lead(portion)
        : { own: portion.rows, taken: [] };
    this.#takeValues(led.taken);
    if (led.own.keys.length === 0) return undefined;
    return led.own === portion.rows ? portion : part(led.own);
  }

  #takeValues(entities: readonly FinishedEntity[]): void {
    if (entities.length === 0) return;
    this.#ended.succeeded += entities.length;
    this.#commands.push({ kind: "take", entities });
  }

  #enqueueAgain(id: ChunkId): void {
    const held = this.#inHand.get(id);
    if (held === undefined) return;
    if (this.#isStopping) {
      this.#drop(this.#inHand.release(id)?.portion);
      return;
    }
    held.begunAtMs = undefined;
    this.#commands.push({ kind: "enqueue", portion: held.portion });
  }

  /** Nobody is at it any more: where nothing is to begin it is taken out again, like those that nobody had begun. */
  #takeBack(id: ChunkId): void {
    const held = this.#inHand.get(id);
    if (held?.begunAtMs === undefined) return;
    Object.assign(held, { begunAtMs: undefined, worker: "" });
    if (this.#isStopping) this.#commands.push({ kind: "withdraw", ids: [id] });
  }

  /** What comes of a chunk that has an outcome; it is not in hand any more. */
  #judge(
    held: HeldChunk,
    outcome: ChunkOutcome,
    positions: readonly number[] | undefined,
    nowMs: number,
  ): void {
    const { portion } = held;
    const isAlone = portion.rows.keys.length === 1;
    switch (outcome.kind) {
      case "done":
        this.#conclude(held, outcome, positions, nowMs);
        return;
      case "refused": {
        const { code, message, line } = outcome;
        const invalid = { kind: "invalid" as const, code, message };
        if (isAlone) this.#endAlone(held, line === undefined ? invalid : { ...invalid, line }, nowMs);
        else this.#split(halvedPortion(portion), nowMs);
        return;
      }
      case "failed":
      case "lost":
      case "timed-out": {
        const { kind: code, message, figures } = outcome;
        if (isAlone) this.#endAlone(held, { kind: "failed", code, message }, nowMs, figures);
        else {
          if (figures !== undefined)
            this.#commands.push({ kind: "record", record: spentRecord(portion, figures), portion });
          this.#split(singlePortions(portion), nowMs);
        }
        return;
      }
      case "no-program":
        // Who conducts ends the run.
        this.#drop(portion);
        return;
      case "cancelled":
        if (this.#isStopping) this.#drop(portion);
        else if (held.cancellations >= cancellationsMax)
          this.#judge(held, { kind: "lost", message: outcome.message }, positions, nowMs);
        else {
          this.#inHand.hold(portion, held.readyAtMs).cancellations = held.cancellations + 1;
          this.#commands.push({ kind: "forget", id: portion.id }, { kind: "enqueue", portion });
        }
    }
  }

  #split(portions: readonly Portion[], nowMs: number): void {
    for (const portion of portions) this.#makeReady(portion, nowMs, true);
  }

  /** The end of an attempt of an entity that was alone in its chunk, where nothing else is told of it. */
  #endAlone(held: HeldChunk, outcome: EntityOutcome, nowMs: number, told?: ChunkFigures): void {
    const begunAtMs = held.begunAtMs ?? nowMs;
    const figures: ChunkFigures = told ?? {
      worker: held.worker,
      startedAtMs: Math.round(begunAtMs + this.#options.dateAheadMs),
      durationMs: nowMs - begunAtMs,
      cpuMs: 0,
      memoryPeakBytes: 0,
      cacheHits: 0,
      cacheLookUps: 0,
    };
    this.#conclude(
      held,
      { kind: "done", entities: [outcome], block: new Uint8Array(), figures },
      undefined,
      nowMs,
    );
  }

  /** Records what an outcome tells of entities, and looks what becomes of those that have failed. */
  #conclude(
    held: HeldChunk,
    whole: DoneOutcome,
    positions: readonly number[] | undefined,
    nowMs: number,
  ): void {
    const { told, untold } = toldPortion(held.portion, whole, positions);
    if (untold.length > 0) {
      this.#commands.push({ kind: "forget", id: held.portion.id });
      const singles = singlePortions(held.portion);
      for (const row of untold) this.#makeReady(singles[row] as Portion, nowMs, true);
    }
    if (told === undefined) return;
    const { portion, outcome } = told;
    const { entities, figures, block } = outcome;
    const ended = entities.map((entity) => this.#endOf(entity, portion));
    const waitMs = Math.max(0, (held.begunAtMs ?? held.readyAtMs) - held.readyAtMs);
    this.#commands.push({
      kind: "record",
      record: recordOf(portion, entities, ended, { figures, waitMs, block }),
      portion,
    });
    for (const state of ended) if (state !== undefined && state !== "skipped") this.#ended[state]++;
    for (const [row, entity] of entities.entries()) {
      if (entity.kind === "failed") this.#fail(portion, row, entity.message, ended[row] === undefined, nowMs);
    }
    if (this.looksForEqual) this.#compute(this.#equal.end(portion.rows, ended, entities, block), nowMs, true);
    this.#lookWhetherToHalt();
  }

  #endOf(entity: EntityOutcome, { attempt, attemptsBefore = 0 }: Portion): EntityState | undefined {
    const isAgain = entity.kind === "failed" && isTriedAgain(this.#options.retry, attempt - attemptsBefore);
    return isAgain ? undefined : entity.kind;
  }

  #fail(portion: Portion, row: number, message: string, isOpen: boolean, nowMs: number): void {
    const { number, attempt, attemptsBefore: before = 0, rows } = portion;
    const told = { kind: "failed" as const, key: rows.keys[row] as string, attempt, message };
    if (!isOpen) {
      this.#commands.push(told);
      return;
    }
    const again = nextPortion(number, { all: attempt, before }, slicedRows(rows, row, row + 1));
    if (this.#isStopping) {
      this.#commands.push(told);
      this.#drop(again);
      return;
    }
    const againInMs = backOffMs(this.#options.retry, attempt + 1 - before, this.#options.random);
    this.#commands.push({ ...told, againInMs });
    this.#backlog++;
    this.#waiting.push({ portion: again, atMs: nowMs + againInMs, isOwn: true });
  }

  #compute(followers: readonly Follower[], nowMs: number, isOwn: boolean): void {
    for (const { number, rows } of followers) this.#makeReady(partPortion(number, 1, rows), nowMs, isOwn);
  }

  #lookWhetherToHalt(): void {
    if (this.#isStopping) return;
    const { succeeded, failed, invalid } = this.#ended;
    const { halt } = this.#options;
    const message = haltReason(halt, { failed, ended: succeeded + failed + invalid });
    if (message === undefined) return;
    this.#haltedBecause = message;
    this.#commands.push({ kind: "halting", message });
    this.#stop();
    if (halt?.when === "now" && this.#inHand.chunks > 0) this.#commands.push({ kind: "cancel" });
  }

  /** Lets go of what has not been enqueued, and takes back what nobody has begun. */
  #stop(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    for (const heap of [this.#ready, this.#waiting])
      for (const { portion } of heap.remove(() => true)) this.#drop(portion);
    this.#backlog = 0;
    this.#dropped += this.#equal.clear();
    const ids = Array.from(this.#inHand.all)
      .filter(({ begunAtMs }) => begunAtMs === undefined)
      .map(({ portion }) => portion.id);
    if (ids.length > 0) this.#commands.push({ kind: "withdraw", ids });
  }
}
