/** `reckon loops`: how the feedback loops of a model were solved. */
import type { LoadedSheet } from "@reckon/host";
import type { Sheet } from "@reckon/sheet";
import { type ExitCode, exitGood } from "./exit-code.ts";
import { exitAfter, type HeavyWork, withHeavyWork } from "./heavy-work.ts";
import { type Beginning, type CellSolutions, solutionsOf } from "./loop-solutions.ts";
import type { LoopsRequest } from "./loops-request.ts";
import { jsonLoops, loopsResult } from "./loops-result.ts";
import { loopsLines, solutionLines } from "./loops-table.ts";
import { openModel, reportFailure, reportWarnings } from "./open-model.ts";
import type { Output } from "./output.ts";

/** Calculates the model, once more for each other first guess, and prints how its loops were solved. */
export function loopsCommand(request: LoopsRequest, output: Output): Promise<ExitCode> {
  return withHeavyWork(request.heavy, output, (work) => loops(request, work, output));
}

async function loops(request: LoopsRequest, work: HeavyWork, output: Output): Promise<ExitCode> {
  const loaded = await openModel(request, { work });
  if (!loaded.ok) return reportFailure(loaded, output, request.isJson);
  const others: Sheet[] = [];
  try {
    reportWarnings(loaded, output);
    const { sheet, requested } = loaded;
    let settling = await work.settled(sheet, requested);
    for (const from of request.from) {
      if (settling === "interrupted") break;
      const other = sheet.reopen({ loops: { from } });
      others.push(other);
      const next = await work.settled(other, requested);
      if (next !== "settled") settling = next;
    }
    if (request.isJson) printJson(loaded, request, others, output);
    else printTables(loaded, request, others, output);
    return exitAfter(settling, exitGood);
  } finally {
    for (const other of others) other.dispose();
    loaded.dispose();
  }
}

interface Tried {
  readonly from: readonly Beginning[];
  readonly cells: readonly CellSolutions[];
}

/** What the other first guesses gave under one scenario; undefined where none was asked for. */
function triedUnder(
  sheet: Sheet,
  { from }: LoopsRequest,
  others: readonly Sheet[],
  scenario: string,
): Tried | undefined {
  if (from.length === 0) return undefined;
  const sheets = [
    { from: "declared" as const, sheet },
    ...others.map((other, i) => ({ from: from[i] as number, sheet: other })),
  ];
  return { from: sheets.map((each) => each.from), cells: solutionsOf(sheets, scenario) };
}

function printJson(
  { sheet, requested }: LoadedSheet,
  request: LoopsRequest,
  others: readonly Sheet[],
  output: Output,
): void {
  const results = requested.map((scenario) =>
    jsonLoops(sheet, loopsResult(sheet, scenario), triedUnder(sheet, request, others, scenario)),
  );
  output.data(`${JSON.stringify(results.length === 1 ? results[0] : results, null, 2)}\n`);
}

function printTables(
  { sheet, requested }: LoadedSheet,
  request: LoopsRequest,
  others: readonly Sheet[],
  output: Output,
): void {
  if (sheet.model.loops.length === 0) {
    output.message(
      `reckon: ${sheet.model.name} has no loops: nothing in it depends on itself within a period`,
    );
    return;
  }
  const isNamed = requested.length > 1 || requested[0] !== "base";
  requested.forEach((scenario, i) => {
    const result = loopsResult(sheet, scenario);
    const tried = triedUnder(sheet, request, others, scenario);
    const lines = [
      ...(i === 0 ? [] : [""]),
      ...loopsLines(result, { isAll: request.isAll, isNamed }, output),
      ...(tried === undefined ? [] : solutionLines(tried.cells, tried.from, output)),
    ];
    for (const line of lines) output.data(`${line}\n`);
  });
}
