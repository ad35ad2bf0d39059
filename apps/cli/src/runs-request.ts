/** What `reckon runs` and `reckon advise` were asked for: see request.ts. */
import { extname, resolve } from "node:path";
import type { RunFilter, RunId } from "@reckon/batch";
import { nearestName } from "@reckon/formula";
import { type RowFormat, rowFormatOf } from "@reckon/tables";
import { ledgerRequest } from "./ledger-place.ts";
import type { Refusal } from "./model-request.ts";
import { pastMsOf, wholeOf } from "./quantities.ts";
import type { RawOptions } from "./raw-options.ts";

interface LedgerLook {
  readonly ledger?: string;
  readonly isJson: boolean;
}
type ExportedRows = "values" | "entities" | "attempts" | "runs";
type ExportFormat = RowFormat | "json";

export type RunsRequest = LedgerLook & { readonly command: "runs" } & (
    | { readonly action: "list"; readonly filter: RunFilter; readonly limit: number }
    | { readonly action: "failures"; readonly filter: RunFilter; readonly limit: number }
    | { readonly action: "compare"; readonly filter: RunFilter }
    | { readonly action: "show"; readonly run: RunId | "last" }
    | {
        readonly action: "export";
        readonly run: RunId | "last";
        readonly what: ExportedRows;
        readonly filter: RunFilter;
        /** Absent: to standard output. */
        readonly path?: string;
        readonly format: ExportFormat;
      }
    | {
        readonly action: "forget";
        readonly which: { readonly runs: readonly RunId[] } | { readonly beforeMs: number };
        readonly isSure: boolean;
      }
  );

export interface AdviseRequest extends LedgerLook {
  readonly command: "advise";
  readonly model: string;
  readonly axis: string;
}

const actions = ["list", "show", "compare", "failures", "export", "forget"] as const;
type Action = (typeof actions)[number];
const exported = ["values", "entities", "attempts", "runs"] as const;
const limitDefault = 20;
const limitMax = 1_000_000;

/** Options that only some actions have, with these. */
const only: readonly (readonly [option: keyof RawOptions, flag: string, actions: readonly Action[]])[] = [
  ["model", "--model", ["list", "compare", "failures", "export"]],
  ["axis", "--axis", ["list", "compare", "failures", "export"]],
  ["since", "--since", ["list", "compare", "failures", "export"]],
  ["limit", "--limit", ["list", "compare", "failures", "export"]],
  ["what", "--what", ["export"]],
  ["out", "--out", ["export"]],
  ["before", "--before", ["forget"]],
  ["yes", "--yes", ["forget"]],
];

export function runsRequest(
  operands: readonly string[],
  options: RawOptions,
  nowMs: number = Date.now(),
): RunsRequest | Refusal {
  const [typed = "list", ...rest] = operands;
  const action = actions.find((each) => each === typed);
  if (action === undefined) return { refused: unknown(`runs ${typed}`, typed, actions) };
  const misplaced = only.find(
    ([option, , allowed]) => options[option] !== undefined && !allowed.includes(action),
  );
  if (misplaced !== undefined)
    return { refused: `${misplaced[1]} goes with runs ${misplaced[2].join(", ")}` };
  const place = placeOf(options);
  if ("refused" in place) return place;
  const look = { command: "runs" as const, ...place, isJson: options.json === true };
  const most = action === "forget" ? rest.length : action === "show" || action === "export" ? 1 : 0;
  const surplus = rest[most];
  if (surplus !== undefined)
    return { refused: `runs ${action} takes ${most === 0 ? "no operand" : "one run"}, and got ${surplus}` };
  const chosen = filterOf(options, nowMs);
  if ("refused" in chosen) return chosen;
  const { filter, limit } = chosen;
  switch (action) {
    case "list":
    case "failures":
      return { ...look, action, filter, limit };
    case "compare":
      // Of all runs, unless something else is asked for.
      return { ...look, action, filter: options.limit === undefined ? filter : { ...filter, limit } };
    case "show":
      return { ...look, action, run: runOf(rest[0]) };
    case "export":
      return exportOf(look, rest[0], options, filter);
    case "forget":
      return forgetOf(look, rest, options, nowMs);
  }
}

export function adviseRequest(model: string, options: RawOptions): AdviseRequest | Refusal {
  const axis = options.over?.trim() ?? "";
  if (axis === "")
    return { refused: `advise needs the axis of the runs: reckon advise ${model} --over player` };
  const place = placeOf(options);
  if ("refused" in place) return place;
  return { command: "advise", model, axis, ...place, isJson: options.json === true };
}

function placeOf({ ledger }: RawOptions): { readonly ledger?: string } | Refusal {
  const place = ledgerRequest(ledger);
  if ("refused" in place) return place;
  if (place.place === "off") return { refused: "there is nothing to look at with --ledger off" };
  return place.place === undefined ? {} : { ledger: place.place };
}

function runOf(typed: string | undefined): RunId | "last" {
  return (typed ?? "last") as RunId | "last";
}

function filterOf(
  { model, axis, since, limit }: RawOptions,
  nowMs: number,
): { readonly filter: RunFilter; readonly limit: number } | Refusal {
  const sinceMs = since === undefined ? undefined : pastMsOf(since, nowMs);
  if (since !== undefined && sinceMs === undefined)
    return { refused: `--since ${since}: write a day, as in 2026-11-01, or how long ago, as in 24h or 7d` };
  const most = limit === undefined ? limitDefault : wholeOf(limit, 1, limitMax);
  if (most === undefined) return { refused: `--limit ${limit}: write a whole number from 1 on` };
  return {
    filter: {
      // A run knows its model by its name, and by the file's absolute path.
      ...(model === undefined ? {} : { model: model.endsWith(".reckon") ? resolve(model) : model }),
      ...(axis === undefined ? {} : { axis }),
      ...(sinceMs === undefined ? {} : { sinceMs }),
    },
    limit: most,
  };
}

function exportOf(
  look: LedgerLook & { readonly command: "runs" },
  run: string | undefined,
  { what = "values", out, limit }: RawOptions,
  filter: RunFilter,
): RunsRequest | Refusal {
  const rows = exported.find((each) => each === what);
  if (rows === undefined) return { refused: unknown(`--what ${what}`, what, exported) };
  if (rows === "runs" && run !== undefined)
    return { refused: "export --what runs writes a line a run; it takes no run" };
  if (rows !== "runs" && (filter.model ?? filter.axis ?? filter.sinceMs ?? limit) !== undefined)
    return {
      refused: `export --what ${rows} writes one run; --model, --axis, --since and --limit go with --what runs`,
    };
  const format = out === undefined ? (look.isJson ? "json" : "csv") : formatOf(out);
  if (format === undefined)
    return {
      refused: `--out ${out}: the file's ending says what is written: .csv, .json, .jsonl or .parquet`,
    };
  return {
    ...look,
    action: "export",
    run: runOf(run),
    what: rows,
    filter: limit === undefined ? filter : { ...filter, limit: Number(limit) },
    ...(out === undefined ? {} : { path: out }),
    format,
  };
}

function formatOf(path: string): ExportFormat | undefined {
  return extname(path).toLowerCase() === ".json" ? "json" : rowFormatOf(path);
}

function forgetOf(
  look: LedgerLook & { readonly command: "runs" },
  runs: readonly string[],
  { before, yes }: RawOptions,
  nowMs: number,
): RunsRequest | Refusal {
  const beforeMs = before === undefined ? undefined : pastMsOf(before, nowMs);
  if (before !== undefined && beforeMs === undefined)
    return { refused: `--before ${before}: write a day, as in 2026-01-01, or how long ago, as in 90d` };
  if ((beforeMs === undefined) === (runs.length === 0))
    return {
      refused:
        runs.length === 0
          ? "which runs? for example: reckon runs forget 20261121T143000-4f2a91, or --before 90d"
          : "runs forget takes runs, or --before, not both",
    };
  const which = beforeMs === undefined ? { runs: runs as readonly RunId[] } : { beforeMs };
  return { ...look, action: "forget", which, isSure: yes === true };
}

function unknown(what: string, typed: string, names: readonly string[]): string {
  const near = nearestName(typed, [...names]);
  return `${what}: there are ${names.join(", ")}${near === undefined ? "" : `; did you mean ${near}?`}`;
}
