/**
 * The plan of a run: its first entities are computed in this process, and predictions made of what they took. They are
 * computed once: what comes of them is recorded like everything else.
 */
import { availableParallelism } from "node:os";
import type { BatchRequest } from "../api.ts";
import type { BatchPlan, SampleMeasure } from "../batch-plan.ts";
import type { ChunkRunner } from "../chunk-runner.ts";
import type { EntityChunk } from "../entity.ts";
import { planBatch } from "../planning/choose.ts";
import { measureSample, type SampleRoom, sampleSizes } from "../planning/measure-sample.ts";
import { planRun } from "../planning/plan-run.ts";
import type { BatchPolicy } from "../policy.ts";
import type { ResultFile } from "../results/result-file.ts";
import { timeText } from "../time-text.ts";
import { unlessAborted } from "./at-most.ts";
import type { Conductor } from "./conductor.ts";
import type { EarlyThreads } from "./early-threads.ts";
import type { EntityPages } from "./entity-pages.ts";
import { giveWay } from "./give-way.ts";

/** Of what a rate lets begin at once. */
const unusedShareMax = 0.02;

export interface SampleParts {
  readonly request: BatchRequest;
  readonly conductor: Conductor;
  readonly pages: EntityPages;
  readonly runner: ChunkRunner;
  /** Made while the sample is computed, where they may be wanted. */
  readonly threads?: EarlyThreads;
  /** Written as far as the sample goes, so that this is in what a row takes. */
  readonly file: Pick<ResultFile, "advance"> | undefined;
  /** Ends what is under way. */
  readonly signal: AbortSignal;
  /** How many entities there are, and whether somebody has counted. */
  readonly entities: number;
  readonly isEstimated: boolean;
}

/** `undefined` where the run was stopped meanwhile. */
export async function planFromSample(parts: SampleParts): Promise<BatchPlan | undefined> {
  const { request, conductor, pages, runner, threads, file, signal, entities } = parts;
  const { clock, policy, machine } = request;
  const { timeoutMs } = policy;
  const sample = await measureSample({
    runner,
    chunks: sampleChunks(conductor, sampleSizes(entities, threads?.sampleAtOnce)),
    clock,
    entities,
    atOnce: threads?.sampleAtOnce ?? 1,
    cores: machine?.cores ?? availableParallelism(),
    onOutcome: async ({ id }, outcome) => {
      conductor.tell({ kind: "outcome", id, outcome });
      await giveWay();
    },
    settle: async () => {
      await conductor.flush();
      await file?.advance();
    },
    options: { signal, ...(timeoutMs === undefined ? {} : { timeoutMs }) },
    onChunk: async (chunk, workMsLeast) => {
      await threads?.see(chunk, workMsLeast * (1 - pages.unchangedShare));
    },
    waitedMs: () => conductor.waitedMs,
    rowsRead: () => pages.read,
    unchangedShare: () => pages.unchangedShare,
  });
  if (conductor.isStopping) return undefined;
  noteLong(request, sample);
  try {
    return withinRate(await planned(parts, sample), policy);
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

/** Rejects also when the run is ended meanwhile. */
async function planned(
  { request, signal, entities, isEstimated, threads }: SampleParts,
  sample: Awaited<ReturnType<typeof measureSample>>,
): Promise<BatchPlan> {
  const { clock, policy, machine, pricePerCpuSecond, strategy, concurrency, chunkEntities } = request;
  const asked = request.queue;
  const queue = asked && { measure: () => unlessAborted(signal, asked.measure()) };
  const options = {
    strategy,
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(chunkEntities === undefined ? {} : { chunkEntities }),
    ...(policy.rate === undefined ? {} : { rate: policy.rate }),
    ...(policy.timeoutMs === undefined ? {} : { timeoutMs: policy.timeoutMs }),
  };
  const price = pricePerCpuSecond === undefined ? {} : { pricePerCpuSecond };
  const measured = { entities, isEstimated, sample, ...price };
  if (machine !== undefined) {
    const cluster = queue === undefined ? {} : { cluster: await queue.measure() };
    return planBatch({ ...measured, machine, ...cluster }, options);
  }
  return await planRun({
    ...measured,
    // A plan alone reads what was measured before, and writes nothing.
    ledger: {
      measures: (name) => request.ledger.measures(name),
      recordMeasures: async (name, values) => {
        if (request.isPlanOnly !== true) await request.ledger.recordMeasures(name, values);
      },
    },
    ...(queue === undefined ? {} : { queue }),
    options,
    onNotice: (message) => request.onEvent?.({ kind: "notice", message }),
    isPlanOnly: request.isPlanOnly === true,
    ...(threads === undefined ? {} : { threads }),
    nowMs: clock.date(),
  });
}

/** So many standard deviations longer than the mean are few. */
const surely = 2;

/** A chunk has the timeout of one entity. */
function noteLong({ policy, chunkEntities = 1, onEvent }: BatchRequest, sample: SampleMeasure): void {
  const { timeoutMs } = policy;
  const { chunkMs, entityMs, entityMsSpread } = sample;
  const longMs = chunkMs + chunkEntities * entityMs + surely * entityMsSpread * Math.sqrt(chunkEntities);
  if (timeoutMs === undefined || chunkEntities <= 1 || longMs <= timeoutMs) return;
  onEvent?.({
    kind: "notice",
    message: `chunks of ${chunkEntities} entities take up to ${timeText(longMs)}, and none may take more than the timeout of ${timeText(timeoutMs)}: they are lost first, then computed in parts; leave the chunk size to the plan, or make it smaller`,
  });
}

/**
 * Whole chunks fill what may begin at once, but for 2 %: where the next one is larger than what is left, nothing begins until there is room
 * for it. A chunk of one always does.
 */
function withinRate(plan: BatchPlan, { rate }: BatchPolicy): BatchPlan {
  const { chosen } = plan;
  if (rate === undefined) return plan;
  const jobsMax = Math.floor(rate.jobsMax);
  let size = Math.max(1, Math.min(chosen.chunkEntities, jobsMax));
  while (jobsMax % size > unusedShareMax * jobsMax) size--;
  return size === chosen.chunkEntities ? plan : { ...plan, chosen: { ...chosen, chunkEntities: size } };
}

async function* sampleChunks(
  conductor: Conductor,
  sizes: readonly number[],
): AsyncGenerator<EntityChunk, undefined, SampleRoom> {
  let room: SampleRoom = { untilMs: Number.POSITIVE_INFINITY, entitiesMax: Number.POSITIVE_INFINITY };
  // A rate may let fewer begin at a time, and a timeout allow no more.
  for (const size of sizes)
    for (let left = size; left > 0; ) {
      const taken = await conductor.takeSample(Math.min(left, room.entitiesMax), room.untilMs);
      if (taken === undefined) return;
      left -= taken.entities;
      if (taken.chunk !== undefined) room = yield taken.chunk;
    }
}
