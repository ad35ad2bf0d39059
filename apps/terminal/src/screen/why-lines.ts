/** Explanations as lines of text: the side pane, and (wider) the page that `w` opens. */
import { type Explanation, residualLogs, solveAdvice, solveText, startText } from "@reckon/sheet";
import { isErrorValue, type Scalar } from "@reckon/value";
import { readableScalar } from "../grid/cell-text.ts";
import { sparkline } from "../grid/sparkline.ts";
import { cellTitle } from "../session/cell-path.ts";
import { cutEnd, padEnd, widthOf } from "./text-width.ts";
import type { Theme, Tone } from "./theme.ts";

/** Writes a value of an attribute. */
type ShowValue = (value: Scalar, attribute: string) => string;

export interface PaneLine {
  readonly tone: Tone;
  readonly text: string;
}

/** Cells shown between an error and where it began. */
const chainCellsMax = 4;

const shownCostMsMin = 0.1;
const residualsShownMax = 12;

/** Where an error began and what it means, in one line. */
export function errorSentence(why: Explanation): string | undefined {
  // What has no value yet is no error; its sign and the line about it say so.
  if (why.error === undefined || why.error.code === "#BUSY!") return undefined;
  const { code, origin, detail } = why.error;
  const isHere =
    origin === undefined ||
    (origin.attribute === why.attribute && origin.at.join("\n") === why.at.join("\n"));
  const place = isHere ? "begins here" : `began in ${cellTitle(origin.attribute, origin.at)}`;
  return `${code} ${place}: ${detail ?? meaningOf(code)}`;
}

const meanings: Readonly<Record<string, string>> = {
  "#NULL!": "two ranges have no cell in common",
  "#DIV/0!": "a division by zero",
  "#VALUE!": "a value of the wrong kind",
  "#REF!": "a reference to nothing",
  "#NAME?": "an unknown name",
  "#NUM!": "a number that cannot be: too large, or no result",
  "#N/A": "a value that is not available",
  "#CALC!": "an array without cells",
  "#SPILL!": "an array where one value belongs",
  "#CYCLE!": "a loop that found no solution",
  "#BUSY!": "the result is still being computed",
};

function meaningOf(code: string): string {
  return meanings[code] ?? "an error";
}

/** All lines; the caller cuts what does not fit. `width` is the pane's; `show` writes values. */
export function whyLines(
  why: Explanation,
  width: number,
  theme: Theme,
  show: ShowValue = readableScalar,
): readonly PaneLine[] {
  const lines: PaneLine[] = [];
  const name = cellTitle(why.attribute, why.at);
  lines.push({ tone: "heading", text: name });
  if (why.label !== undefined) lines.push({ tone: "dim", text: why.label });
  lines.push({
    tone: isErrorValue(why.value) ? "error" : "plain",
    text: `${theme.glyphs.result} ${why.unconverged === undefined ? "" : theme.glyphs.unconverged}${withUnit(why, show)}`,
  });
  addError(lines, why, width, theme);
  addUnconverged(lines, why, width, theme);
  if (why.override !== undefined)
    lines.push({
      tone: "override",
      text: `${theme.glyphs.override} ${why.kind} in ${why.override.scenario}, else ${show(why.override.parentValue, why.attribute)}`,
    });
  if (why.substituted !== undefined)
    for (const text of wrap(`= ${why.substituted}`, width)) lines.push({ tone: "plain", text });
  addPrecedents(lines, why, width, theme, show);
  addLoop(lines, why, width, theme);
  lines.push({ tone: "plain", text: "" }, { tone: "heading", text: "WHY" });
  for (const text of wrap(why.reason, width)) lines.push({ tone: "plain", text });
  // Less is nobody's concern, and would make the pane differ from run to run.
  if (why.costMs !== undefined && why.costMs >= shownCostMsMin)
    lines.push({ tone: "dim", text: `takes ${why.costMs.toFixed(2)} ms to compute` });
  if (why.dependents.length > 0) {
    lines.push({ tone: "plain", text: "" }, { tone: "heading", text: "READ BY" });
    for (const dependent of why.dependents) lines.push({ tone: "plain", text: dependent });
  }
  return lines;
}

function withUnit(why: Explanation, show: ShowValue): string {
  const value = show(why.value, why.attribute);
  return why.unit === undefined ? value : `${value} ${why.unit}`;
}

function addError(lines: PaneLine[], why: Explanation, width: number, theme: Theme): void {
  const said = errorSentence(why);
  if (said === undefined) return;
  for (const text of wrap(`${theme.glyphs.error} ${said}`, width)) lines.push({ tone: "error", text });
  const between = why.error?.chain.slice(1, -1) ?? [];
  if (between.length === 0) return;
  const shown = between.slice(0, chainCellsMax).map(({ attribute, at }) => cellTitle(attribute, at));
  const more = between.length > chainCellsMax ? ` and ${between.length - chainCellsMax} more` : "";
  for (const text of wrap(`by way of ${shown.join(", ")}${more}`, width)) lines.push({ tone: "dim", text });
}

function addPrecedents(
  lines: PaneLine[],
  why: Explanation,
  width: number,
  theme: Theme,
  show: ShowValue,
): void {
  if (why.precedents.length === 0) return;
  lines.push({ tone: "plain", text: "" }, { tone: "heading", text: "PRECEDENTS" });
  why.precedents.forEach((precedent, i) => {
    const isLast = i === why.precedents.length - 1;
    const branch = isLast ? theme.glyphs.lastBranch : theme.glyphs.branch;
    const room = width - widthOf(precedent.written) - 5;
    const value = valueText(precedent.value, room, (value) => show(value, precedent.attribute));
    const mark = precedent.hasChanged ? theme.glyphs.changed : " ";
    const nameWidth = Math.max(6, width - widthOf(value) - 5);
    const name = padEnd(precedent.written, nameWidth, theme.glyphs.ellipsis);
    const text = `${branch} ${name} ${value} ${mark}`.trimEnd();
    lines.push({ tone: "plain", text });
  });
}

/** Of several cells the first two, or fewer where the name of what is read would not stay whole. */
function valueText(value: Scalar | readonly Scalar[], room: number, show: (value: Scalar) => string): string {
  if (!isCells(value)) return show(value);
  const count = `(${value.length})`;
  const texts = [2, 1].map((most) => {
    const shown = value.slice(0, most).map(show).join(", ");
    return value.length > most ? `${shown} … ${count}` : shown;
  });
  return texts.find((text) => widthOf(text) <= room) ?? count;
}

function isCells(value: Scalar | readonly Scalar[]): value is readonly Scalar[] {
  return Array.isArray(value);
}

function addLoop(lines: PaneLine[], why: Explanation, width: number, theme: Theme): void {
  if (why.loop === undefined) return;
  const { iterations, residuals, verdict } = why.loop;
  lines.push(
    { tone: "plain", text: "" },
    { tone: "heading", text: `LOOP  ${iterations} ${iterations === 1 ? "iteration" : "iterations"}` },
  );
  const isSolved = verdict === "converged";
  const tone = isSolved ? "good" : "warning";
  const spark = sparkline(residualLogs(residuals), residualsShownMax, theme.glyphs.sparks);
  if (spark !== "") lines.push({ tone, text: spark });
  for (const text of wrap(solveText(why.loop), width)) lines.push({ tone, text });
  for (const advice of solveAdvice(why.loop)) {
    for (const text of wrap(advice, width)) lines.push({ tone: isSolved ? "dim" : "warning", text });
  }
  for (const cut of why.loop.cuts) {
    const began = `${startText(why.loop, cut)}${isSolved ? ": it chose the solution" : ""}`;
    for (const text of wrap(began, width)) lines.push({ tone: "dim", text });
  }
}

/** A cell that is behind a loop which was not solved says by which way; in the loop itself that is told already. */
function addUnconverged(lines: PaneLine[], why: Explanation, width: number, theme: Theme): void {
  const way = why.unconverged;
  if (way === undefined || way.length < 2) return;
  const shown = way.slice(1, chainCellsMax + 1).map(({ attribute, at }) => cellTitle(attribute, at));
  const more = way.length - 1 > chainCellsMax ? " …" : "";
  const text = `${theme.glyphs.unconverged} not converged: reads ${shown.join(", which reads ")}${more}`;
  for (const line of wrap(text, width)) lines.push({ tone: "warning", text: line });
}

/** Breaks text at spaces into lines of at most `width` cells; a longer word is cut into pieces. */
export function wrap(text: string, width: number): readonly string[] {
  const room = Math.max(4, width);
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    let rest = word;
    if (line !== "" && widthOf(line) + 1 + widthOf(rest) > room) {
      lines.push(line);
      line = "";
    }
    while (widthOf(rest) > room) {
      const piece = cutEnd(rest, room, "");
      if (piece === "") break;
      lines.push(piece);
      rest = rest.slice(piece.length);
    }
    line = line === "" ? rest : `${line} ${rest}`;
  }
  if (line !== "") lines.push(line);
  return lines;
}
