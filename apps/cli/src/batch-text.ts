/** What `reckon batch` says at the end, as text. */
import type { BatchSummary, VerifyReport } from "@reckon/batch";
import { costText, countText, percentText, spanText } from "./figure-texts.ts";

export interface SummaryPlace {
  readonly model: string;
  readonly axis: string;
  /** The file with the values, if one was asked for. */
  readonly out?: string;
  /** Whether the run can be looked at and resumed later. */
  readonly isRemembered: boolean;
}

type SummaryRow = readonly [name: string, text: string];

const mismatchesShownMax = 10;

/** Several lines with their ends. */
export function summaryText(summary: BatchSummary, place: SummaryPlace): string {
  const { run, state, entities, succeeded, failed, invalid, skipped, retried } = summary;
  const counts = [
    `${countText(succeeded)} succeeded`,
    ...counted(failed, "failed"),
    ...counted(invalid, "invalid"),
    ...counted(skipped, "skipped"),
    ...counted(retried, "retried"),
  ];
  const { open } = summary;
  const isCut = state === "interrupted" || state === "halted";
  const left = open === undefined ? (isCut ? ["the rest not yet"] : []) : counted(open, "not yet");
  const rows: SummaryRow[] = [
    ["entities", `${countText(entities + (open ?? 0))}: ${[...counts, ...left].join(", ")}`],
    ...equalRow(summary),
    ...strategyRow(summary),
    ...timeRows(summary),
    [
      "CPU",
      `${spanText(summary.cpuMs)} for the chunks${summary.cost === undefined ? "" : `, cost ${costText(summary.cost)}`}`,
    ],
    ...(summary.checksFailed === 0 ? [] : [["checks", `${countText(summary.checksFailed)} failed`] as const]),
    ...(summary.verify === undefined ? [] : [["compared", verifyText(summary.verify)] as const]),
    ["values", valuesText(summary, place)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`);
  return `${place.model} over ${place.axis} · ${state} · ${run}\n${lines.join("\n")}\n`;
}

/** What differed, a line each: for standard error. */
export function mismatchLines({ mismatches }: VerifyReport): readonly string[] {
  const lines = mismatches
    .slice(0, mismatchesShownMax)
    .map(
      ({ entity, attribute, at, expected, found, worker }) =>
        `${entity}: ${attribute}${at.length === 0 ? "" : `[${at.join(", ")}]`} is ${found} in the ledger (by ${worker}) and ${expected} when computed again`,
    );
  const rest = mismatches.length - lines.length;
  return rest > 0 ? [...lines, `and ${countText(rest)} more`] : lines;
}

function equalRow({ deduplicated }: BatchSummary): readonly SummaryRow[] {
  return deduplicated === 0 ? [] : [["equal", `${countText(deduplicated)} took the values of an equal one`]];
}

function counted(count: number, what: string): readonly string[] {
  return count === 0 ? [] : [`${countText(count)} ${what}`];
}

/** None where the run ended before a strategy was chosen. */
function strategyRow({ strategy, concurrency }: BatchSummary): readonly SummaryRow[] {
  if (strategy === null) return [];
  return [
    [
      "strategy",
      strategy === "sequential" ? strategy : `${strategy}, ${countText(concurrency ?? 1)} at once`,
    ],
  ];
}

/** Predicted and actual time are both of the whole run; what this session did of it stands below. */
function timeRows(summary: BatchSummary): readonly SummaryRow[] {
  const { actualMs, predictedMs, sessions, sessionMs, sessionEntities } = summary;
  const predicted = predictedMs === null ? "" : `, predicted ${spanText(predictedMs)}`;
  if (sessions === 1) return [["time", `${spanText(actualMs)}${predicted}`]];
  const ended = `${countText(sessionEntities)} ${sessionEntities === 1 ? "entity" : "entities"}`;
  return [
    ["time", `${spanText(actualMs)} in ${countText(sessions)} sessions${predicted}`],
    ["this session", `${ended} in ${spanText(sessionMs)}`],
  ];
}

function verifyText({
  sampled,
  ofEntities,
  mismatches,
  detectableShare,
  toleratedCells,
}: VerifyReport): string {
  if (sampled === 0) return "none could be computed again";
  const found =
    mismatches.length === 0
      ? "the same bits"
      : `${countText(mismatches.length)} ${mismatches.length === 1 ? "is" : "are"} different`;
  const loops =
    toleratedCells === 0 ? "" : `, ${countText(toleratedCells)} cells of loops within their tolerance`;
  const sure =
    sampled >= ofEntities
      ? "one that was wrong would have been found for certain"
      : `had ${percentText(detectableShare)} been wrong, one would have been found with 95 %`;
  return `${countText(sampled)} of ${countText(ofEntities)} computed again, ${found}${loops}; ${sure}`;
}

function valuesText({ run, state }: BatchSummary, { out, isRemembered }: SummaryPlace): string {
  const isWhole = state === "succeeded" || state === "failed";
  if (out !== undefined) return isWhole ? out : `${out} is written when the run is complete`;
  return isRemembered ? `reckon runs export ${run}` : "gone: there is no ledger, and no --out";
}
