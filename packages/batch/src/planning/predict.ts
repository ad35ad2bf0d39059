/**
 * What each strategy would take for the entities that are left after the sample.
 *
 *   sequential   rows + chunks × opening + entities
 *   inside       the same, with the heavy calls of a chunk in rounds on threads
 *   threads      a start, then the chunks on their lanes (list-schedule.ts) beside what only this thread can do (rows, sending) and
 *                has not done meanwhile: as long as both go on they share the cores, then the longer one goes on alone
 *   cluster      the same with the threads of the workers for lanes; the sending goes over the queue
 *
 * What n threads do together was measured (`speedUps`). Work that waits for something leaves the cores to others: n threads of which each
 * computes a share s of its time load the cores like n × s. So work below 0.5 is also predicted with more threads than cores.
 *
 * Where a rate holds no strategy ends before the last entities may begin, and on a queue with a limit none before the last chunk may.
 *
 * The range holds the spread of the sample; CPU time is that of the chunks, as the ledger counts it, and prices are by it. Cost: for each number of threads one schedule.
 */
import { isWorthSending } from "@reckon/host";
import type { BatchMeasures, Prediction, StrategyName } from "../batch-plan.ts";
import type { RateLimit } from "../job-engine.ts";
import { chunkSize } from "./chunk-size.ts";
import { type ChunkTimes, type LaneRate, scheduleMs } from "./list-schedule.ts";

export interface PredictOptions {
  /** Entities that are left. */
  readonly entities: number;
  /** Threads of this machine; absent: the best. */
  readonly concurrency?: number;
  readonly chunkEntities?: number;
  /** No more entities may begin in a time; absent: as many as can. */
  readonly rate?: RateLimit;
  /** Entities may take so long: chunks run where they can be ended, on a thread that has no threads of its own. Absent: they need not. */
  readonly timeoutMs?: number;
}

/** Threads beyond the cores, for work that waits. */
const waitingThreadsMax = 64;
const nearShare = 0.01;
const rangeFactor = 1.96;
/** A chunk is there as rows, as columns of the model, and as the bytes of its values. */
const copiesHeld = 3;
/** Calls of a chunk for each thread that takes them: the last round is a small part then. */
const callsPerLane = 4;
const mostlyShare = 0.5;
const saturationMin = 0.01;
/** Below this the cores could do more at once. */
const waitingSaturation = 0.5;

/** One strategy with its best concurrency; `undefined` where it cannot be: no queue, or nothing to share. */
export function predictStrategy(
  strategy: StrategyName,
  measures: BatchMeasures,
  options: PredictOptions,
): Prediction | undefined {
  switch (strategy) {
    case "sequential":
      return finish(strategy, 1, measures, options, sequentialTime);
    case "inside":
      if (options.timeoutMs !== undefined) return finish(strategy, 1, measures, options, sequentialTime);
      return best(strategy, concurrencies(measures, options, true), measures, options, insideTime);
    case "threads":
      return best(strategy, concurrencies(measures, options, false), measures, options, threadsTime);
    case "cluster": {
      const { cluster } = measures;
      if (cluster === undefined) return undefined;
      const lanes = Math.max(1, cluster.threads);
      return finish(strategy, lanes, measures, options, clusterTime);
    }
  }
}

/** All strategies that can be, `sequential` first. */
export function predictAll(measures: BatchMeasures, options: PredictOptions): readonly Prediction[] {
  const names: StrategyName[] = ["sequential"];
  if (measures.sample.heavyShare > 0 && options.timeoutMs === undefined) names.push("inside");
  names.push("threads");
  if ((measures.cluster?.threads ?? 0) > 0) names.push("cluster");
  return names.map((name) => predictStrategy(name, measures, options)).filter((each) => each !== undefined);
}

/** What a strategy takes if an entity takes `entityMs`. */
interface Time {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly memoryBytes: number;
}
interface Lot {
  readonly entities: number;
  readonly entityMs: number;
  readonly chunkEntities: number;
  readonly chunks: number;
  readonly lanes: number;
}
type TimeOf = (lot: Lot, measures: BatchMeasures) => Time;

function sequentialTime(lot: Lot, { sample }: BatchMeasures): Time {
  const computeMs = lot.chunks * sample.chunkMs + lot.entities * lot.entityMs;
  const rowMs = lot.entities * sample.rowMs;
  return {
    wallMs: computeMs + rowMs,
    cpuMs: computeMs * cpuShareOf(sample),
    memoryBytes: chunkBytes(lot, sample.bytesPerEntity),
  };
}

/** Whether the calls of a chunk go to threads: what is declared heavy does, anything else where the host takes that to pay. */
function isSent(
  { calls, callMs, lanes }: { readonly calls: number; readonly callMs: number; readonly lanes: number },
  { sample, machine }: BatchMeasures,
): boolean {
  const { undeclaredShare = 0 } = sample;
  if (undeclaredShare < mostlyShare) return true;
  const { spawnMs, perTaskMs, perMegabyteMs } = machine;
  const costs = { threads: lanes, spawnMs, perTaskMs, perMegabyteMs, roundTripMs: perTaskMs };
  return isWorthSending({ count: calls, ms: calls * callMs, loadMs: 0 }, costs);
}

/** How much of the time by the clock is CPU time. */
function cpuShareOf({ cpuShare, saturation }: BatchMeasures["sample"]): number {
  return cpuShare ?? saturation;
}

function insideTime(lot: Lot, measures: BatchMeasures): Time {
  const { sample, machine } = measures;
  const plain = sequentialTime(lot, measures);
  const heavyMs = lot.entities * lot.entityMs * sample.heavyShare;
  const calls = Math.max(1, Math.round(lot.chunkEntities * sample.callsAtOnce));
  const lanes = Math.min(lot.lanes, calls);
  const callMs = heavyMs / Math.max(1, lot.chunks) / calls;
  if (!isSent({ calls, callMs, lanes: lot.lanes }, measures)) return plain;
  const times = {
    count: calls,
    ms: callMs,
    lastMs: callMs,
    spreadMs: (sample.entityMsSpread * sample.heavyShare) / Math.max(1, sample.callsAtOnce),
  };
  const inRoundsMs = lot.chunks * scheduleMs(times, lanes, rateOn(measures));
  const sentMs = lot.chunks * calls * machine.perTaskMs;
  const startMs = machine.spawnMs + machine.importMs;
  return {
    wallMs: startMs + plain.wallMs - heavyMs + inRoundsMs + sentMs,
    cpuMs: plain.cpuMs + sentMs + startMs * lot.lanes,
    memoryBytes: plain.memoryBytes + lot.lanes * machine.threadBytes,
  };
}

function threadsTime(lot: Lot, measures: BatchMeasures): Time {
  const { sample, machine } = measures;
  const lanes = Math.min(lot.lanes, Math.max(1, lot.chunks));
  const megabytes = (lot.entities * (sample.sentBytesPerEntity ?? sample.bytesPerEntity)) / 1e6;
  const sendMs = lot.chunks * machine.perTaskMs + megabytes * machine.perMegabyteMs;
  const hereMs = lot.entities * sample.rowMs + sendMs;
  const computeMs = lot.chunks * sample.chunkMs + lot.entities * lot.entityMs;
  const starting = lanes - Math.min(lanes, measures.threadsOpened ?? 0);
  // Those that are open begin at once: a part of the lanes starts.
  const importsMs =
    ((machine.importMs * starting) / coresFor(starting, machine.speedUps)) * (starting / lanes);
  const rateOf = rateOn(measures);
  const lanesMs = scheduleMs(chunkTimes(lot, sample), lanes, rateOf);
  const lateMs = hereMs - headStart(lot, lanes, hereMs, importsMs);
  // As long as both go on, this thread is one more that shares the cores.
  const bothMs = Math.min(lateMs, lanesMs * rateOf(lanes));
  const restMs = Math.max(lateMs - bothMs, lanesMs - bothMs / rateOf(lanes));
  const startMs = machine.spawnMs * (starting / lanes) + importsMs;
  return {
    wallMs: startMs + bothMs / rateOf(lanes + 1) + restMs,
    cpuMs: computeMs * cpuShareOf(sample),
    memoryBytes: lanes * (machine.threadBytes + chunkBytes(lot, sample.bytesPerEntity)),
  };
}

function clusterTime(lot: Lot, measures: BatchMeasures): Time {
  const { sample, machine, cluster } = measures;
  const lanes = Math.min(lot.lanes, Math.max(1, lot.chunks));
  const hereMs = lot.entities * sample.rowMs + lot.chunks * (cluster?.perJobMs ?? 0);
  const computeMs = lot.chunks * sample.chunkMs + lot.entities * lot.entityMs;
  const lateMs = hereMs - headStart(lot, lanes, hereMs, machine.importMs);
  const startMs = (cluster?.roundTripMs ?? 0) + machine.importMs;
  return {
    wallMs: startMs + Math.max(scheduleMs(chunkTimes(lot, sample), lanes), lateMs),
    cpuMs: computeMs * cpuShareOf(sample),
    memoryBytes: 2 * lanes * chunkBytes(lot, sample.bytesPerEntity),
  };
}

/** Chunks for each lane that may be in hand, and the part of the work here that comes before a chunk is computed. */
const chunksInHand = 2;
const workBefore = 0.5;

/** What is read and sent while the lanes are still starting. */
function headStart({ chunks }: Lot, lanes: number, hereMs: number, startMs: number): number {
  const share = Math.min(1, (chunksInHand * lanes) / Math.max(1, chunks));
  return Math.min(startMs, hereMs * workBefore * share);
}

/** Predicts each number of lanes that fits into memory, and takes the least of those that are next to the fastest. */
function best(
  strategy: StrategyName,
  lanes: readonly number[],
  measures: BatchMeasures,
  options: PredictOptions,
  timeOf: TimeOf,
): Prediction | undefined {
  const all = lanes.map((each) => finish(strategy, each, measures, options, timeOf));
  const fitting = all.filter((each) => fits(each, measures));
  if (fitting.length === 0) return all[0];
  const leastMs = Math.min(...fitting.map(({ wallMs }) => wallMs));
  return fitting.find(({ wallMs }) => wallMs <= leastMs * (1 + nearShare));
}

const freeShareMax = 0.8;

/** Whether a prediction leaves the machine a part of its memory. */
export function fits(prediction: Prediction, { machine }: BatchMeasures): boolean {
  return prediction.memoryBytes <= machine.freeBytes * freeShareMax;
}

/** Whether the work leaves the cores to others for more than half of its time. */
function isWaiting({ sample }: BatchMeasures): boolean {
  return sample.saturation < waitingSaturation;
}

/** Numbers of threads to look at, rising. */
function concurrencies(
  measures: BatchMeasures,
  { concurrency, entities }: PredictOptions,
  isInside: boolean,
): readonly number[] {
  if (concurrency !== undefined) return [Math.max(1, concurrency)];
  const { cores } = measures.machine;
  const most = isWaiting(measures) ? Math.max(cores, waitingThreadsMax) : cores;
  const max = isInside ? most : Math.min(most, entities);
  const all: number[] = [];
  for (let lanes = 2; lanes <= max; lanes = lanes < 16 ? lanes + 1 : Math.ceil(lanes * 1.25)) all.push(lanes);
  if (max >= 2 && all.at(-1) !== max) all.push(max);
  return all;
}

function finish(
  strategy: StrategyName,
  lanes: number,
  measures: BatchMeasures,
  options: PredictOptions,
  timeOf: TimeOf,
): Prediction {
  const { sample, pricePerCpuSecond } = measures;
  const { entities } = options;
  const chunkEntities = options.chunkEntities ?? sizeFor(strategy, lanes, measures, options);
  const chunks = Math.ceil(entities / chunkEntities);
  const at = (entityMs: number): Time =>
    timeOf({ entities, entityMs: Math.max(0, entityMs), chunkEntities, chunks, lanes }, measures);
  const time = at(sample.entityMs);
  const rangeMs = rangeFactor * sample.entityMsError;
  const limit = strategy === "cluster" ? measures.cluster?.limit : undefined;
  const beginMs = Math.max(
    lastBeginMs(options.rate, chunkEntities, entities, sample.entities),
    // Of the queue, which counts chunks.
    lastBeginMs(limit, 1, chunks, 0),
  );
  const wallMs = (each: Time): number => Math.max(each.wallMs, beginMs);
  const cost = pricePerCpuSecond === undefined ? {} : { cost: (time.cpuMs / 1000) * pricePerCpuSecond };
  return {
    strategy,
    concurrency: lanes,
    chunkEntities,
    wallMs: wallMs(time),
    wallMsLow: wallMs(at(sample.entityMs - rangeMs)),
    wallMsHigh: wallMs(at(sample.entityMs + rangeMs)),
    cpuMs: time.cpuMs,
    memoryBytes: Math.round(time.memoryBytes),
    ...cost,
  };
}

/** When the last chunk may begin: so many whole ones fit into each stretch of the rate, the sample into the first one. */
function lastBeginMs(
  rate: RateLimit | undefined,
  chunkEntities: number,
  entities: number,
  before: number,
): number {
  if (rate === undefined || entities === 0) return 0;
  const { jobsMax, perMs } = rate;
  const size = Math.min(chunkEntities, jobsMax);
  const together = Math.max(1, Math.floor(jobsMax / Math.max(1, size)) * size);
  return Math.max(0, Math.ceil((entities + Math.min(before, together)) / together) - 1) * perMs;
}

function sizeFor(
  strategy: StrategyName,
  lanes: number,
  { sample, cluster }: BatchMeasures,
  { entities, timeoutMs }: PredictOptions,
): number {
  const timed = timeoutMs === undefined ? {} : { timeoutMs };
  switch (strategy) {
    case "sequential":
      return chunkSize(sample, { entities, lanes: 1, ...timed });
    case "inside": {
      // The calls of a chunk are what its threads share, so there have to be some for each.
      const alone = chunkSize(sample, { entities, lanes: 1, ...timed });
      // One call after another.
      if (timeoutMs !== undefined) return alone;
      const forCalls = sample.callsAtOnce >= 1 ? Math.ceil((callsPerLane * lanes) / sample.callsAtOnce) : 1;
      return Math.max(alone, Math.min(forCalls, entities));
    }
    case "threads":
      return chunkSize(sample, { entities, lanes, ...timed });
    case "cluster":
      return chunkSize(sample, {
        entities,
        lanes,
        ...timed,
        ...(cluster === undefined ? {} : { chunkMsMin: cluster.chunkMsMin }),
      });
  }
}

function chunkTimes(lot: Lot, { chunkMs, entityMsSpread }: BatchMeasures["sample"]): ChunkTimes {
  const last = lot.entities - (lot.chunks - 1) * lot.chunkEntities;
  return {
    count: lot.chunks,
    ms: chunkMs + lot.chunkEntities * lot.entityMs,
    lastMs: chunkMs + last * lot.entityMs,
    spreadMs: entityMsSpread * Math.sqrt(lot.chunkEntities),
  };
}

function chunkBytes({ chunkEntities, entities }: Lot, bytesPerEntity: number): number {
  return copiesHeld * Math.min(chunkEntities, entities) * bytesPerEntity;
}

/** How fast each of so many threads does this work: they share the cores, but for the time that it waits. */
function rateOn({ sample, machine }: BatchMeasures): LaneRate {
  const share = Math.max(saturationMin, Math.min(1, sample.saturation));
  return (busy) => {
    const load = busy * share;
    return load <= 1 ? 1 : coresFor(load, machine.speedUps) / load;
  };
}

/** The measured speed-up, between two numbers of threads in proportion; more threads than cores do no more. */
function coresFor(threads: number, speedUps: readonly number[]): number {
  const at = Math.max(1, Math.min(threads, speedUps.length));
  const below = speedUps[Math.floor(at) - 1] ?? 1;
  const above = speedUps[Math.ceil(at) - 1] ?? below;
  return Math.max(1, below + (above - below) * (at - Math.floor(at)));
}
