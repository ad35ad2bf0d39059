/**
 * What threads cost on this machine, and what they do together: measured once, and kept in the ledger under a name
 * that holds platform, cores and Node's version, so with another of these it is measured again. What was measured while others used
 * the machine holds for an hour, the rest for 30 days; the next time on a busy machine the better speed-ups of both are taken, since others
 * can only make them less. What memory is free is looked at every time.
 *
 *   1. One call makes a thread: `spawnMs`. The next loads what computes entities: `importMs`.
 *   2. How much one thread computes in some time, and 2, 4 … of them together at once, by turns: speed-ups, from the most of both. They compute
 *      all that time: on a machine that others use threads are only spread over its cores after a while, and what they take varies
 *      from moment to moment. Numbers between are in proportion.
 *   3. Many small calls at once, and a megabyte there and back: what sending costs.
 *
 * Takes a second or so the first time, most of it imports, and one query after that.
 */
import { availableParallelism, loadavg } from "node:os";
import { createWorkerExecutor, type WorkerExecutor } from "@reckon/workers";
import { BatchError } from "../batch-error.ts";
import type { MachineMeasure } from "../batch-plan.ts";
import { chunkProgram } from "../evaluation/chunk-program.ts";
import type { Ledger, Measure } from "../ledger.ts";

/** Where measures are kept. */
export type MachineLedger = Pick<Ledger, "measures" | "recordMeasures">;

type Kept = Omit<MachineMeasure, "cores" | "speedUps" | "freeBytes">;
/** What was measured on threads; the speed-ups as in `MachineMeasure`. */
type MeasuredThreads = Kept & Pick<MachineMeasure, "speedUps">;

const hourMs = 3_600_000;
const keptMs = 30 * 24 * hourMs;
/** Above this load per core others have a part of what was measured. */
const quietLoad = 0.5;

const neverAborted: AbortSignal = new AbortController().signal;

const isFromSources = import.meta.url.endsWith(".ts");
const program = new URL(isFromSources ? "./measure-thread.ts" : "./measure-thread.js", import.meta.url);
/** So long threads compute, so often. */
const burnMs = 40;
const burnTimes = 4;
const trips = 9;
const echoes = 200;
const bytesSent = 1_000_000;

/**
 * The machine's constants, from the ledger or measured. Rejects with `BatchError` where no thread can be made, or `signal` gives it
 * up, or as the ledger does.
 *
 * @example
 * ```ts
 * const machine = await measureMachine(createMemoryLedger({ clock: systemClock }));
 * machine.speedUps[0]; // 1
 * ```
 */
export async function measureMachine(
  ledger: MachineLedger,
  nowMs: number = Date.now(),
  measure: (cores: number, signal: AbortSignal) => Promise<MeasuredThreads> = measureThreads,
  signal: AbortSignal = neverAborted,
  loadNow: () => number = () => loadavg()[0] ?? 0,
): Promise<MachineMeasure> {
  const kept = await keptMachine(ledger, nowMs);
  if (kept !== undefined) return kept;
  const cores = availableParallelism();
  const load = loadNow() / cores;
  const measured = await measure(cores, signal);
  const before = load > quietLoad ? await speedUpsBefore(ledger, cores) : [];
  const speedUps = measured.speedUps.map((each, i) => Math.max(each, before[i] ?? each));
  const found = { ...measured, speedUps };
  await ledger.recordMeasures(machineName(cores), { ...toRecord(found), load });
  return { cores, ...found, freeBytes: process.availableMemory() };
}

/** What was measured last, however old; empty where it never was. */
async function speedUpsBefore(
  ledger: Pick<MachineLedger, "measures">,
  cores: number,
): Promise<readonly (number | undefined)[]> {
  const kept = await ledger.measures(machineName(cores));
  return Array.from({ length: cores }, (_, i) => kept.get(`speed_up_${i + 1}`)?.value);
}

/** The constants, if they are in the ledger and still hold. */
export async function keptMachine(
  ledger: Pick<MachineLedger, "measures">,
  nowMs: number,
): Promise<MachineMeasure | undefined> {
  const cores = availableParallelism();
  const kept = readKept(await ledger.measures(machineName(cores)), cores, nowMs);
  return kept === undefined ? undefined : { cores, ...kept, freeBytes: process.availableMemory() };
}

/** `linux x64, 2 cores, node 24.21.0` */
export function machineName(cores: number): string {
  return `${process.platform} ${process.arch}, ${cores} cores, node ${process.versions.node}`;
}

const names: Readonly<Record<keyof Kept, string>> = {
  spawnMs: "spawn_ms",
  perTaskMs: "per_task_ms",
  perMegabyteMs: "per_megabyte_ms",
  importMs: "import_ms",
  threadBytes: "thread_bytes",
};
const keys = Object.keys(names) as readonly (keyof Kept)[];

function toRecord(found: MeasuredThreads): Readonly<Record<string, number>> {
  const record: Record<string, number> = {};
  for (const key of keys) record[names[key]] = found[key];
  for (const [i, speedUp] of found.speedUps.entries()) record[`speed_up_${i + 1}`] = speedUp;
  return record;
}

function readKept(
  measures: ReadonlyMap<string, Measure>,
  cores: number,
  nowMs: number,
): MeasuredThreads | undefined {
  const load = measures.get("load");
  if (load === undefined || nowMs - load.measuredAtMs > (load.value > quietLoad ? hourMs : keptMs))
    return undefined;
  const found = (name: string): number | undefined => measures.get(name)?.value;
  const speedUps = Array.from({ length: cores }, (_, i) => found(`speed_up_${i + 1}`));
  const constants = keys.map((key) => [key, found(names[key])] as const);
  if ([...speedUps, ...constants.map(([, value]) => value)].includes(undefined)) return undefined;
  return { ...(Object.fromEntries(constants) as Kept), speedUps: speedUps as number[] };
}

async function measureThreads(cores: number, signal: AbortSignal): Promise<MeasuredThreads> {
  const executor = createWorkerExecutor({ threads: cores });
  // What is under way is answered then, as cancelled.
  const giveUp = (): void => void executor.close();
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    if (signal.aborted) await executor.close();
    const bytesBefore = process.memoryUsage.rss();
    const firstMs = await timed(executor, 1, "burnFor", [0]);
    const spawnMs = firstMs;
    const importMs = await timed(executor, 1, "importProgram", [chunkProgram().href]);
    const threadBytes = Math.max(0, process.memoryUsage.rss() - bytesBefore);
    const speedUps = await measureSpeedUps(executor, cores);
    await timed(executor, echoes, "echo", [new Uint8Array(8)]);
    const perTaskMs = (await timed(executor, echoes, "echo", [new Uint8Array(8)])) / echoes;
    const megabyteMs = await median(() => timed(executor, 1, "echo", [new Uint8Array(bytesSent)]));
    const perMegabyteMs = Math.max(0, megabyteMs - perTaskMs) / 2;
    return { spawnMs, importMs, threadBytes, speedUps, perTaskMs, perMegabyteMs };
  } finally {
    signal.removeEventListener("abort", giveUp);
    await executor.close();
  }
}

/** For every number of threads up to the cores; measured at the powers of two and all of them. */
async function measureSpeedUps(executor: WorkerExecutor, cores: number): Promise<readonly number[]> {
  const counts: number[] = [1];
  for (let threads = 2; threads < 2 * cores; threads *= 2) counts.push(Math.min(threads, cores));
  // All threads are there and warm before anything counts.
  await callAll(executor, cores, "burnFor", [burnMs]);
  const done = new Map(counts.map((threads) => [threads, 0]));
  for (let i = 0; i < burnTimes; i++)
    for (const [threads, most] of done) {
      const rates = await callAll(executor, threads, "burnFor", [burnMs]);
      const rate = rates.reduce<number>((sum, each) => sum + Number(each), 0);
      done.set(threads, Math.max(most, rate));
    }
  const alone = done.get(1) as number;
  const measured = new Map([...done].map(([threads, most]) => [threads, within(most / alone, 1, threads)]));
  return spreadOut(measured, cores);
}

/** All numbers up to `cores`, those between two measured ones in proportion; more threads never do less. */
export function spreadOut(measured: ReadonlyMap<number, number>, cores: number): readonly number[] {
  const points = [...measured].toSorted(([a], [b]) => a - b);
  const all: number[] = [];
  for (let threads = 1; threads <= cores; threads++) {
    const above = points.find(([at]) => at >= threads) ?? (points.at(-1) as [number, number]);
    const below = points.findLast(([at]) => at <= threads) ?? above;
    const share = above[0] === below[0] ? 0 : (threads - below[0]) / (above[0] - below[0]);
    all.push(Math.max(all.at(-1) ?? 1, below[1] + (above[1] - below[1]) * share));
  }
  return all;
}

/** What it takes until so many calls at once are answered, in ms. */
async function timed(executor: WorkerExecutor, ...call: Calls): Promise<number> {
  const began = performance.now();
  await callAll(executor, ...call);
  return performance.now() - began;
}

type Calls = readonly [count: number, name: "burnFor" | "importProgram" | "echo", args: readonly unknown[]];

/** What so many calls at once give. */
async function callAll(executor: WorkerExecutor, ...[count, name, args]: Calls): Promise<readonly unknown[]> {
  const calls = Array.from({ length: count }, () => executor.call({ module: program, name, args }));
  const values: unknown[] = [];
  for (const outcome of await Promise.all(calls)) {
    if (outcome.kind !== "done")
      throw new BatchError("misuse", `threads cannot be measured: ${outcome.message}`);
    values.push(outcome.value);
  }
  return values;
}

async function median(measure: () => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < trips; i++) times.push(await measure());
  return times.sort((a, b) => a - b)[trips >> 1] as number;
}

function within(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}
