/**
 * Second stage of the arguments: what they mean, as one variant a command with nothing optional left open. What does
 * not fit together is refused here with a sentence, before any file is touched.
 */
import { type BatchCommandRequest, batchRequest } from "./batch-request.ts";
import { type CacheRequest, cacheRequest } from "./cache-request.ts";
import { heavyRequest } from "./heavy-request.ts";
import { type LoopsRequest, loopsRequest } from "./loops-request.ts";
import { type HeavyRequest, type ModelRequest, type Refusal, splitLabels } from "./model-request.ts";
import { type PlanRequest, planRequest } from "./plan-request.ts";
import { type ProfileRequest, profileRequest } from "./profile-request.ts";
import type { RawCommand, RawOptions } from "./raw-options.ts";
import { type AdviseRequest, adviseRequest, type RunsRequest, runsRequest } from "./runs-request.ts";
import { type WorkerRequest, workerRequest } from "./worker-request.ts";

export interface RunRequest extends ModelRequest {
  readonly command: "run";
  readonly only: readonly string[];
  readonly format: "table" | "json" | "csv";
  readonly isFull: boolean;
  readonly hasStats: boolean;
}
export interface CheckRequest {
  readonly command: "check";
  readonly files: readonly string[];
  readonly isJson: boolean;
}
export interface FormatRequest {
  readonly command: "fmt";
  readonly files: readonly string[];
  readonly mode: "print" | "check" | "write";
}
export interface EvalRequest {
  readonly command: "eval";
  readonly formula: string;
  readonly sets: readonly string[];
  readonly isJson: boolean;
}
interface EvalLinesRequest {
  readonly command: "eval-lines";
}
export interface WatchRequest extends ModelRequest {
  readonly command: "watch";
  readonly only: readonly string[];
  readonly isJson: boolean;
}
export interface OpenRequest extends ModelRequest {
  readonly command: "open";
  /** What takes longer is left stale; `undefined`: nothing is. */
  readonly lazyAboveMs: number | undefined;
}
export interface WhyRequest extends ModelRequest {
  readonly command: "why";
  readonly attribute: string;
  /** Labels, in the order of the attribute's axes or any other. */
  readonly labels: readonly string[];
  readonly isJson: boolean;
}
export interface DiffRequest extends ModelRequest {
  readonly command: "diff";
  readonly left: string;
  readonly right: string;
  /** Every cell or range that differs, however many. */
  readonly isFull: boolean;
  readonly only: readonly string[];
  readonly isJson: boolean;
}

export type Request =
  | RunRequest
  | CheckRequest
  | FormatRequest
  | EvalRequest
  | EvalLinesRequest
  | WatchRequest
  | OpenRequest
  | WhyRequest
  | DiffRequest
  | LoopsRequest
  | PlanRequest
  | ProfileRequest
  | CacheRequest
  | BatchCommandRequest
  | RunsRequest
  | AdviseRequest
  | WorkerRequest;

/** An attribute that takes longer is not kept live in the terminal. */
const lazyMsDefault = 2_000;

/** The request behind the raw arguments, or why there is none. */
export function requestOf(raw: RawCommand): Request | Refusal {
  const { operands, options } = raw;
  const [first = "", second = "", third = ""] = operands;
  const isJson = options.json === true;
  const heavy = heavyRequest(options);
  if ("refused" in heavy) return heavy;
  const opened = (scenarios: readonly string[]) => modelRequest(first, scenarios, options, heavy);
  switch (raw.command) {
    case "run":
      if (isJson && options.csv) return { refused: "--json and --csv exclude each other" };
      return {
        command: "run",
        ...opened(operands.slice(1)),
        only: listed(options.only),
        format: isJson ? "json" : options.csv ? "csv" : "table",
        isFull: options.full === true,
        hasStats: options.stats === true,
      };
    case "check":
      return { command: "check", files: operands, isJson };
    case "fmt":
      return formatRequest(operands, options);
    case "eval":
      return evalRequest(operands, options);
    case "watch":
      return {
        command: "watch",
        ...opened(operands.slice(1)),
        only: listed(options.only),
        isJson,
      };
    case "open":
      return openRequest(opened(operands.slice(1)), options);
    case "why":
      return whyRequest(opened([]), second, options);
    case "diff":
      return {
        command: "diff",
        ...opened([second, third]),
        left: second,
        right: third,
        only: listed(options.only),
        isFull: options.full === true,
        isJson,
      };
    case "loops":
      return loopsRequest(opened(operands.slice(1)), options);
    case "profile":
      return profileRequest(opened(operands.slice(1)), options);
    case "plan":
      return planRequest(opened(operands.slice(1)), options, listed(options.only));
    case "cache":
      return cacheRequest(operands, options);
    case "batch":
      return batchRequest(opened(operands.slice(1)), options, listed(options.only));
    case "runs":
      return runsRequest(operands, options);
    case "advise":
      return adviseRequest(first, options);
    case "worker":
      return workerRequest(options, heavy);
  }
}

function openRequest(model: ModelRequest, { lazy }: RawOptions): OpenRequest | Refusal {
  const ms = lazy === undefined ? lazyMsDefault : Number(lazy);
  if (lazy !== "off" && !(ms >= 0 && lazy !== ""))
    return { refused: `--lazy ${lazy}: write a number of milliseconds, or off` };
  return { command: "open", ...model, lazyAboveMs: lazy === "off" ? undefined : ms };
}

function modelRequest(
  model: string,
  operands: readonly string[],
  options: RawOptions,
  heavy: HeavyRequest,
): ModelRequest {
  return {
    model,
    // A set behind a scenario is still a set: `--set a.b=1 c.d=2` and `a.b=1` read the same everywhere.
    scenarios: [...operands.filter((operand) => !isAssignment(operand)), ...listed(options.scenario)],
    sets: [...operands.filter(isAssignment), ...(options.set ?? [])],
    allowModules: options.allowModules === true,
    heavy,
  };
}

function isAssignment(operand: string): boolean {
  return /^[^=/\\]+\.[^=/\\]+=/.test(operand);
}

function formatRequest(files: readonly string[], options: RawOptions): FormatRequest | Refusal {
  if (options.check && options.write) return { refused: "--check and --write exclude each other" };
  if (options.write && files.includes("-")) {
    return { refused: "standard input (-) cannot be written in place; leave out --write" };
  }
  if (files.filter((file) => file === "-").length > 1)
    return { refused: "standard input (-) is there once only" };
  return { command: "fmt", files, mode: options.check ? "check" : options.write ? "write" : "print" };
}

function evalRequest(
  operands: readonly string[],
  options: RawOptions,
): EvalRequest | EvalLinesRequest | Refusal {
  // A formula is told by its `=` wherever it stands; without one the first operand is it.
  const at = Math.max(
    0,
    operands.findIndex((operand) => operand.trimStart().startsWith("=")),
  );
  const formula = operands[at];
  const assignments = operands.filter((_, i) => i !== at);
  const sets = [...assignments, ...(options.set ?? [])];
  if (options.jsonl) {
    if (formula !== undefined || sets.length > 0) {
      return { refused: "--jsonl reads its formulas and inputs from standard input; give no other" };
    }
    return { command: "eval-lines" };
  }
  if (formula === undefined) return { refused: "missing the formula; for example: reckon eval '=1+2'" };
  const wrong = sets.find((set) => !/^\s*[^\s=][^=]*=\s*\S/s.test(set));
  if (wrong !== undefined) return { refused: `cannot read --set ${wrong}: write name=value` };
  return { command: "eval", formula, sets, isJson: options.json === true };
}

function whyRequest(request: ModelRequest, cell: string, options: RawOptions): WhyRequest | Refusal {
  const match = /^\s*([^[\]]+?)\s*(?:\[(.*)\])?\s*$/s.exec(cell);
  const [, attribute = "", index] = match ?? [];
  if (!/^[^.\s]+\.[^.\s]+$/.test(attribute)) {
    return {
      refused: `cannot read the cell ${cell}: write block.attribute or block.attribute[member, period]`,
    };
  }
  if (request.scenarios.length > 1) return { refused: "why explains one scenario at a time" };
  return {
    command: "why",
    ...request,
    attribute,
    labels: splitLabels(index ?? ""),
    isJson: options.json === true,
  };
}

/** Lists may be given with commas, too: `--only debt.closing,debt.cash`. */
function listed(values: readonly string[] | undefined): readonly string[] {
  return (values ?? [])
    .flatMap((value) => value.split(","))
    .map((value) => value.trim())
    .filter(Boolean);
}
