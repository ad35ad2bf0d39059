/**
 * Why functions of modules, and work on threads, failed: one cause an entry, with the number of cells in which it began.
 *
 *   1. Every printed column is looked through for errors of that kind, and so is the column that one of them began in.
 *   2. A cell counts where its error began in it, so what only reads it counts nothing.
 *
 * Cost: the cells of columns that are not all numbers.
 */
import { tellsOfFailedCall } from "@reckon/formula";
import type { ScenarioName, Sheet } from "@reckon/sheet";
import { type Column, type ErrorOrigin, type ErrorValue, isErrorValue, markFirstError } from "@reckon/value";
import { cellName } from "./cell-labels.ts";

export interface FailedCalls {
  readonly attribute: string;
  /** In words, on one line. */
  readonly cause: string;
  /** In so many cells it began, of all scenarios. */
  readonly cells: number;
  /** The first of them, and the scenario. */
  readonly at: readonly string[];
  readonly scenario: ScenarioName;
}

/** Of these the first are told. */
const causesShownMax = 10;
/** More than so many causes are not told apart: a function may say something else of each cell. */
const causesMax = 1000;

/** What failed in these attributes, or before them. */
export function failedCalls(
  sheet: Sheet,
  scenarios: readonly ScenarioName[],
  ids: readonly string[],
): readonly FailedCalls[] {
  const found = new Map<string, { -readonly [key in keyof FailedCalls]: FailedCalls[key] }>();
  for (const scenario of scenarios) {
    // Grows while it is gone through.
    const wanted = new Set(ids);
    for (const id of wanted) {
      for (const { origin, cause } of failuresIn(sheet.column(id, scenario))) {
        // What is laid under SMOOTH and its kin is named by the attribute it stands under, a space, and the call.
        const [attribute] = origin.attribute.split(" ") as [string];
        wanted.add(attribute);
        if (attribute !== id) continue;
        const key = JSON.stringify([attribute, cause]);
        const known = found.get(key);
        if (known !== undefined) known.cells++;
        else if (found.size < causesMax)
          found.set(key, { attribute, cause, cells: 1, at: origin.at, scenario });
      }
    }
  }
  return [...found.values()];
}

/** A line a cause, to be printed as they are. */
export function failureLines(model: string, failures: readonly FailedCalls[]): readonly string[] {
  const lines = failures.slice(0, causesShownMax).map(({ attribute, cause, cells, at, scenario }) => {
    const count = cells === 1 ? "1 cell" : `${cells} cells`;
    const which = scenario === "base" ? "" : ` -s ${scenario}`;
    return `reckon: ${attribute}: ${cause} (${count}; reckon why ${model} '${cellName(attribute, at)}'${which})`;
  });
  const rest = failures.length - causesShownMax;
  return rest > 0 ? [...lines, `reckon: and ${rest} more like these`] : lines;
}

interface Failure {
  readonly origin: ErrorOrigin;
  readonly cause: string;
}

function* failuresIn(column: Column): Generator<Failure> {
  const { marks } = column;
  if (marks === null) return;
  for (let i = 0; i < marks.length; i++) {
    if ((marks[i] as number) < markFirstError) continue;
    const value = column.get(i);
    if (!isErrorValue(value)) continue;
    const { origin, detail } = value;
    if (origin === undefined || detail === undefined || !isFailure(value)) continue;
    yield { origin, cause: detail.replaceAll(/\s+/g, " ").trim() };
  }
}

function isFailure({ code, detail = "" }: ErrorValue): boolean {
  return code !== "#BUSY!" && (tellsOfFailedCall(detail) || /^(?:failed|lost|timed-out): /.test(detail));
}
