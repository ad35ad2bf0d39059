import { expect, it } from "vitest";
import { createSimulatedClock } from "../doubles/simulated-clock.ts";
import { Patience } from "./patience.ts";

const away = new Error("away");
const name = "postgres://host/database";

function waiting(): {
  readonly clock: ReturnType<typeof createSimulatedClock>;
  readonly patience: Patience;
  readonly notices: string[];
} {
  const clock = createSimulatedClock();
  const notices: string[] = [];
  const options = { clock, onNotice: (message: string) => void notices.push(message) };
  return { clock, notices, patience: new Patience(options, name, (error) => error === away) };
}

/** Work that fails until a time, and says when it was tried. */
function until(
  clock: { readonly now: () => number },
  atMs: number,
): { tried: number[]; work: () => Promise<string> } {
  const tried: number[] = [];
  return {
    tried,
    work: async () => {
      tried.push(clock.now());
      if (clock.now() < atMs) throw away;
      return "done";
    },
  };
}

it("[LE26] tries again with longer and longer pauses, and tells once that it waits, and once that it is over", async () => {
  const { clock, patience, notices } = waiting();
  patience.begin();
  const { tried, work } = until(clock, 5_000);
  const other = until(clock, 5_000);
  const both = Promise.all([patience.through(work), patience.through(other.work)]);
  await clock.advance(10_000);
  expect(await both).toEqual(["done", "done"]);
  expect(tried).toEqual([0, 100, 300, 700, 1_500, 3_100, 5_100]);
  expect(notices).toEqual([
    `The ledger ${name} does not answer: it is waited for, up to 60 seconds`,
    `The ledger ${name} is there again`,
  ]);
});

it("[LE26] gives up a minute after the server was there last, and waits as long the next time", async () => {
  const { clock, patience, notices } = waiting();
  patience.begin();
  const failing = patience.through(until(clock, Number.POSITIVE_INFINITY).work);
  const failed = expect(failing).rejects.toBe(away);
  await clock.advance(59_000);
  const late = expect(patience.through(until(clock, Number.POSITIVE_INFINITY).work)).rejects.toBe(away);
  await clock.advance(5_000);
  await failed;
  await late;
  expect(notices).toHaveLength(1);
  expect(await patience.through(async () => "done")).toBe("done");
  const again = until(clock, clock.now() + 40_000);
  const done = patience.through(again.work);
  await clock.advance(50_000);
  expect(await done).toBe("done");
  expect(notices).toHaveLength(4);
});

it("[LE26] waits for nothing before a run is held, after it is closed, and where something else is wrong", async () => {
  const { clock, patience, notices } = waiting();
  await expect(patience.through(until(clock, 1).work)).rejects.toBe(away);
  patience.begin();
  const wrong = new Error("wrong");
  await expect(patience.through(() => Promise.reject(wrong))).rejects.toBe(wrong);
  patience.end();
  await expect(patience.through(until(clock, 1).work)).rejects.toBe(away);
  expect(notices).toEqual([]);
});
