/** Facts about the current cell of a model. The checker turns them into reads of the cell's place; here they are help. */
import { errorValue } from "@reckon/value";
import type { FunctionDefinition } from "./definition.ts";
import { familyOf, lazy } from "./parameter.ts";

function fact(
  name: string,
  parameters: FunctionDefinition["parameters"],
  doc: string,
  example: readonly [string, string],
): Omit<FunctionDefinition, "family"> {
  return { name, parameters, doc, example, isSpecialForm: true, implement: () => errorValue("#NAME?") };
}

const axis = lazy("axis", "the name of an axis of the block");

/** Their examples are shown in help only: they need a cell of a model. */
export const periodFunctions: readonly FunctionDefinition[] = familyOf("periods", [
  fact("PERIOD", [], "The date on which the current period starts, or the step's number.", [
    "=YEAR(PERIOD())",
    "2026",
  ]),
  fact("PERIOD_LABEL", [], "The label of the current period.", ["=PERIOD_LABEL()", "2026-01"]),
  fact("PERIOD_INDEX", [], "The place of the current period, from 1.", ["=PERIOD_INDEX()", "1"]),
  fact("PERIODS", [], "How many periods the model has.", ["=PERIODS()", "36"]),
  fact("MEMBER", [axis], "The name of the current member of an axis.", ["=MEMBER(segment)", "SMB"]),
  fact("MEMBER_INDEX", [axis], "The place of the current member of an axis, from 1.", [
    "=MEMBER_INDEX(segment)",
    "1",
  ]),
]);
