/** `reckon advise`: what the history of a model's runs says about how to run it. Thresholds come from `reckon.json` beside it. */
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import {
  type AdviceThresholds,
  adviceText,
  advise,
  type Ledger,
  type RunDetails,
  readThresholds,
} from "@reckon/batch";
import { readSource } from "@reckon/host";
import { parseModel } from "@reckon/model";
import { type ExitCode, exitFailure, exitGood } from "./exit-code.ts";
import { withLedgerLook } from "./ledger-look.ts";
import type { Output } from "./output.ts";
import type { AdviseRequest } from "./runs-request.ts";

/** Older runs say little about how things are now. */
const runsMax = 100;
const configName = "reckon.json";

export async function adviseCommand(request: AdviseRequest, output: Output): Promise<ExitCode> {
  const refuse = (text: string): ExitCode => {
    output.message(`reckon: ${text}`);
    return exitFailure;
  };
  const { model, axis } = request;
  const read = await readSource(resolve(model));
  if (read.kind !== "text") return refuse(read.kind === "missing" ? `no such file: ${model}` : read.problem);
  const axes = axesOf(model, read.text);
  if (!axes.includes(axis))
    return refuse(
      axes.length === 0
        ? `${model} has no axis with a table`
        : `${model} has no axis \`${axis}\` with a table; there are ${axes.map((name) => `\`${name}\``).join(", ")}`,
    );
  const thresholds = await thresholdsBeside(model);
  if ("problem" in thresholds) return refuse(thresholds.problem);
  const answer = (runs: readonly RunDetails[]): ExitCode => {
    const advice = advise(runs, thresholds);
    output.data(
      request.isJson
        ? `${JSON.stringify({ model, axis, ...advice, thresholds }, null, 2)}\n`
        : `${adviceText(advice)}\n`,
    );
    return exitGood;
  };
  return withLedgerLook(
    request.ledger,
    output,
    async (ledger) => answer(await historyIn(ledger, request)),
    () => answer([]),
  );
}

async function historyIn({ query }: Ledger, { model, axis }: AdviseRequest): Promise<readonly RunDetails[]> {
  const runs = await query.runs({ model: resolve(model), axis, limit: runsMax });
  const details: RunDetails[] = [];
  for (const { run } of runs) {
    const each = await query.run(run);
    if (each !== undefined) details.push(each);
  }
  return details;
}

function axesOf(source: string, text: string): readonly string[] {
  return parseModel(source, text).items.flatMap(({ declaration }) =>
    declaration?.kind === "axis" && declaration.table !== undefined ? [declaration.name.text] : [],
  );
}

/** What `reckon.json` in the model's folder has under `advise`; without the file the defaults. */
async function thresholdsBeside(model: string): Promise<AdviceThresholds | { readonly problem: string }> {
  const path = join(dirname(model), configName);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return readThresholds(undefined);
    return { problem: `${path} cannot be read: ${(cause as Error).message}` };
  }
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch (cause) {
    return { problem: `${path} is not JSON: ${(cause as Error).message}` };
  }
  if (typeof config !== "object" || config === null || Array.isArray(config))
    return { problem: `${path} has to be an object, as in {"advise": {"runsMin": 5}}` };
  const thresholds = readThresholds((config as { readonly advise?: unknown }).advise);
  return "problem" in thresholds ? { problem: `${path}: ${thresholds.problem}` } : thresholds;
}
