/**
 * One case of `reckon eval --jsonl`: a line of JSON in, a line of JSON out.
 *
 *   in    {"formula": "=SUM(A1:A2)*rate", "inputs": {"A1:A2": [[1], [2]], "rate": 0.5}}
 *   out   {"value": 1.5}    {"value": 1, "array": [[1, 2]]}    {"error": "#DIV/0!"}    {"diagnostics": [ … ]}
 *
 * An input is a number, a text, a boolean, null (blank), {"error": "#N/A"}, or rows of those. Other keys of the line
 * are not looked at, so files of cases with expected values can be fed in as they are.
 */
import { evaluateText } from "@reckon/formula";
import {
  type ArrayValue,
  type ErrorCode,
  errorCodes,
  errorValue,
  isArrayValue,
  isErrorValue,
  type Scalar,
} from "@reckon/value";
import { type JsonDiagnostic, jsonDiagnostic } from "./diagnostic-json.ts";

export type CaseInput = Scalar | Scalar[][];

type JsonScalar = number | string | boolean | null | { readonly error: string };

export type CaseResult =
  | { readonly value: JsonScalar; readonly array?: readonly (readonly JsonScalar[])[] }
  | { readonly error: string; readonly array?: readonly (readonly JsonScalar[])[] }
  | { readonly diagnostics: readonly JsonDiagnostic[] };

/** The answer to line `lineNumber` (from 1) of the input. Never throws, whatever the line holds. */
export function evaluateLine(line: string, lineNumber: number): CaseResult {
  const malformed = (message: string): CaseResult => malformedLine(lineNumber, message);
  let read: unknown;
  try {
    read = JSON.parse(line);
  } catch (cause) {
    return malformed(`not JSON: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  if (typeof read !== "object" || read === null || Array.isArray(read)) return malformed("not a JSON object");
  const { formula, inputs = {} } = read as { formula?: unknown; inputs?: unknown };
  if (typeof formula !== "string") return malformed("`formula` is not a text");
  if (typeof inputs !== "object" || inputs === null || Array.isArray(inputs)) {
    return malformed("`inputs` is not an object");
  }
  const bound = new Map<string, CaseInput>();
  for (const [name, json] of Object.entries(inputs)) {
    const value = inputOf(json);
    if (value === undefined) {
      return malformed(
        `the input \`${name}\` is no number, text, boolean, null, {"error": "#N/A"} or rows of those`,
      );
    }
    bound.set(name, value);
  }
  const result = evaluateText(formula, bound);
  if (!("diagnostics" in result)) return jsonResult(result.value);
  return { diagnostics: result.diagnostics.map((each) => jsonDiagnostic(each, () => formula)) };
}

/** A value as the answer says it: of an array its first cell, and all its rows beside it. */
export function jsonResult(value: Scalar | ArrayValue): CaseResult {
  if (isArrayValue(value)) {
    const rows = Array.from({ length: value.rows }, (_, row) =>
      value.cells.slice(row * value.columns, (row + 1) * value.columns).map(jsonScalar),
    );
    return { ...scalarResult(value.cells[0] ?? null), array: rows };
  }
  return scalarResult(value);
}

function scalarResult(value: Scalar): { value: JsonScalar } | { error: string } {
  return isErrorValue(value) ? { error: value.code } : { value };
}

function jsonScalar(value: Scalar): JsonScalar {
  return isErrorValue(value) ? { error: value.code } : value;
}

function inputOf(json: unknown): CaseInput | undefined {
  if (!Array.isArray(json)) return scalarOf(json);
  const rows: Scalar[][] = [];
  for (const row of json) {
    if (!Array.isArray(row) || row.length === 0 || row.length !== json[0].length) return undefined;
    const cells = row.map(scalarOf);
    if (cells.includes(undefined)) return undefined;
    rows.push(cells as Scalar[]);
  }
  return rows.length === 0 ? undefined : rows;
}

function scalarOf(json: unknown): Scalar | undefined {
  if (json === null || typeof json === "string" || typeof json === "boolean") return json;
  if (typeof json === "number") return Number.isFinite(json) ? json : errorValue("#NUM!");
  if (typeof json !== "object") return undefined;
  const code = (json as { error?: unknown }).error;
  return errorCodes.includes(code as ErrorCode) ? errorValue(code as ErrorCode) : undefined;
}

function malformedLine(line: number, message: string): CaseResult {
  const place = { source: "standard input", line, start: 0, end: 0 };
  return { diagnostics: [{ code: "eval/malformed-line", severity: "error", ...place, message }] };
}
