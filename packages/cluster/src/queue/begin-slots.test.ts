import { createSimulatedClock, type JobId, type SimulatedClock, seededRandom } from "@reckon/batch";
import { expect, it } from "vitest";
import { type SlotTaker, slotsOf } from "./begin-slots.ts";

const perMs = 1_000;

interface Server {
  readonly taker: SlotTaker;
  /** Slots that count now. */
  readonly held: () => number;
}

/** What a server does, after as long as its messages take there. */
function openServer(clock: SimulatedClock, delayMs: () => number, onTrouble = (): void => undefined): Server {
  const slots = new Map<string, { readonly untilMs: number; readonly count: number }>();
  const reach = (): Promise<void> => new Promise((resolve) => clock.after(delayMs(), resolve));
  const counting = (): { readonly untilMs: number; readonly count: number }[] =>
    [...slots.values()].filter(({ untilMs }) => untilMs > clock.now()).sort((a, b) => a.untilMs - b.untilMs);
  const sumOf = (some: readonly { readonly count: number }[]): number =>
    some.reduce((sum, { count }) => sum + count, 0);
  return {
    held: () => sumOf(counting()),
    taker: {
      clock,
      onTrouble,
      store: {
        takeSlots: async ({ name, count, rate, holdMs }) => {
          await reach();
          slots.delete(name);
          const held = counting();
          let waitMs = 0;
          for (let i = 0; i < held.length && sumOf(held.slice(i)) + count > rate.jobsMax; i++)
            waitMs = (held[i]?.untilMs ?? 0) - clock.now();
          if (waitMs === 0) slots.set(name, { untilMs: clock.now() + holdMs, count });
          await reach();
          return waitMs > rate.perMs ? undefined : waitMs;
        },
        keepSlots: async ({ name, count }, liveMs) => {
          await reach();
          slots.set(name, { untilMs: clock.now() + liveMs, count });
        },
      },
    },
  };
}

const jobOf = (name: string, signal: AbortSignal = new AbortController().signal) => ({
  ...{ id: name as JobId, delivery: 1, signal },
});

it("[QU35] no more begin in any stretch, whatever messages and threads take, and the rate is used", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = seededRandom(seed);
    const clock = createSimulatedClock();
    const { taker } = openServer(clock, () => 5 * random());
    const begun: number[] = [];
    const wait = (ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve));
    const rate = { jobsMax: 6, perMs };
    const sizes = Array.from({ length: 40 }, () => (random() < 0.5 ? 1 : 1 + Math.floor(4 * random())));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const jobs = sizes.map((size, i) => ({ size, name: `c${i}` }));
    const lane = async (): Promise<void> => {
      for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
        const slots = slotsOf(taker, jobOf(job.name), { run: "r", rate }, job.size);
        expect(await slots?.beginning.enter()).toBeGreaterThan(0);
        for (let i = 0; i < job.size; i++) {
          await wait(20 * random());
          begun.push(clock.now());
          if (i === 0) slots?.beginning.begun();
        }
        await wait(job.size === 1 ? 3_000 * random() : 0);
        slots?.end();
      }
    };
    await clock.runUntil(Promise.all(Array.from({ length: 12 }, lane)));
    expect(begun).toHaveLength(total);
    for (const from of begun)
      expect(begun.filter((at) => at >= from && at < from + perMs).length).toBeLessThanOrEqual(6);
    // Chunks do not fill a stretch to the last slot.
    expect(clock.now()).toBeLessThan(((total / 6) * 2 + 6) * perMs);
  }
});

it("[QU35] what does not begin gives its slots back; what is lost leaves them for 11 seconds, what takes long for as long", async () => {
  const clock = createSimulatedClock();
  const server = openServer(clock, () => 1);
  const rate = { jobsMax: 2, perMs };
  const end = new AbortController();
  const first = slotsOf(server.taker, jobOf("a"), { run: "r", rate }, 2);
  await clock.runUntil(first?.beginning.enter() as Promise<unknown>);
  // It goes on for minutes.
  await clock.advance(120_000);
  expect(server.held()).toBe(2);
  const second = slotsOf(server.taker, jobOf("b", end.signal), { run: "r", rate }, 2);
  const waiting = second?.beginning.enter();
  await clock.advance(5_000);
  end.abort();
  expect(await clock.runUntil(waiting as Promise<unknown>)).toBeUndefined();
  first?.end();
  await clock.advance(1_002);
  expect(server.held()).toBe(0);
  const lost = slotsOf(
    { ...server.taker, clock: { ...clock, after: () => () => undefined } },
    jobOf("c"),
    { run: "r", rate },
    1,
  );
  await clock.runUntil(lost?.beginning.enter() as Promise<unknown>);
  await clock.advance(10_900);
  expect(server.held()).toBe(1);
  await clock.advance(200);
  expect(server.held()).toBe(0);
});

it("a run without a rate takes none, and a chunk that is larger than its rate waits for no more than there are", async () => {
  const clock = createSimulatedClock();
  const server = openServer(clock, () => 1);
  expect(slotsOf(server.taker, jobOf("a"), { run: "r" }, 2)).toBeUndefined();
  const large = slotsOf(server.taker, jobOf("a"), { run: "r", rate: { jobsMax: 2, perMs } }, 9);
  await clock.runUntil(large?.beginning.enter() as Promise<unknown>);
  expect(server.held()).toBe(2);
  large?.end();
});

it("[QU35] a server that is away is asked again, and the chunk begins only when it has answered", async () => {
  const clock = createSimulatedClock();
  let troubles = 0;
  const server = openServer(
    clock,
    () => 1,
    () => {
      troubles++;
    },
  );
  const { takeSlots } = server.taker.store;
  let isAway = true;
  const store = {
    ...server.taker.store,
    takeSlots: (request: Parameters<typeof takeSlots>[0]) =>
      isAway ? Promise.reject(new Error("away")) : takeSlots(request),
  };
  const slots = slotsOf({ ...server.taker, store }, jobOf("a"), { run: "r", rate: { jobsMax: 2, perMs } }, 1);
  const entered = slots?.beginning.enter() as Promise<number | undefined>;
  await clock.advance(20_000);
  expect(troubles).toBeGreaterThan(10);
  isAway = false;
  expect(await clock.runUntil(entered)).toBeGreaterThan(8_000);
  slots?.end();
});
