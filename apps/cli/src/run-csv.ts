/** Results in long form: a line a cell, with a column for every axis of the model. */
import type { CheckedAttribute } from "@reckon/model";
import type { ScenarioName, Sheet } from "@reckon/sheet";
import { csvCell } from "@reckon/tables";
import { labelsAt } from "./cell-labels.ts";

/** So many lines are one piece: few enough to be no burden, many enough that handing them over costs nothing. */
const pieceLines = 2_000;

/**
 * `scenario,attribute,<axes>,value`; the column of an axis that an attribute lacks is empty. In pieces: all of it may be
 * more than a string holds. Cost: the cells.
 */
export function* runCsv(
  sheet: Sheet,
  scenarios: readonly ScenarioName[],
  ids: readonly string[],
): Generator<string> {
  const axes = sheet.model.axes.map((axis) => axis.name);
  yield `${["scenario", "attribute", ...axes, "value"].map(csvCell).join(",")}\n`;
  for (const scenario of scenarios) {
    for (const id of ids) {
      const attribute = sheet.attribute(id);
      if (attribute !== undefined) yield* linesOf(sheet, scenario, attribute, axes);
    }
  }
}

function* linesOf(
  sheet: Sheet,
  scenario: ScenarioName,
  attribute: CheckedAttribute,
  axes: readonly string[],
): Generator<string> {
  const column = sheet.column(attribute.id, scenario);
  const begin = `${csvCell(scenario)},${csvCell(attribute.id)},`;
  const positions = axes.map((name) => attribute.axes.findIndex((axis) => axis.name === name));
  let piece = "";
  for (let cell = 0; cell < column.length; cell++) {
    const labels = labelsAt(attribute.axes, cell);
    piece += begin;
    for (const position of positions) piece += `${csvCell(labels[position] ?? null)},`;
    piece += `${csvCell(column.get(cell))}\n`;
    if (cell % pieceLines === pieceLines - 1) {
      yield piece;
      piece = "";
    }
  }
  if (piece !== "") yield piece;
}
