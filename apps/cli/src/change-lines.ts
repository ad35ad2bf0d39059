/**
 * Changes for reading: grouped by attribute, neighbours that changed alike in one line, long groups summarised.
 *
 *   debt.reserve: 250,000 → 300,000
 *   revenue.churn: 0.025 → 0.04 (108 cells)
 *   debt.closing: 36 cells
 *     [2026-01 … 2026-11]  2,000,000.00 → 2,100,000.00
 *     [2026-12]            1,957,333.33 → 1,958,916.67
 *     … and 23 more
 *     [2028-12]              412,110.20 → 530,004.90
 *   3 more cells differ by rounding alone
 */
import type { Change } from "@reckon/sheet";
import type { Axis, Scalar } from "@reckon/value";
import { cellName } from "./cell-labels.ts";
import { boxesOf, type ChangeBox } from "./change-boxes.ts";
import { alignedTexts, clearText, shortText } from "./scalar-text.ts";
import { padTo, widestOf } from "./text-table.ts";

export interface ChangeLineOptions {
  /** A group with more lines shows its first ones and its last one. */
  readonly linesMax: number;
  /** More attributes than this are counted only. */
  readonly attributesMax?: number;
  /** Lists what differs by rounding alone, too, as solved loops do from one way to their solution to another. */
  readonly isExact?: boolean;
  /** The axes of an attribute, in the order of its labels. */
  readonly axesOf: (attribute: string) => readonly Axis[];
  /** The display format of an attribute's numbers. */
  readonly patternOf?: (attribute: string) => string | undefined;
}

/** Lines without line ends. Cost: the changes. */
export function changeLines(changes: readonly Change[], options: ChangeLineOptions): string[] {
  const groups = new Map<string, Change[]>();
  for (const change of changes) {
    const group = groups.get(change.attribute);
    if (group === undefined) groups.set(change.attribute, [change]);
    else group.push(change);
  }
  const rounded = options.isExact === true ? 0 : dropRounded(groups);
  const shown = [...groups].slice(0, options.attributesMax ?? groups.size);
  const lines = shown.flatMap(([attribute, group]) =>
    groupLines(
      attribute,
      boxesOf(group, options.axesOf(attribute)),
      options.linesMax,
      options.patternOf?.(attribute),
    ),
  );
  const rest = [...groups.values()].slice(shown.length);
  if (rest.length > 0) {
    const cells = rest.reduce((count, group) => count + group.length, 0);
    lines.push(
      `… and ${rest.length} more attribute${rest.length === 1 ? "" : "s"} (${cells} cell${cells === 1 ? "" : "s"})`,
    );
  }
  if (rounded > 0) {
    const cells = `${rounded}${groups.size === 0 ? "" : " more"} cell${rounded === 1 ? "" : "s"}`;
    lines.push(`${cells} differ${rounded === 1 ? "s" : ""} by rounding alone`);
  }
  return lines;
}

/** What moved by less than this share of the largest number around. */
const roundingShare = 1e-12;

/** Takes such changes out of the groups; how many there were. */
function dropRounded(groups: Map<string, Change[]>): number {
  let count = 0;
  for (const [attribute, group] of groups) {
    const sizes = group
      .flatMap(({ before, after }) => [before, after])
      .map((value) => (typeof value === "number" ? Math.abs(value) : 0));
    const least = roundingShare * sizes.reduce((most, size) => Math.max(most, size), 0);
    const kept = group.filter(
      ({ before, after }) =>
        typeof before !== "number" || typeof after !== "number" || !(Math.abs(after - before) <= least),
    );
    count += group.length - kept.length;
    if (kept.length === 0) groups.delete(attribute);
    else groups.set(attribute, kept);
  }
  return count;
}

function groupLines(
  attribute: string,
  boxes: readonly ChangeBox[],
  linesMax: number,
  pattern: string | undefined,
): string[] {
  const [first] = boxes;
  if (first === undefined) return [];
  if (boxes.length === 1) {
    const [before, after] = pairText(first, pattern);
    const count = first.cells === 1 ? "" : ` (${first.cells} cells)`;
    const name = first.isWhole && first.cells > 1 ? attribute : cellName(attribute, first.labels);
    return [`${name}: ${before} → ${after}${count}`];
  }
  const folded =
    boxes.length > linesMax ? [...boxes.slice(0, Math.max(1, linesMax - 1)), boxes.at(-1)] : boxes;
  const shown = folded.filter((box) => box !== undefined);
  const labels = shown.map((box) => `[${box.labels.join(", ")}]`);
  const texts = textsOf(shown, pattern);
  const width = widestOf(labels);
  const beforeWidth = widestOf(texts.map(([before]) => before));
  const lines = texts.map(
    ([before, after], i) =>
      `  ${padTo(labels[i] as string, width)}  ${padTo(before, beforeWidth, "start")} → ${after}`,
  );
  const cells = countOf(boxes);
  if (shown.length < boxes.length) lines.splice(-1, 0, `  … and ${cells - countOf(shown)} more`);
  return [`${attribute}: ${cells} cells`, ...lines];
}

function countOf(boxes: readonly ChangeBox[]): number {
  return boxes.reduce((count, box) => count + box.cells, 0);
}

/** Before and after of each box; numbers with the same decimals unless that would hide the difference. */
function textsOf(
  boxes: readonly ChangeBox[],
  pattern: string | undefined,
): (readonly [before: string, after: string])[] {
  const aligned = alignedTexts(
    boxes.flatMap((box) => [box.before, box.after]),
    pattern,
  );
  const textOf = (value: Scalar, i: number) =>
    typeof value === "number" ? (aligned[i] as string) : shortText(value);
  return boxes.map((box, i) => {
    const before = textOf(box.before, 2 * i);
    const after = textOf(box.after, 2 * i + 1);
    return before === after ? pairText(box) : [before, after];
  });
}

/** Before and after by the display format, or with the fewest digits that show the difference. */
function pairText({ before, after }: ChangeBox, pattern?: string): readonly [before: string, after: string] {
  if (pattern !== undefined) {
    const [left, right] = [before, after].map((value) =>
      typeof value === "number" ? (alignedTexts([value], pattern)[0] as string) : shortText(value),
    ) as [string, string];
    if (left !== right) return [left, right];
  }
  const texts = [shortText(before), shortText(after)] as const;
  // `0.1` and `0.1000` are two texts of one number.
  if (valueIn(texts[0]) !== valueIn(texts[1])) return texts;
  const clear = [clearText(before), clearText(after)] as const;
  return clear[0] === clear[1] ? [String(before), String(after)] : clear;
}

/** The number that a text shows, or the text. */
function valueIn(text: string): number | string {
  const number = Number(text.replaceAll(",", ""));
  return text === "" || Number.isNaN(number) ? text : number;
}
