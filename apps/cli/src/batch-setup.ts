/**
 * What a batch computes: the rows of its entities, and the program that is made of the model. Whatever is wrong with either
 * is told here, before anything is recorded.
 *
 *   1. The model's text says which table the axis is over; `--rows` takes its place.
 *   2. The rows are opened for their columns, and the program is prepared with these.
 *   3. Rows, program and the tables with rows by entity make the source.
 */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import {
  attributeKinds,
  type BatchProgram,
  type EntitySource,
  openEntities,
  prepareProgram,
  SideRows,
} from "@reckon/batch";
import { askAtTerminal, type LoadRequest, type Runtime, readSource } from "@reckon/host";
import { type CheckedModel, parseModel } from "@reckon/model";
import { openRows, readTable } from "@reckon/tables";
import type { Table } from "@reckon/value";
import { chooseAttributes, refusalGap } from "./attribute-choice.ts";
import type { BatchCommandRequest } from "./batch-request.ts";
import { jsonDiagnostic } from "./diagnostic-json.ts";
import { type ExitCode, exitFailure, exitModel } from "./exit-code.ts";
import { fileOfLedger } from "./ledger-place.ts";
import { canAsk, reportDiagnostics } from "./open-model.ts";
import type { Output } from "./output.ts";
import { filesOfProgram, ownFileProblem } from "./own-files.ts";
import { shownText } from "./shown-text.ts";

export interface BatchSetup {
  readonly program: BatchProgram;
  readonly source: EntitySource;
  /** Rows of tables that have the entity axis among their keys. */
  readonly sides: SideRows | undefined;
  readonly notices: readonly string[];
}

/** Opens all that; what is wrong is printed, and its exit code given. The source is the caller's to close. */
export async function setUpBatch(
  request: BatchCommandRequest,
  runtime: Runtime,
  output: Output,
  told: { readonly isJson: boolean; readonly trouble: (text: string) => void },
): Promise<BatchSetup | { readonly code: ExitCode }> {
  const refuse = (text: string): { readonly code: ExitCode } => {
    for (const line of text.split(refusalGap)) output.message(`reckon: ${shownText(line)}`);
    return { code: exitFailure };
  };
  const text = await modelText(request.model);
  if ("problem" in text) return refuse(text.problem);
  const rows = await rowsOf(request, text.text);
  if (rows !== undefined && "problem" in rows) return refuse(rows.problem);
  let isKept = false;
  try {
    const choice: { refused?: string } = {};
    const prepared = await prepareProgram({
      load: loadOf(request, runtime),
      axis: request.axis,
      columns: rows?.columns ?? [],
      ...(request.rows === undefined ? {} : { rows: request.rows }),
      ...(request.only.length === 0 ? {} : { only: onlyOf(request, choice) }),
      ...(request.errorsFail ? { errorsFail: true } : {}),
    });
    if (choice.refused !== undefined) return refuse(choice.refused);
    if ("problem" in prepared) return refuse(prepared.problem);
    if ("diagnostics" in prepared) {
      if (told.isJson) {
        const problems = prepared.diagnostics.map((each) => jsonDiagnostic(each, textOfFile));
        output.data(`${JSON.stringify({ diagnostics: problems })}\n`);
      } else reportDiagnostics(prepared, output);
      const isTyped = prepared.diagnostics.every((each) => each.source === "--set");
      return { code: isTyped ? exitFailure : exitModel };
    }
    if (rows === undefined) return refuse(`${request.model} has no table for \`${request.axis}\``);
    const { program, notices } = prepared;
    const sides = sidesOf(program, request.model);
    if (sides !== undefined && "problem" in sides) return refuse(sides.problem);
    const source = openEntities(rows, program, {
      ...(request.priorityColumn === undefined ? {} : { priorityColumn: request.priorityColumn }),
      ...(sides === undefined ? {} : { sides }),
      onNotice: (text) => told.trouble(text),
    });
    if ("problem" in source) return refuse(source.problem);
    const overwriting =
      request.out === undefined
        ? undefined
        : await ownFileProblem(request.out.path, {
            read: filesOfProgram(program, request.rows),
            reader: "the batch",
            ledger: fileOfLedger(request.ledger),
          });
    if (overwriting !== undefined) return refuse(overwriting);
    isKept = true;
    // The ledger knows a source by its name: a table of the model by the path that the model has, since the model's own
    // path is known beside it; another file by its absolute path, wherever the command was typed.
    const name = request.rows === undefined ? source.name : resolve(request.rows);
    return { program, source: { ...source, name }, sides, notices };
  } finally {
    if (!isKept) await rows?.close();
  }
}

async function modelText(path: string): Promise<{ readonly text: string } | { readonly problem: string }> {
  const read = await readSource(resolve(path));
  if (read.kind === "text") return { text: read.text };
  return { problem: read.kind === "missing" ? `no such file: ${path}` : read.problem };
}

async function rowsOf({ model, rows, axis }: BatchCommandRequest, text: string) {
  if (rows !== undefined) return openRows(rows);
  const path = tableOf(model, text, axis);
  return path === undefined ? undefined : openRows(resolve(dirname(model), path), { name: path });
}

/** The path of the table that the axis is over, as written; absent where the model has none: preparing says so. */
function tableOf(model: string, text: string, axis: string): string | undefined {
  for (const { declaration } of parseModel(model, text).items)
    if (declaration?.kind === "axis" && declaration.name.text === axis && declaration.table !== undefined)
      return declaration.table.path;
  return undefined;
}

function loadOf(request: BatchCommandRequest, runtime: Runtime): LoadRequest {
  return {
    model: request.model,
    scenarios: request.scenarios,
    sets: request.sets,
    allowModules: request.allowModules,
    runtime,
    sharesThread: true,
    ...(canAsk() ? { ask: askAtTerminal } : {}),
  };
}

/**
 * The attributes that `--only` names. Of a block or a pattern those that an entity has for itself; an attribute that is
 * named is taken as it is, and refused by preparing where it cannot be.
 */
function onlyOf({ only, axis }: BatchCommandRequest, choice: { refused?: string }) {
  return (model: CheckedModel): readonly string[] | undefined => {
    const chosen = chooseAttributes(model, only);
    if ("refused" in chosen) {
      choice.refused = chosen.refused;
      return undefined;
    }
    const { attributes } = attributeKinds(model, axis);
    return chosen.ids.filter((id) => only.includes(id) || attributes.get(id) === "per-entity");
  };
}

function sidesOf(program: BatchProgram, model: string): SideRows | { readonly problem: string } | undefined {
  if (Object.keys(program.sideTables).length === 0) return undefined;
  return SideRows.open(program, (path) => tableAt(path, resolve(dirname(model), path)));
}

function tableAt(name: string, path: string): Table | { readonly problem: string } {
  try {
    return readTable(name, readFileSync(path, "utf8"));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    return { problem: code === "ENOENT" ? `no such file: ${name}` : `${name}: ${(cause as Error).message}` };
  }
}

function textOfFile(source: string): string | undefined {
  try {
    return readFileSync(source, "utf8");
  } catch {
    // What was typed (`--set`) is no file: its problems have no lines.
    return undefined;
  }
}
