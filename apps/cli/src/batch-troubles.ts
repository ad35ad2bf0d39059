/** Why rows of a batch came to nothing: those that are no entities, and those that do not fit the model. The first are told. */
import type { BatchSummary, LedgerQueries, RunId } from "@reckon/batch";
import { countText } from "./figure-texts.ts";

const shownMax = 5;

/** A line each; none for a run without such rows. Cost: the rows of the run, without their values, where any is invalid. */
export async function troubleLines(
  query: Pick<LedgerQueries, "problems" | "results">,
  { run, invalid }: BatchSummary,
): Promise<readonly string[]> {
  const id = run as RunId;
  const lines: string[] = [];
  let problems = 0;
  for await (const page of query.problems(id)) {
    for (const { message } of page.slice(0, Math.max(0, shownMax - problems))) lines.push(message);
    problems += page.length;
  }
  if (problems > shownMax)
    lines.push(
      `${countText(problems - shownMax)} more rows are no entities; the ledger's row_problems has them`,
    );
  lines.push(...(await invalidLines(query, id, invalid)));
  return lines;
}

/** The first entities of a run that do not fit the model, and how many more there are. */
export async function invalidLines(
  query: Pick<LedgerQueries, "results">,
  run: RunId,
  invalid: number,
): Promise<readonly string[]> {
  const lines: string[] = [];
  if (invalid === 0) return lines;
  for await (const page of query.results(run)) {
    for (const { state, key, errorMessage } of page)
      if (state === "invalid" && lines.length < shownMax)
        lines.push(`${key} does not fit the model: ${errorMessage}`);
    if (lines.length >= Math.min(shownMax, invalid)) break;
  }
  if (invalid > lines.length)
    lines.push(
      `${countText(invalid - lines.length)} more do not fit; \`reckon runs export\` has their messages`,
    );
  return lines;
}
