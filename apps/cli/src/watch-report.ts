/** What a watch prints: text for people or a JSON object a line, for the same events. */

import type { Diagnostic } from "@reckon/formula";
import type { Axis } from "@reckon/value";
import { changeLines } from "./change-lines.ts";
import { jsonDiagnostic } from "./diagnostic-json.ts";
import { reportDiagnostics } from "./open-model.ts";
import type { Output } from "./output.ts";
import { jsonScalar } from "./run-result.ts";
import { checkLine } from "./run-table.ts";
import type { ScenarioChanges } from "./seen-values.ts";

interface WatchProblem {
  readonly diagnostics: readonly Diagnostic[];
  readonly render: (diagnostic: Diagnostic) => string;
  readonly textOf: (source: string) => string | undefined;
  /** Whether there are good values to keep. */
  readonly hasValues: boolean;
}

/** What a save has changed. */
export interface WatchChange {
  readonly files: readonly string[];
  readonly differences: readonly ScenarioChanges[];
  /** The axes of an attribute, in the order of its labels. */
  readonly axesOf: (attribute: string) => readonly Axis[];
  readonly patternOf: (attribute: string) => string | undefined;
  /** Everything is good now, and was not before. */
  readonly isRecovered: boolean;
  readonly ms: number;
}

export interface WatchReport {
  /** Without a time where nothing could be calculated yet. */
  readonly ready: (files: readonly string[], elapsedMs: number | undefined) => void;
  readonly changed: (change: WatchChange) => void;
  readonly problem: (files: readonly string[], problem: WatchProblem) => void;
  /** A file is gone, empty or cannot be read. */
  readonly absent: (file: string, state: "missing" | "empty" | "unreadable", text?: string) => void;
}

/** Of one attribute. */
export const linesShownMax = 6;
export const attributesShownMax = 40;

const overriddenShownMax = 3;

/** For people: changes on standard output, everything else on standard error. */
export function textReport(output: Output, scenarioCount: number): WatchReport {
  return {
    ready: (files, elapsedMs) => {
      const state =
        elapsedMs === undefined ? "waiting for the correction" : `calculated in ${duration(elapsedMs)}`;
      output.message(`watching ${files.join(", ")} · ${state} · Ctrl-C ends`);
    },
    changed: ({ files, differences, axesOf, patternOf, isRecovered, ms }) => {
      const cells = differences.reduce((sum, each) => sum + each.changes.length, 0);
      const others = differences.some(
        (each) => each.added.length + each.removed.length + each.checks.length > 0,
      );
      const what =
        cells > 0
          ? `${cells} ${cells === 1 ? "value" : "values"} changed`
          : `no value changed${overriddenText(differences)}`;
      const again = isRecovered ? " · good again" : "";
      output.data(`— ${files.join(", ")}${again} · ${what} · ${duration(ms)}\n`);
      if (cells === 0 && !others) return;
      for (const each of differences) {
        const lines = [
          ...each.added.map((id) => `${id}: added`),
          ...each.removed.map((id) => `${id}: removed`),
          ...changeLines(each.changes, {
            linesMax: linesShownMax,
            attributesMax: attributesShownMax,
            axesOf,
            patternOf,
          }),
          ...each.checks.map((check) => checkLine(check, output)),
        ];
        if (lines.length === 0) continue;
        if (scenarioCount > 1) output.data(`  ${each.scenario}\n`);
        const indent = scenarioCount > 1 ? "    " : "  ";
        for (const line of lines) output.data(`${indent}${line}\n`);
      }
    },
    problem: (_files, problem) => {
      reportDiagnostics(problem, output);
      if (problem.hasValues) output.message("reckon: the last good values stay until this is corrected");
    },
    absent: (file, state, text) => {
      const what =
        state === "missing" ? `${file} is gone` : state === "empty" ? `${file} is empty` : (text ?? file);
      output.message(`reckon: ${what}; its last good values stay until it is back`);
    },
  };
}

/** ` (downside overrides revenue.churn)`: why a change of the base is seen nowhere. */
function overriddenText(differences: readonly ScenarioChanges[]): string {
  const reasons = differences
    .filter(({ overridden }) => overridden.length > 0)
    .map(({ scenario, overridden }) => {
      const rest = overridden.length - overriddenShownMax;
      const names = overridden.slice(0, overriddenShownMax).join(", ");
      return `${scenario} overrides ${names}${rest > 0 ? ` and ${rest} more` : ""}`;
    });
  return reasons.length === 0 ? "" : ` (${reasons.join("; ")})`;
}

/** For programs: everything on standard output, one object a line, nothing left out. */
export function jsonReport(output: Output, model: () => string): WatchReport {
  const line = (event: object) => output.data(`${JSON.stringify(event)}\n`);
  return {
    ready: (files, elapsedMs) =>
      line({
        event: "ready",
        model: model(),
        files,
        ...(elapsedMs === undefined ? {} : { ms: rounded(elapsedMs) }),
      }),
    changed: ({ files, differences, isRecovered, ms }) => {
      for (const { scenario, changes, added, removed, checks } of differences) {
        line({
          event: "changed",
          files,
          scenario,
          changes: changes.map(({ attribute, at, before, after }) => ({
            attribute,
            at,
            before: jsonScalar(before),
            after: jsonScalar(after),
          })),
          added,
          removed,
          checks,
          ...(isRecovered ? { recovered: true } : {}),
          ms: rounded(ms),
        });
      }
    },
    problem: (files, { diagnostics, textOf }) =>
      line({ event: "problem", files, diagnostics: diagnostics.map((each) => jsonDiagnostic(each, textOf)) }),
    absent: (file, state, text) =>
      line({ event: state, files: [file], ...(text === undefined ? {} : { message: text }) }),
  };
}

function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}

function duration(ms: number): string {
  return ms >= 1000 ? `${(ms / 1000).toFixed(1)} s` : `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}
