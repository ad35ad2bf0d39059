/**
 * Checks a model: from declarations to names resolved, axes known, inputs in columns, formulas bound.
 *
 *   1. Names: axes (with their tables), modules, blocks, attributes.
 *   2. Inputs: bounds and values.          3. Formulas: bound by name.
 *   4. Cycles against the loops declared.  5. Checks.
 *
 * All problems of the file come together, those of reading included. With `previous`, everything whose line, axes and
 * names mean what they meant keeps its identity, so that only what changed need be compiled again.
 *
 * Where the document differs from the previous one by lines edited in place, only those are looked at (`check-edited.ts`).
 *
 * Cost: linear in the file, the references and the cells of the inputs; with `previous`, lines that did not change cost
 * a comparison of their text and names.
 */
import type { CheckResult, ModelDocument, TableLookup } from "./api.ts";
import { checkEdited, rememberNames } from "./check-edited.ts";
import { checkAttributeFormula, checkChecks } from "./check-formulas.ts";
import { checkInput } from "./check-inputs.ts";
import { checkLoops } from "./check-loops.ts";
import { CheckReport } from "./check-report.ts";
import type { CheckedAttribute, CheckedFormula, CheckedModel } from "./declarations.ts";
import { collectNames, type DeclaredNames } from "./declared-names.ts";
import { diagnosticsOf } from "./document.ts";
import { presentFields } from "./present-fields.ts";

/**
 * The checked model, or what is wrong with it; `diagnostics` includes those of reading the file, in file order.
 * `tables` gives the tables that `tablesOf` asks for.
 *
 * @example
 * ```ts
 * const document = parseModel("a.reckon", "model a\nblock b\n  input x = 2\n  y = x * 3\n");
 * checkModel(document, () => ({ problem: "none" })).value?.attributes.size; // 2
 * ```
 */
export function checkModel(
  document: ModelDocument,
  tables: TableLookup,
  previous?: CheckedModel,
): CheckResult<CheckedModel> {
  const edited = previous === undefined ? undefined : checkEdited(document, tables, previous);
  if (edited !== undefined) return edited;
  const report = new CheckReport(document.source, document.items);
  for (const diagnostic of diagnosticsOf(document)) report.diagnostics.push(diagnostic);
  const names = collectNames(document, tables, report, previous);
  const attributes = new Map<string, CheckedAttribute>();
  for (const column of names.columns) attributes.set(column.id, column);
  const formulas = new Map<string, CheckedFormula>();
  for (const attribute of names.declared) {
    if (attribute.declaration.kind === "input") {
      const input = checkInput(attribute, names, report, previous);
      if (input !== undefined) attributes.set(input.id, input);
    } else {
      const formula = checkAttributeFormula(attribute, names, report, previous);
      if (formula === undefined) continue;
      attributes.set(formula.id, formula);
      formulas.set(formula.id, formula);
    }
  }
  const loops = checkLoops(formulas, names, report, previous);
  const checks = checkChecks(names, report, previous);
  if (report.hasErrors()) return { diagnostics: report.sorted() };
  const value = assemble(names, { attributes, loops, checks });
  if (report.diagnostics.length === 0) rememberNames(value, document, names);
  return { value, diagnostics: report.sorted() };
}

function assemble(
  names: DeclaredNames,
  parts: Pick<CheckedModel, "attributes" | "loops" | "checks">,
): CheckedModel {
  return presentFields<CheckedModel>({
    name: names.header?.name.text ?? "",
    label: names.header?.label,
    axes: [...names.axes.values()],
    time: names.time,
    uses: names.uses,
    blocks: names.blockList.map(({ name, label, axes, attributes }) =>
      presentFields<CheckedModel["blocks"][number]>({ name, label, axes, attributes }),
    ),
    ...parts,
  });
}
