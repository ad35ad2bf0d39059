/** What `reckon batch` was asked for: see request.ts. Nothing here touches a file, and no address is repeated. */
import type { BatchPolicy, HaltPolicy, ResumeMode, StrategyName } from "@reckon/batch";
import { nearestName } from "@reckon/formula";
import { type RowFormat, rowFormatOf } from "@reckon/tables";
import { ledgerRequest } from "./ledger-place.ts";
import type { ModelRequest, Refusal } from "./model-request.ts";
import { countOrShareOf, haltOf, rateOf, waitMsOf, wholeOf } from "./quantities.ts";
import { queueRequest } from "./queue-place.ts";
import type { RawOptions } from "./raw-options.ts";

export interface BatchCommandRequest extends ModelRequest {
  readonly command: "batch";
  readonly axis: string;
  /** In the place of the axis's table. */
  readonly rows?: string;
  readonly only: readonly string[];
  /** Measure and predict, and record nothing. */
  readonly isPlanOnly: boolean;
  readonly strategy: StrategyName | "auto";
  readonly chunkEntities?: number;
  /** Address of the queue. */
  readonly queue?: string;
  readonly out?: { readonly path: string; readonly format: RowFormat };
  readonly policy: BatchPolicy;
  /** An error value is a failure. */
  readonly errorsFail: boolean;
  readonly priorityColumn?: string;
  readonly resume: ResumeMode;
  readonly skipUnchanged: boolean;
  readonly isEachComputed: boolean;
  readonly verify?: { readonly count: number } | { readonly share: number };
  readonly price?: number;
  /** A file or an address, or `off`; absent: the default file. */
  readonly ledger?: string;
  readonly seed?: number;
  /** Absent: text at a terminal, else JSON lines. */
  readonly form?: "text" | "json";
}

const strategies = ["sequential", "inside", "threads", "cluster"] as const;
const retriesDefault = 2;
const retriesMax = 1000;
const chunkMax = 1_000_000;
const seedMax = 2 ** 32 - 1;
const backOff = { firstMs: 500, factor: 2, longestMs: 30_000, jitter: 0.5 };

export function batchRequest(
  model: ModelRequest,
  options: RawOptions,
  only: readonly string[],
): BatchCommandRequest | Refusal {
  const axis = options.over?.trim() ?? "";
  if (axis === "")
    return {
      refused: `batch needs the axis whose members are the entities: reckon batch ${model.model} --over player`,
    };
  if (model.scenarios.length > 1)
    return { refused: `batch runs one scenario at a time, not ${model.scenarios.join(", ")}` };
  const policy = policyOf(options, model);
  if ("refused" in policy) return policy;
  const where = placesOf(options);
  if ("refused" in where) return where;
  const how = choicesOf(options, where.queue !== undefined, where.ledger === "off");
  if ("refused" in how) return how;
  if (how.strategy === "threads" && model.heavy.threads === 0)
    return { refused: "--strategy threads needs threads, and --threads off has none" };
  const { priority, rows } = options;
  const empty = [
    ["--priority", "a column", priority],
    ["--rows", "a file", rows],
  ].find(([, , typed]) => typed?.trim() === "");
  if (empty !== undefined) return { refused: `${empty[0]} needs ${empty[1]}` };
  return {
    command: "batch",
    ...model,
    axis,
    ...(rows === undefined ? {} : { rows }),
    only,
    isPlanOnly: options.plan === true,
    ...how,
    ...where,
    policy,
    errorsFail: options.errorsFail === true,
    ...(priority === undefined ? {} : { priorityColumn: priority }),
    skipUnchanged: options.skipUnchanged === true,
    isEachComputed: options.deduplicate === false,
    ...(options.json === true ? { form: "json" } : options.text === true ? { form: "text" } : {}),
  };
}

type Places = Pick<BatchCommandRequest, "queue" | "ledger" | "out">;

function placesOf({ ledger, queue, out }: RawOptions): Places | Refusal {
  const remembered = ledgerRequest(ledger);
  if ("refused" in remembered) return remembered;
  const queued = queueRequest(queue);
  if ("refused" in queued) return queued;
  const format = out === undefined ? undefined : rowFormatOf(out);
  if (out !== undefined && format === undefined)
    return { refused: `--out ${out}: the file's ending says what is written: .csv, .jsonl or .parquet` };
  return {
    ...(remembered.place === undefined ? {} : { ledger: remembered.place }),
    ...(queued.url === undefined ? {} : { queue: queued.url }),
    ...(out === undefined || format === undefined ? {} : { out: { path: out, format } }),
  };
}

type Choices = Pick<
  BatchCommandRequest,
  "strategy" | "chunkEntities" | "resume" | "verify" | "price" | "seed"
>;

function choicesOf(options: RawOptions, hasQueue: boolean, isForgotten: boolean): Choices | Refusal {
  const { strategy = "auto", chunk, verify, price, seed } = options;
  const named = strategies.find((each) => each === strategy);
  if (named === undefined && strategy !== "auto") return { refused: unknownStrategy(strategy) };
  if (named === "cluster" && !hasQueue)
    return {
      refused: "--strategy cluster needs the address of a queue: --queue redis://…, or RECKON_QUEUE_URL",
    };
  if (options.json === true && options.text === true)
    return { refused: "--json and --text exclude each other" };
  if (options.retryFailed === true && options.resume === false)
    return { refused: "--retry-failed and --no-resume exclude each other" };
  if (options.retryFailed === true && options.plan === true)
    return {
      refused:
        "--plan predicts a whole run, and --retry-failed computes a part of one: leave out one of them",
    };
  if (isForgotten && (options.retryFailed === true || options.skipUnchanged === true))
    return {
      refused: `--ledger off remembers nothing, so there is nothing for ${options.retryFailed === true ? "--retry-failed" : "--skip-unchanged"}`,
    };
  const entities = chunk === undefined ? undefined : wholeOf(chunk, 1, chunkMax);
  if (chunk !== undefined && entities === undefined)
    return { refused: `--chunk ${chunk}: write a whole number from 1 to ${chunkMax}` };
  const sample = verify === undefined ? undefined : countOrShareOf(verify);
  if (verify !== undefined && sample === undefined)
    return { refused: `--verify ${verify}: write how many, as in 10, or a share, as in 5%` };
  const amount = price === undefined ? undefined : Number(price.trim() || Number.NaN);
  if (amount !== undefined && !(amount >= 0 && amount < Number.POSITIVE_INFINITY))
    return { refused: `--price ${price}: write what a vCPU-second costs, as in 0.00001` };
  const chance = seed === undefined ? undefined : wholeOf(seed, 0, seedMax);
  if (seed !== undefined && chance === undefined)
    return { refused: `--seed ${seed}: write a whole number from 0 to ${seedMax}` };
  return {
    strategy: named ?? "auto",
    resume: options.retryFailed === true ? "retry-failed" : options.resume === false ? "never" : "auto",
    ...(entities === undefined ? {} : { chunkEntities: entities }),
    ...(sample === undefined ? {} : { verify: sample }),
    ...(amount === undefined ? {} : { price: amount }),
    ...(chance === undefined ? {} : { seed: chance }),
  };
}

function unknownStrategy(typed: string): string {
  const near = nearestName(typed, [...strategies]);
  return `--strategy ${typed}: there are ${strategies.join(", ")}${near === undefined ? "" : `; did you mean ${near}?`}`;
}

function policyOf(options: RawOptions, { heavy }: ModelRequest): BatchPolicy | Refusal {
  const { retries, timeout, rate, delay, halt } = options;
  const again = retries === undefined ? retriesDefault : wholeOf(retries, 0, retriesMax);
  if (again === undefined)
    return { refused: `--retries ${retries}: write a whole number from 0 to ${retriesMax}` };
  const timeoutMs = timeout === undefined ? undefined : waitMsOf(timeout);
  if (timeout !== undefined && !(timeoutMs !== undefined && timeoutMs >= 1))
    return { refused: `--timeout ${timeout}: write a time up to 24d, as in 500ms, 5s or 10m` };
  const limit = rate === undefined ? undefined : rateOf(rate);
  if (rate !== undefined && limit === undefined)
    return { refused: `--rate ${rate}: write entities a time, as in 100/s or 6000/min` };
  const delayMs = delay === undefined ? undefined : waitMsOf(delay);
  if (delay !== undefined && delayMs === undefined)
    return { refused: `--delay ${delay}: write a time up to 24d, as in 30s or 10m` };
  const halting: HaltPolicy | undefined = halt === undefined ? undefined : haltOf(halt);
  if (halt !== undefined && halting === undefined)
    return { refused: `--halt ${halt}: write soon,fail=5%, or now,fail=3` };
  return {
    retry: { attemptsMax: again + 1, ...backOff },
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(limit === undefined ? {} : { rate: limit }),
    ...(delayMs === undefined || delayMs === 0 ? {} : { delayMs }),
    ...(halting === undefined ? {} : { halt: halting }),
    ...(heavy.memoryMb === undefined ? {} : { memoryMb: heavy.memoryMb }),
  };
}
