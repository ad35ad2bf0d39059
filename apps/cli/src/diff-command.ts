/** `reckon diff`: two scenarios, cell by cell. */
import type { Change } from "@reckon/sheet";
import { isErrorValue, type Scalar } from "@reckon/value";
import { chooseAttributes } from "./attribute-choice.ts";
import { changeLines } from "./change-lines.ts";
import { patternOf } from "./display-pattern.ts";
import { type ExitCode, exitFailure, exitGood } from "./exit-code.ts";
import { exitAfter, type HeavyWork, withHeavyWork } from "./heavy-work.ts";
import { loopWarnings } from "./loop-warnings.ts";
import { openModel, reportFailure, reportWarnings } from "./open-model.ts";
import type { Output } from "./output.ts";
import type { DiffRequest } from "./request.ts";
import { jsonScalar } from "./run-result.ts";
import { attributesShownMax, linesShownMax } from "./watch-report.ts";

/** Prints the cells that differ. No difference is no failure: the exit code is 0 either way. */
export function diffCommand(request: DiffRequest, output: Output): Promise<ExitCode> {
  return withHeavyWork(request.heavy, output, (work) => diff(request, work, output));
}

async function diff(request: DiffRequest, work: HeavyWork, output: Output): Promise<ExitCode> {
  const loaded = await openModel(request, { laying: { areSetsInPlace: true }, work });
  if (!loaded.ok) return reportFailure(loaded, output, request.isJson);
  const { sheet, requested } = loaded;
  try {
    reportWarnings(loaded, output);
    const settling = await work.settled(sheet, requested);
    for (const text of loopWarnings(sheet, requested)) output.message(text);
    const chosen = chooseAttributes(sheet.model, request.only);
    if ("refused" in chosen) {
      output.message(`reckon: ${chosen.refused}`);
      return exitFailure;
    }
    const [left = "base", right = left] = requested;
    const ids = new Set(chosen.ids);
    const changes = sheet.diff(left, right).filter((change) => ids.has(change.attribute));
    if (request.isJson) {
      output.data(
        `${JSON.stringify({ model: sheet.model.name, left, right, changes: changes.map(jsonChange) }, null, 2)}\n`,
      );
      return exitAfter(settling, exitGood);
    }
    if (changes.length === 0) output.message(`reckon: ${left} and ${right} are the same`);
    const isFull = request.isFull;
    const lines = changeLines(changes, {
      linesMax: isFull ? Number.POSITIVE_INFINITY : linesShownMax,
      attributesMax: isFull ? Number.POSITIVE_INFINITY : attributesShownMax,
      isExact: isFull,
      axesOf: (id) => sheet.attribute(id)?.axes ?? [],
      patternOf: (id) => patternOf(sheet.attribute(id)),
    });
    for (const line of lines) output.data(`${line}\n`);
    return exitAfter(settling, exitGood);
  } finally {
    loaded.dispose();
  }
}

function jsonChange(change: Change): object {
  const difference = differenceOf(change.before, change.after);
  return {
    attribute: change.attribute,
    at: change.at,
    left: jsonScalar(change.before),
    right: jsonScalar(change.after),
    ...(difference === undefined ? {} : { difference }),
  };
}

function differenceOf(left: Scalar, right: Scalar): number | undefined {
  if (typeof left !== "number" || typeof right !== "number" || isErrorValue(left)) return undefined;
  return right - left;
}
