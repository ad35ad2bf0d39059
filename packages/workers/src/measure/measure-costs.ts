/**
 * What sending costs on this machine, measured by sending. Whatever else the machine does comes on top, so it is the lower quartile
 * that counts.
 *
 *   1. The first tasks make a thread; what it took until it was there, the pool knows.
 *   2. One task after another: the round trip.
 *   3. Many at once: what each adds.
 *   4. A large column there and back: what a megabyte adds.
 *
 * Rejects where a task was not done by a thread: what is answered at once would say that sending costs nothing, and that is
 * kept for all times.
 */
import type { DispatchCosts, Executor, Kernel, Task } from "@reckon/engine";
import { Column, type Shape } from "@reckon/value";
import { ownProgram } from "../pool/program-address.ts";

const small = { outer: 1, periods: 4 };
/** Two million bytes, there and back. */
const large = { outer: 1, periods: 125_000 };
const megabytes = 2;
/** What has just begun to run is two to five times slower. */
const tripsAtFirst = 700;
const trips = 300;
const batchTasks = 500;
const batchesAtFirst = 3;
const batches = 9;
const largeTrips = 9;

export async function measureCosts(
  submit: Executor["submit"],
  threads: number,
  spawnMs: () => number,
): Promise<DispatchCosts> {
  for (let i = 0; i < tripsAtFirst; i++) await timed(submit, [probe(small)]);
  const roundTripMs = await quartile(trips, () => timed(submit, [probe(small)]));
  const batch = (): Promise<number> =>
    timed(
      submit,
      Array.from({ length: batchTasks }, () => probe(small)),
    );
  for (let i = 0; i < batchesAtFirst; i++) await batch();
  const batchMs = await quartile(batches, batch);
  // The same one: memory that is touched for the first time costs as much where nothing is sent.
  const largeProbe = [probe(large)];
  const largeMs = await quartile(largeTrips, () => timed(submit, largeProbe));
  return {
    threads,
    roundTripMs,
    perTaskMs: Math.max(0, (batchMs - roundTripMs) / batchTasks),
    spawnMs: spawnMs(),
    perMegabyteMs: Math.max(0, (largeMs - roundTripMs) / megabytes),
  };
}

/** What is sent to measure; no work that anybody asked for. */
export const probeKernel: Kernel = {
  compute: () => undefined,
  remote: {
    program: ownProgram(new URL("./probe-program.ts", import.meta.url)),
    key: "probe",
    payload: null,
  },
};

function probe(shape: Shape): Task {
  const { outer, periods } = shape;
  return {
    id: 0,
    name: "measuring",
    kernel: probeKernel,
    inputs: [new Column(shape)],
    out: new Column(shape),
    box: { outerFrom: 0, outerTo: outer, from: 0, to: periods },
  };
}

/** What it takes until all are answered, in ms. */
async function timed(submit: Executor["submit"], tasks: readonly Task[]): Promise<number> {
  const { signal } = new AbortController();
  const began = performance.now();
  const outcomes = await Promise.all(tasks.map((task) => submit(task, signal)));
  const ms = performance.now() - began;
  for (const outcome of outcomes) {
    if (outcome.kind !== "done") throw new Error(`sending cannot be measured: ${outcome.message}`);
    if (outcome.worker === undefined) throw new Error("sending cannot be measured: no thread did it");
  }
  return ms;
}

async function quartile(count: number, measure: () => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) times.push(await measure());
  times.sort((a, b) => a - b);
  return times[count >> 2] as number;
}
