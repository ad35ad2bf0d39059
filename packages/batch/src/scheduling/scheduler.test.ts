import { columnFrom, errorValue } from "@reckon/value";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRecordSource } from "../doubles/record-source.ts";
import { scriptedAttributes } from "../doubles/scripted-runner.ts";
import { seededRandom } from "../doubles/seeded-random.ts";
import type { ChunkId, ChunkOutcome, EntityOutcome } from "../entity.ts";
import { encodeBlock } from "../evaluation/result-block.ts";
import type { ChunkRecord } from "../ledger.ts";
import { formPortions } from "./chunk-forming.ts";
import { slicedRows } from "./entity-rows.ts";
import { openWindow } from "./entity-window.ts";
import { type Portion, partPortion } from "./portion.ts";
import { Scheduler } from "./scheduler.ts";
import type {
  SchedulerCommand,
  SchedulerEvent,
  SchedulerOptions,
  WrittenRecord,
} from "./scheduler-events.ts";

const figures = {
  worker: "w",
  startedAtMs: 0,
  durationMs: 1,
  cpuMs: 1,
  memoryPeakBytes: 0,
  cacheHits: 0,
  cacheLookUps: 0,
};

async function portionsOf(count: number, chunkEntities: number, equal = count): Promise<Portion[]> {
  const records = Array.from({ length: count }, (_, i) => ({ id: `p${i}` }));
  const deepKey = ({ id }: { id?: unknown }): string => String(Number(String(id).slice(1)) % equal);
  const window = openWindow(createRecordSource(records, { deepKey }));
  const rows = await window.take(count);
  return rows === undefined ? [] : formPortions(rows, chunkEntities, new Map());
}

function doneWith(portion: Portion, entities: readonly EntityOutcome[]): ChunkOutcome {
  const column = columnFrom(
    { outer: entities.length, periods: 1 },
    portion.rows.positions.slice(0, entities.length),
  );
  const block = encodeBlock(entities.length, scriptedAttributes, [column]);
  return { kind: "done", entities, block, figures };
}

const good: EntityOutcome = { kind: "succeeded", checksFailed: 0 };
const bad: EntityOutcome = { kind: "failed", code: "failed", message: "no" };
const invalid: EntityOutcome = { kind: "invalid", code: "x", message: "does not fit" };

const options = (given: Partial<SchedulerOptions> = {}): SchedulerOptions => ({
  retry: { attemptsMax: 3, firstMs: 10, factor: 2, longestMs: 100, jitter: 0.5 },
  random: seededRandom(1),
  dateAheadMs: 0,
  ...given,
});

/** Remembers what a scheduler has said. */
class Told {
  readonly enqueued = new Map<ChunkId, Portion>();
  readonly records: ChunkRecord[] = [];
  readonly commands: SchedulerCommand[] = [];
  /** Positions of entities that have taken the values of others. */
  readonly taken: number[] = [];
  #written = 0;

  take(commands: readonly SchedulerCommand[]): void {
    for (const command of commands) {
      this.commands.push(command);
      if (command.kind === "enqueue") this.enqueued.set(command.portion.id, command.portion);
      if (command.kind === "record") this.records.push(command.record);
      if (command.kind === "take") this.taken.push(...command.entities.map(({ position }) => position));
    }
  }

  /** Records that have come since, as a ledger takes them. */
  written(): readonly WrittenRecord[] {
    const fresh = this.records.slice(this.#written);
    const first = this.#written;
    this.#written = this.records.length;
    return fresh.map((record, i) => ({
      record,
      outcome: { accepted: record.keys.length, repeated: 0, problems: [], chunk: first + i + 1 },
    }));
  }

  /** How often each entity has ended. */
  ends(): Map<number, number> {
    const ends = new Map<number, number>();
    for (const { positions, ended } of this.records)
      for (const [i, state] of ended.entries())
        if (state !== undefined)
          ends.set(positions[i] as number, (ends.get(positions[i] as number) ?? 0) + 1);
    for (const position of this.taken) ends.set(position, (ends.get(position) ?? 0) + 1);
    return ends;
  }
}

/** A scheduler that has been given these portions, with room for `chunksMax` of them. */
function begun(
  portions: readonly Portion[],
  chunksMax: number,
  isEqualOnce = false,
): { readonly scheduler: Scheduler; readonly told: Told } {
  const scheduler = new Scheduler(options());
  const told = new Told();
  told.take(scheduler.on({ kind: "capacity", concurrency: 2, chunksMax, isEqualOnce }, 0));
  told.take(scheduler.on({ kind: "formed", portions }, 0));
  return { scheduler, told };
}

/** What may happen next, chosen by numbers from 0 to 1. */
type Step = readonly [kind: number, which: number, how: number];

function outcomeFor(portion: Portion, how: number): ChunkOutcome {
  if (how < 0.1) return { kind: "lost", message: "gone" };
  if (how < 0.15) return { kind: "timed-out", message: "late" };
  if (how < 0.2) return { kind: "failed", message: "thrown" };
  if (how < 0.3) return { kind: "refused", code: "c", message: "no" };
  if (how < 0.33) return { kind: "cancelled", message: "why" };
  const random = seededRandom(Math.floor(how * 1e6));
  return doneWith(
    portion,
    portion.rows.keys.map(() => {
      const chance = random();
      return chance < 0.25 ? bad : chance < 0.3 ? invalid : good;
    }),
  );
}

describe("the scheduler", () => {
  const number = fc.double({ min: 0, max: 0.999, noNaN: true });
  const steps = fc.array(fc.tuple(number, number, number) as fc.Arbitrary<Step>, { maxLength: 120 });

  it("[BA25] [BA26] counts add up after every event, and no entity ends twice", async () => {
    const portions = await portionsOf(60, 7, 20);
    fc.assert(
      fc.property(
        steps,
        fc.boolean(),
        fc.option(fc.integer({ min: 3, max: 9 })),
        (taken, isEqualOnce, rate) => {
          const scheduler = new Scheduler(
            options(rate === null ? {} : { rate: { jobsMax: rate, perMs: 50 } }),
          );
          const told = new Told();
          let now = 0;
          let formed = 0;
          const say = (event: SchedulerEvent): void => {
            told.take(scheduler.on(event, now));
            for (let written = told.written(); written.length > 0; written = told.written())
              told.take(scheduler.on({ kind: "written", records: written }, now));
            scheduler.checkInvariants();
            expect(scheduler.inHand.length).toBeLessThanOrEqual(6);
          };
          say({ kind: "capacity", concurrency: 3, chunksMax: 6, isEqualOnce });
          const answer = (id: ChunkId, how: number): void => {
            const portion = told.enqueued.get(id) as Portion;
            say({ kind: "outcome", id, outcome: outcomeFor(portion, how) });
          };
          const step = ([kind, which, how]: Step): void => {
            now += Math.floor(how * 20);
            const known = [...told.enqueued.keys()];
            const one = known[Math.floor(which * known.length)];
            if (kind < 0.35) {
              if (scheduler.wantsMore && formed < portions.length)
                say({ kind: "formed", portions: [portions[formed++] as Portion] });
            } else if (kind < 0.4 || one === undefined) say({ kind: "time" });
            // Anything that was ever enqueued may be answered, again and again.
            else if (kind < 0.9) answer(one, how);
            else if (kind < 0.95) say({ kind: "begun", id: one, worker: "w" });
            else say({ kind: "unknown", ids: [one] });
          };
          for (const each of taken) step(each);
          // Then everything goes well.
          while (formed < portions.length) say({ kind: "formed", portions: [portions[formed++] as Portion] });
          say({ kind: "source-ended" });
          for (let rounds = 0; !scheduler.isDone; rounds++) {
            expect(rounds).toBeLessThan(2000);
            const [id] = scheduler.inHand;
            if (id !== undefined) {
              const portion = told.enqueued.get(id) as Portion;
              say({
                kind: "outcome",
                id,
                outcome: doneWith(
                  portion,
                  portion.rows.keys.map(() => good),
                ),
              });
            } else {
              now = Math.max(now + 1, scheduler.wakeAtMs ?? now);
              say({ kind: "time" });
            }
          }
          expect(scheduler.isComplete).toBe(true);
          const ends = told.ends();
          expect(ends.size).toBe(60);
          expect([...ends.values()].every((times) => times === 1)).toBe(true);
          const names = told.records.map(({ chunk }) => chunk);
          expect(new Set(names).size).toBe(names.length);
        },
      ),
      { seed: 141421356, numRuns: 150 },
    );
  });

  it("[BA25] after stopping what has not ended is open, and told as such", async () => {
    const portions = await portionsOf(40, 5);
    const scheduler = new Scheduler(options());
    const told = new Told();
    told.take(scheduler.on({ kind: "capacity", concurrency: 2, chunksMax: 4, isEqualOnce: false }, 0));
    told.take(scheduler.on({ kind: "formed", portions }, 0));
    const [first, second] = [...told.enqueued.values()] as [Portion, Portion];
    told.take(scheduler.on({ kind: "begun", id: first.id, worker: "w" }, 1));
    told.take(scheduler.on({ kind: "begun", id: second.id, worker: "w" }, 1));
    told.take(scheduler.on({ kind: "stop" }, 2));
    const withdrawn = told.commands.flatMap((command) => (command.kind === "withdraw" ? command.ids : []));
    expect(withdrawn).toHaveLength(2);
    told.take(scheduler.on({ kind: "withdrawn", ids: withdrawn }, 3));
    const entities = [good, bad, good, invalid, good];
    told.take(scheduler.on({ kind: "outcome", id: first.id, outcome: doneWith(first, entities) }, 4));
    expect(scheduler.isDone).toBe(false);
    told.take(scheduler.on({ kind: "give-up" }, 5));
    scheduler.checkInvariants();
    expect(scheduler.isDone).toBe(true);
    expect(scheduler.counts).toMatchObject({
      seen: 40,
      succeeded: 3,
      failed: 0,
      invalid: 1,
      held: 0,
      dropped: 36,
    });
    expect(told.enqueued.size).toBe(4);
  });

  it("[BA12] nothing more is read while 65,536 entities wait for equal ones", async () => {
    const portions = await portionsOf(66_000, 1_000, 1);
    const scheduler = new Scheduler(options());
    scheduler.on({ kind: "capacity", concurrency: 2, chunksMax: 4, isEqualOnce: true }, 0);
    let taken = 0;
    while (scheduler.wantsMore && taken < portions.length)
      scheduler.on({ kind: "formed", portions: [portions[taken++] as Portion] }, 0);
    expect(taken).toBe(66);
    expect(scheduler.wantsMore).toBe(false);
    expect(scheduler.counts.held).toBe(66_000);
  });

  it("[BA19] [BA21] wakes for a try again or for the rate, whichever comes first", async () => {
    for (const [firstMs, wakeAtMs] of [
      [5_000, 1_000],
      [200, 210],
    ] as const) {
      const retry = { attemptsMax: 2, firstMs, factor: 1, longestMs: 5_000, jitter: 0 };
      const scheduler = new Scheduler(options({ retry, rate: { jobsMax: 2, perMs: 1_000 } }));
      const portions = await portionsOf(4, 1);
      scheduler.on({ kind: "capacity", concurrency: 2, chunksMax: 4, isEqualOnce: false }, 0);
      scheduler.on({ kind: "formed", portions }, 0);
      const [first] = portions as [Portion];
      scheduler.on({ kind: "begun", id: first.id, worker: "w" }, 0);
      scheduler.on({ kind: "outcome", id: first.id, outcome: doneWith(first, [bad]) }, 10);
      expect(scheduler.wakeAtMs).toBe(wakeAtMs);
    }
  });

  it("[BA15] a chunk that was lost, has thrown or took too long is taken apart at once, one that is refused is halved", async () => {
    const parts = { lost: 8, failed: 8, "timed-out": 8, refused: 2 };
    for (const [kind, expected] of Object.entries(parts)) {
      const [portion] = (await portionsOf(8, 8)) as [Portion];
      const { scheduler, told } = begun([portion], 16);
      const outcome = { kind, code: "c", message: "no" } as ChunkOutcome;
      told.take(scheduler.on({ kind: "outcome", id: portion.id, outcome }, 1));
      expect([kind, told.enqueued.size - 1]).toEqual([kind, expected]);
    }
  });

  it("a chunk that comes back cancelled though nothing was is forgotten and sent again, and is lost the fourth time", async () => {
    const [portion] = (await portionsOf(2, 2)) as [Portion];
    const { scheduler, told } = begun([portion], 16);
    const cancelled: ChunkOutcome = { kind: "cancelled", message: "why" };
    for (let time = 1; time <= 3; time++) {
      const commands = scheduler.on({ kind: "outcome", id: portion.id, outcome: cancelled }, time);
      expect(commands.map(({ kind }) => kind)).toEqual(["forget", "enqueue"]);
      told.take(commands);
      expect([...told.enqueued.keys()]).toEqual([portion.id]);
    }
    told.take(scheduler.on({ kind: "outcome", id: portion.id, outcome: cancelled }, 4));
    expect([...told.enqueued.keys()]).toEqual([portion.id, "e0-a1", "e1-a1"]);
  });

  it("[BA29] what is sent again as the queue does not know it has not begun", async () => {
    const [portion] = (await portionsOf(2, 2)) as [Portion];
    const { scheduler, told } = begun([portion], 16);
    scheduler.on({ kind: "begun", id: portion.id, worker: "w" }, 1);
    expect(scheduler.counts.active).toBe(2);
    scheduler.on({ kind: "unknown", ids: [portion.id] }, 2);
    expect(scheduler.counts.active).toBe(0);
    told.take(scheduler.on({ kind: "stop" }, 3));
    expect(told.commands.at(-1)).toEqual({ kind: "withdraw", ids: [portion.id] });
  });

  it("tells how long a chunk has waited until it began", async () => {
    const [portion] = (await portionsOf(2, 2)) as [Portion];
    const { scheduler, told } = begun([portion], 16);
    scheduler.on({ kind: "begun", id: portion.id, worker: "w" }, 7);
    told.take(scheduler.on({ kind: "outcome", id: portion.id, outcome: doneWith(portion, [good, good]) }, 9));
    expect(told.records.map(({ waitMs }) => waitMs)).toEqual([7]);
  });

  it("[BA23] those that wait for an equal one take its values, and are computed where it has an error among them", async () => {
    const [both, second, first] = (await portionsOf(6, 2, 2)) as [Portion, Portion, Portion];
    const follower = partPortion(1, 1, slicedRows(second.rows, 1, 2));
    const other = partPortion(2, 1, slicedRows(first.rows, 0, 1));
    const { scheduler, told } = begun([both, follower, other], 16, true);
    expect([...told.enqueued.keys()]).toEqual([both.id]);
    const column = columnFrom({ outer: 2, periods: 1 }, [errorValue("#N/A"), 22]);
    const block = encodeBlock(2, scriptedAttributes, [column]);
    const outcome: ChunkOutcome = { kind: "done", entities: [good, good], block, figures };
    told.take(scheduler.on({ kind: "outcome", id: both.id, outcome }, 1));
    scheduler.checkInvariants();
    expect([...told.enqueued.keys()]).toEqual([both.id, other.id]);
    expect(told.taken).toEqual([]);
    told.take(scheduler.on({ kind: "written", records: told.written() }, 2));
    scheduler.checkInvariants();
    const place = { position: 3, state: "succeeded", chunk: 1, chunkRow: 1, checksFailed: 0 };
    expect(told.commands.at(-1)).toMatchObject({ kind: "take", entities: [place] });
    // One that comes later finds them, and one that is equal to the error is computed by itself.
    const late = (await portionsOf(8, 2, 2)).at(-1) as Portion;
    told.take(scheduler.on({ kind: "formed", portions: [late] }, 3));
    expect(told.taken).toEqual([3, 7]);
    expect([...told.enqueued.values()].at(-1)?.rows.positions).toEqual([6]);
  });

  it("[BA23] [BA25] those that wait for an equal one are open when the run is stopped", async () => {
    const { scheduler } = begun(await portionsOf(5, 1, 1), 16, true);
    expect(scheduler.counts).toMatchObject({ seen: 5, held: 5, dropped: 0 });
    scheduler.on({ kind: "stop" }, 1);
    scheduler.checkInvariants();
    expect(scheduler.counts).toMatchObject({ seen: 5, held: 1, dropped: 4 });
  });

  it("[BA26] an answer for other entities whose values cannot be read tells of none", async () => {
    const [portion] = (await portionsOf(2, 2)) as [Portion];
    const { scheduler, told } = begun([portion], 16);
    const entities = [good, good, good];
    const outcome: ChunkOutcome = { kind: "done", entities, block: new Uint8Array(), figures };
    told.take(scheduler.on({ kind: "outcome", id: portion.id, positions: [0, 1, 2], outcome }, 1));
    scheduler.checkInvariants();
    expect(told.records).toEqual([]);
    expect([...told.enqueued.keys()]).toEqual([portion.id, "e0-a1", "e1-a1"]);
  });

  it("[BA23] an entity that was tried before waits for no equal one", async () => {
    const [first, second] = (await portionsOf(2, 1, 1)) as [Portion, Portion];
    const again = partPortion(second.number, 2, second.rows);
    const { told } = begun([first, second], 16, true);
    expect([...told.enqueued.keys()]).toEqual([first.id]);
    const { told: resumed } = begun([first, again], 16, true);
    expect([...resumed.enqueued.keys()]).toEqual([first.id, again.id]);
  });

  it("[BA26] an answer for other entities than those that wait counts for those that both have", async () => {
    const [portion] = (await portionsOf(5, 5)) as [Portion];
    const scheduler = new Scheduler(options());
    const told = new Told();
    told.take(scheduler.on({ kind: "capacity", concurrency: 2, chunksMax: 4, isEqualOnce: false }, 0));
    told.take(scheduler.on({ kind: "formed", portions: [portion] }, 0));
    const column = columnFrom({ outer: 4, periods: 1 }, [90, 10, 30, 40]);
    const block = encodeBlock(4, scriptedAttributes, [column]);
    told.take(
      scheduler.on(
        {
          kind: "outcome",
          id: portion.id,
          positions: [9, 1, 3, 4],
          outcome: { kind: "done", entities: [good, good, bad, good], block, figures },
        },
        1,
      ),
    );
    scheduler.checkInvariants();
    expect(told.records.map(({ positions, ended }) => [positions, ended])).toEqual([
      [
        [1, 3, 4],
        ["succeeded", undefined, "succeeded"],
      ],
    ]);
    const again = [...told.enqueued.values()].slice(1).map(({ id }) => id);
    expect(again).toEqual(["e0-a1", "e2-a1"]);
  });
});
