/**
 * Checks a scenario as far as that goes without a checked model: where the model itself has errors (a table that is
 * missing, say), the names that a scenario gets wrong are told all the same, so that all can be corrected at once.
 *
 * Nothing is said that correcting the model might make untrue. So a name counts as unknown only where the model's file
 * declares no such attribute; blocks of table axes, whose attributes stand in the table, and lines that could not be
 * read, have the benefit of the doubt.
 */
import { type Diagnostic, nearestName } from "@reckon/formula";
import type { ModelDocument, ScenarioDocument } from "./api.ts";
import { CheckReport } from "./check-report.ts";
import type { OverrideDeclaration } from "./declarations.ts";
import { diagnosticsOf, listOf } from "./document.ts";
import { presentFields } from "./present-fields.ts";

interface WrittenNames {
  readonly model: string | undefined;
  readonly attributes: ReadonlySet<string>;
  readonly axes: ReadonlySet<string>;
  /** The lines that declare nothing, as far as they could be read. */
  readonly unread: string;
}

/** Problems of the scenario alone and of its names, those of reading the file included. Cost: both documents. */
export function checkScenarioNames(document: ScenarioDocument, model: ModelDocument): readonly Diagnostic[] {
  const report = new CheckReport(document.source, listOf(document));
  for (const diagnostic of diagnosticsOf(document)) report.diagnostics.push(diagnostic);
  const names = writtenNames(model);
  document.items.forEach(({ declaration }, item) => {
    if (declaration?.kind === "scenario") {
      const { text, span } = declaration.model;
      if (names.model !== undefined && names.model !== text)
        report.add("scenario/other-model", { item, span }, { written: text, model: names.model });
    } else if (declaration?.kind === "override") checkName(declaration, item, names, report);
  });
  return report.sorted();
}

function checkName(
  { path }: OverrideDeclaration,
  item: number,
  names: WrittenNames,
  report: CheckReport,
): void {
  const [block, short] = path.map(({ text }) => text) as [string, string | undefined];
  if (path.length !== 2 || short === undefined || names.axes.has(block)) return;
  const name = `${block}.${short}`;
  if (names.attributes.has(name) || names.unread.includes(short) || names.unread.includes(block)) return;
  const span = { start: path[0]?.span.start ?? 0, end: path.at(-1)?.span.end ?? 0 };
  const suggestion = nearestName(name, [...names.attributes]);
  report.add("scenario/unknown-attribute", { item, span }, presentFields({ name, suggestion }));
}

function writtenNames(document: ModelDocument): WrittenNames {
  let model: string | undefined;
  const attributes = new Set<string>();
  const axes = new Set<string>();
  const unread: string[] = [];
  for (const { declaration, text } of document.items) {
    switch (declaration?.kind) {
      case undefined:
        unread.push(text);
        break;
      case "model":
        model ??= declaration.name.text;
        break;
      case "axis":
        axes.add(declaration.name.text);
        break;
      case "input":
      case "formula":
        if (declaration.block !== undefined) attributes.add(`${declaration.block}.${declaration.name.text}`);
        break;
      default:
    }
  }
  return { model, attributes, axes, unread: unread.join("\n") };
}
