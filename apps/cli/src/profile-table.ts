/** A profile for people: what took long, longest first, with a bar for its part of the whole. */
import type { Output } from "./output.ts";
import type { AttributeResult, ProfileResult, RunResult } from "./profile-result.ts";
import { layTable, padTo, type TextLine } from "./text-table.ts";

const attributesShown = 20;
const loopsShown = 5;
const levelsShown = 5;
const barWidth = 8;
const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
const indent = "  ";

/** The lines of all runs, each of its tables at most so many rows long. */
export function profileTable(result: ProfileResult, top: number | undefined, output: Output): string[] {
  const { model, scenarios, opening, edit } = result;
  const under = scenarios.every((name) => name === "base") ? "" : ` under ${scenarios.join(", ")}`;
  const lines = runLines(opening, `${model}: opened${under} in`, top, output);
  if (edit === undefined) return lines;
  return [...lines, "", ...runLines(edit, `edit ${edit.sets.join(", ")}: done in`, top, output)];
}

function runLines(run: RunResult, title: string, top: number | undefined, output: Output): string[] {
  const ms = millisecondsOf(run.ms);
  const heading = output.style("bold", `${title} ${ms(run.ms)} ms`);
  const spread =
    run.runs.length === 1
      ? ""
      : `, the middle of ${run.runs.length} runs (${ms(Math.min(...run.runs))} to ${ms(Math.max(...run.runs))} ms)`;
  const tables = [
    phaseLines(run, ms),
    attributeLines(run, ms, top ?? attributesShown),
    loopLines(run, ms, top ?? loopsShown),
    levelLines(run, ms, top ?? levelsShown),
  ];
  return [
    `${heading}${spread}`,
    ...tables.filter((lines) => lines.length > 0).flatMap((lines) => ["", ...laid(lines, output)]),
    "",
    ...footnotes(run, ms),
  ];
}

/** What is in no figure: how long the same takes unmeasured, and what measuring took. */
function footnotes(run: RunResult, ms: (value: number) => string): string[] {
  const own = `Measuring itself took ${ms(run.ownMs)} ms more, which is in no figure.`;
  if (run.unmeasuredMs === undefined) return [own];
  const isOpening = run.phases.some(({ phase }) => phase === "parse");
  const what = isOpening ? "Laying and calculating" : "The edit";
  return [`${what} takes ${ms(run.unmeasuredMs)} ms when it is done again unmeasured.`, own];
}

/** The first line is the heading of the columns. */
function laid(lines: readonly TextLine[], output: Output): string[] {
  const columns = Math.max(...lines.map(({ cells }) => cells.length));
  return layTable(new Array<string>(columns).fill(""), lines, output.width);
}

function phaseLines(run: RunResult, ms: (value: number) => string): TextLine[] {
  const sums = new Map<string, { ms: number; grown: number | undefined }>();
  for (const { phase, subject, ms: time, grownBytes } of run.phases) {
    // States are calculated one by one; which of the files took how long is rarely of interest.
    const label = phase === "calculate" ? `${phase} ${subject}` : phase;
    const sum = sums.get(label) ?? { ms: 0, grown: undefined };
    sum.ms += time;
    if (grownBytes !== undefined) sum.grown = (sum.grown ?? 0) + grownBytes;
    sums.set(label, sum);
  }
  return [
    { label: "phases", cells: ["ms", "share", "memory", emptyBar] },
    ...[...sums].map(([label, sum]) => ({
      label: indent + label,
      cells: [
        ms(sum.ms),
        percent(sum.ms, run.ms),
        sum.grown === undefined ? "" : bytesText(sum.grown, true),
        bar(sum.ms / run.ms),
      ],
    })),
  ];
}

function attributeLines(run: RunResult, ms: (value: number) => string, top: number): TextLine[] {
  const all = run.attributes.filter(({ computations, waitedMs }) => computations > 0 || waitedMs > 0);
  if (all.length === 0) return [];
  const hasStates = new Set(all.map(({ scenario }) => scenario)).size > 1;
  const hasWaited = all.some(({ waitedMs }) => waitedMs > 0);
  const named = (row: AttributeResult) => indent + row.attribute + (hasStates ? ` · ${row.scenario}` : "");
  const waited = (text: string) => (hasWaited ? [text] : []);
  const lines = all.slice(0, top).map((row) => ({
    label: named(row),
    cells: [
      ms(row.ms),
      percent(row.ms, run.ms),
      ...waited(ms(row.waitedMs)),
      countText(row.computations),
      countText(row.cells),
      bytesText(row.bytes),
      bar(row.ms / run.ms),
    ],
  }));
  const heading = ["ms", "share", ...waited("waited"), "times", "cells", "memory", emptyBar];
  const between = Math.max(0, calculatingMs(run) - all.reduce((sum, row) => sum + row.ms, 0));
  const bytes = run.attributes.reduce((sum, row) => sum + row.bytes, 0);
  return [
    { label: "attributes", cells: heading },
    ...lines,
    ...restLine(all.slice(top), run, ms),
    {
      label: `${indent}the engine itself`,
      cells: [ms(between), percent(between, run.ms), ...waited(""), "", "", "", bar(between / run.ms)],
    },
    {
      label: `${indent}all columns`,
      cells: ["", "", ...waited(""), "", "", bytesText(bytes), emptyBar],
    },
  ];
}

function calculatingMs(run: RunResult): number {
  const phases = run.phases.filter(({ phase }) => phase === "calculate");
  return phases.reduce((sum, phase) => sum + phase.ms, 0);
}

function loopLines(run: RunResult, ms: (value: number) => string, top: number): TextLine[] {
  if (run.loops.length === 0) return [];
  const hasStates = new Set(run.loops.map(({ scenario }) => scenario)).size > 1;
  return [
    { label: "loops and recurrences", cells: ["ms", "share", "members", "sweeps", emptyBar] },
    ...run.loops.slice(0, top).map((loop) => ({
      label: `${indent}${loop.name}${hasStates ? ` · ${loop.scenario}` : ""}${unsolvedText(loop)}`,
      cells: [
        ms(loop.ms),
        percent(loop.ms, run.ms),
        countText(loop.attributes.length),
        loop.kind === "loop" ? countText(loop.sweeps) : "",
        bar(loop.ms / run.ms),
      ],
    })),
    ...restLine(run.loops.slice(top), run, ms),
  ];
}

function unsolvedText({ unconverged }: RunResult["loops"][number]): string {
  return unconverged === 0 ? "" : `, ${countText(unconverged)} not converged`;
}

function levelLines(run: RunResult, ms: (value: number) => string, top: number): TextLine[] {
  if (run.levels.length < 2) return [];
  const hasStates = new Set(run.levels.map(({ scenario }) => scenario)).size > 1;
  const sorted = run.levels.toSorted((a, b) => b.ms - a.ms);
  return [
    { label: "levels", cells: ["ms", "share", "computed", emptyBar] },
    ...sorted.slice(0, top).map((level) => ({
      label: `${indent}${levelText(level)}${hasStates ? ` · ${level.scenario}` : ""}`,
      cells: [ms(level.ms), percent(level.ms, run.ms), countText(level.computations), bar(level.ms / run.ms)],
    })),
    ...restLine(sorted.slice(top), run, ms),
  ];
}

function levelText({ from, to }: { readonly from: number; readonly to: number }): string {
  return to - from === 1 ? `level ${from}` : `levels ${from} to ${to - 1}`;
}

/** What is not shown of a table, in one line. */
function restLine(
  rest: readonly { readonly ms: number }[],
  run: RunResult,
  ms: (value: number) => string,
): TextLine[] {
  if (rest.length === 0) return [];
  const sum = rest.reduce((total, row) => total + row.ms, 0);
  const label = `${indent}and ${countText(rest.length)} more`;
  return [{ label, cells: [ms(sum), percent(sum, run.ms)] }];
}

/** All times of a run with as many decimals as its whole is worth. */
function millisecondsOf(whole: number): (value: number) => string {
  const digits = whole < 100 ? 2 : whole < 10_000 ? 1 : 0;
  const format = new Intl.NumberFormat("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return (value) => format.format(value);
}

function countText(value: number): string {
  return value.toLocaleString("en-US");
}

function percent(part: number, whole: number): string {
  return whole > 0 ? `${Math.round((100 * part) / whole)} %` : "";
}

/** `512 B`, `8.0 kB`, `1.2 MB`; what has grown with its sign. */
function bytesText(bytes: number, isSigned = false): string {
  const sign = isSigned && bytes > 0 ? "+" : bytes < 0 ? "-" : "";
  const size = Math.abs(bytes);
  if (size < 1000) return `${sign}${size} B`;
  const units = ["kB", "MB", "GB"];
  let value = size / 1000;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${sign}${value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`;
}

/** A bar of full width: the rest is space, so that all begin at the same place. */
function bar(share: number): string {
  const eighth = Math.round(Math.min(1, Math.max(0, share)) * barWidth * 8);
  const text = "█".repeat(Math.floor(eighth / 8)) + (eighths[eighth % 8] as string);
  return padTo(text, barWidth);
}

const emptyBar = padTo("", barWidth);
