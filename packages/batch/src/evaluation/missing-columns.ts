/**
 * Columns that a model reads and a file of rows has not (BA8).
 *
 * The model has been checked over the file's columns; a problem at `axis.column`, or at the name of a column of the axis's
 * table, is one of the file, which was chosen elsewhere. So it is told with the file, not with a line of the model that is right.
 * Cost: the diagnostics.
 */
import type { Diagnostic } from "@reckon/formula";
import type { ModelDocument } from "@reckon/model";
import type { EntityAxis } from "./entity-axis.ts";

/** In the order of the diagnostics. `document` is what the diagnostics are about. */
export function missingColumns(
  document: ModelDocument,
  diagnostics: readonly Diagnostic[],
  { name, tablePath }: EntityAxis,
  columns: readonly string[],
): readonly string[] {
  const text = document.items.map((item) => item.text).join("");
  const prefix = `${name}.`;
  const missing = new Set<string>();
  for (const { severity, span, code, message } of diagnostics) {
    if (severity !== "error") continue;
    const written = text.slice(span.start, span.end);
    if (code === "model/unknown-column" && message.startsWith(`table "${tablePath}"`))
      missing.add(written.replace(/^"(.*)"$/, "$1"));
    else if (written.startsWith(prefix)) missing.add(written.slice(prefix.length));
  }
  return [...missing].filter((column) => /^[^.[\s]+$/.test(column) && !columns.includes(column));
}
