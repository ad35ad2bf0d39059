import { describe, expect, it } from "vitest";
import { BatchError } from "../batch-error.ts";
import { createRecordSource } from "../doubles/record-source.ts";
import { createSimulatedClock, type SimulatedClock } from "../doubles/simulated-clock.ts";
import type { ChunkOutcome } from "../entity.ts";
import type { JobEngine, JobEvent, JobId, JobState } from "../job-engine.ts";
import { openWindow } from "./entity-window.ts";
import { JobCarrier } from "./job-carrier.ts";
import { type Portion, wholePortion } from "./portion.ts";
import type { SchedulerEvent } from "./scheduler-events.ts";

const outcome: ChunkOutcome = { kind: "lost", message: "as answered" };
const answer = new Uint8Array();
const id = "run-c0-a1" as JobId;

interface Carried {
  readonly carrier: JobCarrier;
  readonly clock: SimulatedClock;
  readonly tell: (event: JobEvent) => void;
  /** What the engine was asked for, with the ids of the jobs. */
  readonly asked: string[];
  readonly events: SchedulerEvent[];
  readonly notices: string[];
  readonly failures: unknown[];
  /** Jobs that are not waited for any more. */
  readonly dropped: JobId[];
  readonly send: () => Promise<void>;
}

/** A carrier over an engine that answers as it is told to. */
async function carried(given: Partial<JobEngine>): Promise<Carried> {
  const clock = createSimulatedClock();
  const asked: string[] = [];
  const events: SchedulerEvent[] = [];
  const notices: string[] = [];
  const failures: unknown[] = [];
  const dropped: JobId[] = [];
  const listeners = new Set<(event: JobEvent) => void>();
  const jobs = {
    enqueue: async (requests) => requests.map(() => "added" as const),
    withdraw: async (ids) => ids.map(() => true),
    states: async (ids) => ids.map((): JobState => "waiting"),
    answer: async () => undefined,
    forget: async (ids) => void asked.push(`forget ${ids.join()}`),
    events: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    ...given,
  } as JobEngine;
  const carrier = new JobCarrier({
    run: "run",
    jobs,
    packing: {
      pack: async () => new Uint8Array(),
      unpack: async () => ({ outcome }),
      drop: (job) => dropped.push(job),
    },
    clock,
    onEvent: (event) => events.push(event),
    onNotice: (message) => notices.push(message),
    onFailure: (error) => failures.push(error),
  });
  const rows = await openWindow(createRecordSource([{ id: "p0" }])).take(1);
  const portion: Portion = wholePortion(0, rows as NonNullable<typeof rows>);
  return {
    carrier,
    clock,
    tell: (event) => {
      for (const listener of [...listeners]) listener(event);
    },
    asked,
    events,
    notices,
    failures,
    dropped,
    send: async () => {
      carrier.send(portion);
      await carrier.settle();
      await clock.advance(0);
    },
  };
}

describe("the carrier", () => {
  it("[QU13] takes the answer of a job that was there already", async () => {
    const { send, events } = await carried({
      enqueue: async () => ["known"],
      states: async () => ["finished"],
      answer: async () => answer,
    });
    await send();
    expect(events).toEqual([{ kind: "outcome", id: "c0-a1", outcome }]);
  });

  it.each([
    ["dead", "lost"],
    ["failed", "failed"],
  ] as const)("[BA29] takes a job that was found %s as %s", async (state, kind) => {
    const { send, events } = await carried({ enqueue: async () => ["known"], states: async () => [state] });
    await send();
    expect(events).toMatchObject([{ kind: "outcome", id: "c0-a1", outcome: { kind } }]);
  });

  it("[BA29] has a job sent again that is unknown, or finished without its answer, which is forgotten first", async () => {
    for (const state of ["unknown", "finished"] as const) {
      const { send, events, asked } = await carried({
        enqueue: async () => ["known"],
        states: async () => [state],
      });
      await send();
      expect(events).toEqual([{ kind: "unknown", ids: ["c0-a1"] }]);
      expect(asked).toEqual(state === "finished" ? [`forget ${id}`] : []);
    }
  });

  it("[BA29] asks for everything that is not answered when the engine is there again", async () => {
    let states: JobState = "active";
    const { send, tell, carrier, events } = await carried({ states: async (ids) => ids.map(() => states) });
    await send();
    expect(events).toEqual([]);
    states = "unknown";
    tell({ kind: "connected", message: "again" });
    await carrier.settle();
    expect(events).toEqual([{ kind: "unknown", ids: ["c0-a1"] }]);
  });

  it("asks again a second later where the engine is away; anything else that goes wrong ends the run", async () => {
    let isAway = true;
    const away = await carried({
      enqueue: async () => {
        if (isAway) throw new BatchError("queue", "away");
        return ["added"];
      },
      states: async (ids) => ids.map((): JobState => "unknown"),
    });
    await away.send();
    expect([away.notices, away.failures]).toEqual([["away"], []]);
    isAway = false;
    await away.clock.advance(999);
    expect(away.events).toEqual([]);
    await away.clock.advance(1);
    expect(away.events).toEqual([{ kind: "unknown", ids: ["c0-a1"] }]);
    const wrong = new TypeError("wrong");
    const broken = await carried({ enqueue: () => Promise.reject(wrong) });
    await broken.send();
    expect([broken.notices, broken.failures]).toEqual([[], [wrong]]);
  });

  it("lets go of what was withdrawn, and hears no more of it", async () => {
    const { send, carrier, tell, events, dropped } = await carried({});
    await send();
    carrier.withdraw(["c0-a1" as never]);
    await carrier.settle();
    expect(events).toEqual([{ kind: "withdrawn", ids: ["c0-a1"] }]);
    expect(dropped).toEqual([id]);
    tell({ kind: "failed", id, message: "late" });
    expect(events).toHaveLength(1);
  });

  it("tells an outcome once, and nothing once it is closed", async () => {
    const { send, carrier, clock, tell, events, dropped } = await carried({});
    await send();
    tell({ kind: "active", id, worker: "w" });
    tell({ kind: "finished", id, answer });
    tell({ kind: "finished", id, answer });
    await clock.advance(0);
    expect(events).toEqual([
      { kind: "begun", id: "c0-a1", worker: "w" },
      { kind: "outcome", id: "c0-a1", outcome },
    ]);
    expect(dropped).toEqual([id]);
    await send();
    tell({ kind: "finished", id, answer });
    carrier.close();
    await clock.advance(0);
    expect(events).toHaveLength(2);
  });
});
