/** Results in long form: a line a cell, with a column for every axis of the model. */
import type { ScenarioName, Sheet } from "@reckon/sheet";
import { writeCsv } from "@reckon/tables";
import type { Scalar } from "@reckon/value";
import { labelsAt } from "./cell-labels.ts";

/** `scenario,attribute,<axes>,value`; the column of an axis that an attribute lacks is empty. Cost: the cells. */
export function runCsv(sheet: Sheet, scenarios: readonly ScenarioName[], ids: readonly string[]): string {
  const axes = sheet.model.axes.map((axis) => axis.name);
  const columns: Scalar[][] = ["scenario", "attribute", ...axes, "value"].map(() => []);
  for (const scenario of scenarios) {
    for (const id of ids) {
      const attribute = sheet.attribute(id);
      if (attribute === undefined) continue;
      const column = sheet.column(id, scenario);
      const positions = axes.map((name) => attribute.axes.findIndex((axis) => axis.name === name));
      for (let cell = 0; cell < column.length; cell++) {
        const labels = labelsAt(attribute.axes, cell);
        columns[0]?.push(scenario);
        columns[1]?.push(id);
        for (const [i, position] of positions.entries()) columns[i + 2]?.push(labels[position] ?? null);
        columns.at(-1)?.push(column.get(cell));
      }
    }
  }
  const names = ["scenario", "attribute", ...axes, "value"];
  return writeCsv({
    source: "",
    rows: columns[0]?.length ?? 0,
    lines: [],
    columns: names.map((name, i) => ({ name, values: columns[i] as Scalar[] })),
  });
}
