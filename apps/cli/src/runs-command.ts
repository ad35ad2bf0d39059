/** `reckon runs`: what the ledger has of batches. */
import { createInterface } from "node:readline/promises";
import type { Ledger, RunFilter, RunId } from "@reckon/batch";
import { invalidLines } from "./batch-troubles.ts";
import { type ExitCode, exitFailure, exitGood } from "./exit-code.ts";
import { withLedgerLook } from "./ledger-look.ts";
import type { Output } from "./output.ts";
import { exportRuns } from "./runs-export.ts";
import type { RunsRequest } from "./runs-request.ts";
import { compareText, failuresText, forgetText, listText, showText } from "./runs-tables.ts";
import { shownText } from "./shown-text.ts";
import { noRuns, nothingFound, unknownRun } from "./unknown-run.ts";

type Asked<A extends RunsRequest["action"]> = Extract<RunsRequest, { readonly action: A }>;

/** Runs of the past that `compare` draws. */
const runsDrawnMax = 1000;

/** Opens the ledger and answers. */
export function runsCommand(request: RunsRequest, output: Output): Promise<ExitCode> {
  const none = (): ExitCode => {
    if (request.isJson && (request.action === "list" || request.action === "failures")) print([], output);
    if (request.isJson && request.action === "compare") print({ strategies: [], runs: [] }, output);
    output.message(`reckon: ${noRuns}`);
    return request.action === "show" || request.action === "export" ? exitFailure : exitGood;
  };
  return withLedgerLook(request.ledger, output, (ledger) => answer(request, ledger, output), none);
}

async function answer(request: RunsRequest, ledger: Ledger, output: Output): Promise<ExitCode> {
  switch (request.action) {
    case "list":
      return list(request, ledger, output);
    case "show":
      return show(request, ledger, output);
    case "compare":
      return compare(request, ledger, output);
    case "failures":
      return failures(request, ledger, output);
    case "export":
      return exportTo(request, ledger, output);
    case "forget":
      return forget(request, ledger, output);
  }
}

async function list(
  { filter, limit, isJson }: Asked<"list">,
  ledger: Ledger,
  output: Output,
): Promise<ExitCode> {
  const runs = await ledger.query.runs({ ...filter, limit });
  if (isJson) print(runs, output);
  else if (runs.length === 0) output.message(`reckon: ${await nothingFound(filter, ledger)}`);
  else output.data(listText(runs, output.width));
  return exitGood;
}

async function exportTo(request: Asked<"export">, ledger: Ledger, output: Output): Promise<ExitCode> {
  await exportRuns(request, ledger, output);
  if (request.path !== undefined) output.message(`reckon: wrote ${request.path}`);
  return exitGood;
}

async function show({ run, isJson }: Asked<"show">, ledger: Ledger, output: Output): Promise<ExitCode> {
  const details = await ledger.query.run(run);
  if (details === undefined) {
    output.message(`reckon: ${await unknownRun(run, ledger)}`);
    return exitFailure;
  }
  const problems = await problemsOf(details.run, ledger);
  if (isJson) print({ ...details, rowProblems: problems }, output);
  else output.data(showText(details, problems, output.width));
  return exitGood;
}

/** How many rows of a run's source are no entities. */
async function problemsOf(run: RunId, { query }: Ledger): Promise<number> {
  let count = 0;
  for await (const page of query.problems(run)) count += page.length;
  return count;
}

async function compare(
  { filter, isJson }: Asked<"compare">,
  ledger: Ledger,
  output: Output,
): Promise<ExitCode> {
  const strategies = await ledger.query.compare(filter);
  const runs = await ledger.query.runs({ limit: runsDrawnMax, ...filter });
  if (isJson) print({ strategies, runs }, output);
  else if (runs.length === 0) output.message(`reckon: ${await nothingFound(filter, ledger)}`);
  else if (strategies.length === 0) output.message("reckon: no such run has ended yet");
  else output.data(compareText(strategies, runs, output.width));
  return exitGood;
}

async function failures(
  { filter, limit, isJson }: Asked<"failures">,
  ledger: Ledger,
  output: Output,
): Promise<ExitCode> {
  const rows = await ledger.query.failures({ ...filter, limit });
  if (isJson) print(rows, output);
  else if (rows.length === 0) output.message(`reckon: ${await nothingFailed(filter, ledger)}`);
  else output.data(failuresText(rows, output.width));
  if (!isJson)
    for (const line of await invalidIn(filter, ledger)) output.message(`reckon: ${shownText(line)}`);
  return exitGood;
}

async function nothingFailed(filter: RunFilter, ledger: Ledger): Promise<string> {
  const isThere = (await ledger.query.runs({ ...filter, limit: 1 })).length > 0;
  return isThere ? "nothing has failed" : nothingFound(filter, ledger);
}

/** Of the newest run with entities that do not fit the model, the first of these. */
async function invalidIn(filter: RunFilter, { query }: Ledger): Promise<readonly string[]> {
  const run = (await query.runs(filter)).find(({ counts }) => counts.invalid > 0);
  return run === undefined ? [] : invalidLines(query, run.run, run.counts.invalid);
}

async function forget(
  { which, isSure, isJson }: Asked<"forget">,
  ledger: Ledger,
  output: Output,
): Promise<ExitCode> {
  const question = `Forget ${"runs" in which ? which.runs.join(", ") : "these runs"} with all values? [y/N] `;
  if (!isSure && process.stdin.isTTY && process.stderr.isTTY && !(await isYes(question))) {
    output.message("reckon: nothing was forgotten");
    return exitGood;
  }
  if ("runs" in which)
    for (const run of which.runs)
      if ((await ledger.query.run(run)) === undefined) {
        output.message(`reckon: ${await unknownRun(run, ledger)}`);
        return exitFailure;
      }
  const outcome = await ledger.forget(which);
  if (isJson) print(outcome, output);
  else output.data(forgetText(outcome));
  return exitGood;
}

async function isYes(question: string): Promise<boolean> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const controller = new AbortController();
  for (const event of ["close", "SIGINT"] as const) prompt.once(event, () => controller.abort());
  try {
    return /^y(?:es)?$/i.test((await prompt.question(question, { signal: controller.signal })).trim());
  } catch {
    // The end of input, or Ctrl-C: no answer is a no.
    return false;
  } finally {
    prompt.close();
  }
}

function print(value: unknown, output: Output): void {
  output.data(`${JSON.stringify(value, null, 2)}\n`);
}
