import { EventEmitter } from "node:events";
import { createSimulatedClock, type JobEvent, type JobId } from "@reckon/batch";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { serverAddress } from "../server/server-address.ts";
import { BullmqEvents } from "./bullmq-events.ts";
import type { JobQueue } from "./bullmq-queue.ts";

const listening = vi.hoisted((): { events: EventEmitter | undefined } => ({ events: undefined }));
vi.mock("./bullmq-queue.ts", () => ({ openQueueEvents: () => listening.events }));

const clock = createSimulatedClock();
const roundTripMs = 20;
let states: Map<string, string>;
let heard: JobEvent[];
let events: BullmqEvents;

beforeEach(() => {
  states = new Map();
  heard = [];
  listening.events = Object.assign(new EventEmitter(), {
    waitUntilReady: async () => undefined,
    close: async () => undefined,
  });
  const queue = {
    getJobState: (id: string) =>
      new Promise((resolve) => clock.after(roundTripMs, () => resolve(states.get(id) ?? "unknown"))),
    getJob: async () => ({ returnvalue: { text: "done" } }),
  };
  events = new BullmqEvents({
    place: { address: serverAddress("redis://queue:1"), name: "reckon", queue: "q" },
    queue: queue as unknown as JobQueue,
    clock,
    life: async () => "1",
    onReturn: async () => undefined,
  });
  events.subscribe((event) => heard.push(event));
});
afterEach(() => events.close());

it("[BA29] many jobs in hand are asked for at once, a page a round trip", async () => {
  const ids = Array.from({ length: 2_500 }, (_, i) => `j${i}` as JobId);
  for (const id of ids) states.set(id, "completed");
  await events.take(ids);
  await clock.advance(1_000 + 5 * roundTripMs);
  expect(heard.filter(({ kind }) => kind === "finished")).toHaveLength(2_500);
});

it("[QU24] what the library says is wrong is told once, and once that it is over", async () => {
  await events.take(["j1" as JobId]);
  states.set("j1", "waiting");
  const denied = new Error("NOPERM this user has no permissions to run the 'xread' command");
  for (let k = 0; k < 3; k += 1) listening.events?.emit("error", denied);
  events.trouble(new Error("connect ECONNREFUSED 127.0.0.1:1"));
  events.trouble(new Error("could not renew lock for job j2"));
  events.trouble(denied);
  await clock.advance(3_000);
  expect(heard).toEqual([
    {
      kind: "disconnected",
      message: expect.stringContaining("does not let this user do what a queue needs"),
    },
  ]);
  events.untroubled();
  events.untroubled();
  expect(heard.slice(1)).toEqual([
    { kind: "connected", message: "The queue at redis://queue:1 gives out work again" },
  ]);
});
