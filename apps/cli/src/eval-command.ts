/** `reckon eval`: one formula, with names bound by `--set`. */
import { type Diagnostic, evaluateText, renderDiagnostic } from "@reckon/formula";
import { type ArrayValue, isArrayValue, type Scalar } from "@reckon/value";
import { jsonDiagnostic } from "./diagnostic-json.ts";
import { type CaseInput, jsonResult } from "./eval-case.ts";
import { type ExitCode, exitFailure, exitGood, exitModel } from "./exit-code.ts";
import type { Output } from "./output.ts";
import type { EvalRequest } from "./request.ts";
import { exactText } from "./scalar-text.ts";

/** Prints the value of a formula: a line a row, cells separated by tabs. */
export function evalCommand(request: EvalRequest, output: Output): ExitCode {
  const inputs = new Map<string, CaseInput>();
  for (const set of request.sets) {
    const at = set.indexOf("=");
    const name = set.slice(0, at).trim();
    if (inputs.has(name)) {
      output.message(`reckon: ${name} is set twice`);
      return exitFailure;
    }
    inputs.set(name, constantOf(set.slice(at + 1).trim()));
  }
  const textOf = (source: string) => (source === "formula" ? request.formula : undefined);
  const result = evaluateText(request.formula, inputs);
  const problems: readonly Diagnostic[] =
    "diagnostics" in result ? result.diagnostics : (result.warnings ?? []);
  if (request.isJson) {
    const diagnostics = problems.map((each) => jsonDiagnostic(each, textOf));
    const json = "diagnostics" in result ? {} : jsonResult(result.value);
    output.data(`${JSON.stringify(diagnostics.length === 0 ? json : { ...json, diagnostics })}\n`);
  } else {
    for (const diagnostic of problems) output.message(renderDiagnostic(diagnostic, textOf));
    if (!("diagnostics" in result)) output.data(valueText(result.value));
  }
  return "diagnostics" in result ? exitModel : exitGood;
}

/** A number, a share, a boolean, an error code, or the beginning of a list or a quoted text: no arithmetic, no dates. */
const constantForm = /^(?:[+-]?[\d_]*\.?[\d_]*(?:e[+-]?\d+)?%?|true|false|#[A-Z\d/?!]+|["{].*)$/is;

/** What stands behind `name=`: a constant as a formula writes it, else the text itself. */
function constantOf(text: string): CaseInput {
  if (!constantForm.test(text)) return text;
  const result = evaluateText(`=${text}`, new Map());
  if ("diagnostics" in result || (result.warnings ?? []).length > 0) return text;
  const { value } = result;
  return isArrayValue(value) ? rowsOf(value.cells, value.rows, value.columns) : value;
}

function rowsOf(cells: readonly Scalar[], rows: number, columns: number): Scalar[][] {
  return Array.from({ length: rows }, (_, row) => cells.slice(row * columns, (row + 1) * columns));
}

function valueText(value: Scalar | ArrayValue): string {
  if (isArrayValue(value)) {
    const rows = rowsOf(value.cells, value.rows, value.columns);
    return rows.map((row) => `${row.map(exactText).join("\t")}\n`).join("");
  }
  return `${exactText(value)}\n`;
}
