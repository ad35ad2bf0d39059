/**
 * Changes for reading: a line a cell, grouped by attribute, long groups summarised.
 *
 *   revenue.churn: 0.025 → 0.04
 *   debt.closing: 36 cells
 *     [2026-01]  1,957,333.33 → 1,958,916.67
 *     … and 33 more
 *     [2028-12]  412,110.20 → 530,004.90
 */
import type { Change } from "@reckon/sheet";
import { cellName } from "./cell-labels.ts";
import { alignedTexts, shortText } from "./scalar-text.ts";
import { widestOf } from "./text-table.ts";

export interface ChangeLineOptions {
  /** A longer group shows its first cells and its last one. */
  readonly cellsMax: number;
  /** More attributes than this are counted only. */
  readonly attributesMax?: number;
}

/** Lines without line ends. Changes of one attribute must be neighbours. Cost: the changes. */
export function changeLines(changes: readonly Change[], options: ChangeLineOptions): string[] {
  const groups = new Map<string, Change[]>();
  for (const change of changes) {
    const group = groups.get(change.attribute);
    if (group === undefined) groups.set(change.attribute, [change]);
    else group.push(change);
  }
  const shown = [...groups].slice(0, options.attributesMax ?? groups.size);
  const lines = shown.flatMap(([attribute, group]) => groupLines(attribute, group, options.cellsMax));
  const rest = [...groups.values()].slice(shown.length);
  if (rest.length > 0) {
    const cells = rest.reduce((count, group) => count + group.length, 0);
    lines.push(`… and ${rest.length} more attributes (${cells} cells)`);
  }
  return lines;
}

function groupLines(attribute: string, changes: readonly Change[], cellsMax: number): string[] {
  const [first] = changes;
  if (first === undefined) return [];
  if (changes.length === 1) {
    const [before = "", after = ""] = textsOf([first]);
    return [`${cellName(attribute, first.at)}: ${before} → ${after}`];
  }
  const folded =
    changes.length > cellsMax ? [...changes.slice(0, Math.max(1, cellsMax - 1)), changes.at(-1)] : changes;
  const shown = folded.filter((change) => change !== undefined);
  const labels = shown.map((change) => `[${change.at.join(", ")}]`);
  const width = widestOf(labels);
  const texts = textsOf(shown);
  const lines = shown.map(
    (_, i) => `  ${(labels[i] as string).padEnd(width)}  ${texts[2 * i]} → ${texts[2 * i + 1]}`,
  );
  if (shown.length < changes.length) lines.splice(-1, 0, `  … and ${changes.length - shown.length} more`);
  return [`${attribute}: ${changes.length} cells`, ...lines];
}

/** Before and after of each change; numbers with the same decimals unless that would hide the difference. */
function textsOf(changes: readonly Change[]): string[] {
  const values = changes.flatMap((change) => [change.before, change.after]);
  const aligned = alignedTexts(values, undefined);
  return values.map((value, i) => {
    if (typeof value !== "number") return shortText(value);
    const text = aligned[i] as string;
    return aligned[i ^ 1] === text && typeof values[i ^ 1] === "number" ? String(value) : text;
  });
}
