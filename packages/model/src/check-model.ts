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
 * Where the document differs from the previous one in a few lines, only those are looked at (`check-edited.ts`).
 *
 * Cost: linear in the file, the references and the cells of the inputs; with `previous`, lines that did not change cost
 * a comparison of their text and names.
 */
import type { CheckResult, KnownGraph, ModelDocument, TableLookup } from "./api.ts";
import { AttributeTable } from "./attribute-table.ts";
import { checkEdited } from "./check-edited.ts";
import { checkAttributeFormula, checkChecks } from "./check-formulas.ts";
import { checkInput } from "./check-inputs.ts";
import { checkLoops } from "./check-loops.ts";
import { CheckReport } from "./check-report.ts";
import { checkTimes, timeInputs } from "./check-times.ts";
import { LineFormula } from "./checked-line.ts";
import type { CheckedAttribute, CheckedFormula, CheckedModel } from "./declarations.ts";
import { collectNames, type DeclaredNames, isInputLine } from "./declared-names.ts";
import { diagnosticsOf, listOf } from "./document.ts";
import { LineChecker, LineMeanings } from "./line-checker.ts";
import { memoryOf, rememberModel } from "./model-memory.ts";
import { presentFields } from "./present-fields.ts";

/**
 * The checked model, or what is wrong with it; `diagnostics` includes those of reading the file, in file order.
 * `tables` gives the tables that `tablesOf` asks for. `known` may be given when the graph of `previous` is at hand.
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
  known?: KnownGraph,
): CheckResult<CheckedModel> {
  const edited = previous === undefined ? undefined : checkEdited(document, tables, previous, known);
  if (edited !== undefined) return edited;
  const report = new CheckReport(document.source, listOf(document));
  for (const diagnostic of diagnosticsOf(document)) report.diagnostics.push(diagnostic);
  const memory = previous === undefined ? undefined : memoryOf(previous);
  const numbers = AttributeTable.numbersLike(
    previous === undefined ? undefined : AttributeTable.from(previous.attributes),
  );
  const names = collectNames(document, tables, report, previous, numbers);
  const learned = memory?.meanings;
  const meanings = learned?.isFor(names.axes, names.time) === true ? learned : new LineMeanings();
  const lines = new LineChecker(names, numbers, previous, meanings);
  const { attributes, formulas } = checkAttributes(names, lines, report, previous);
  const stocks = formulas.flatMap(stocksOf);
  const all =
    stocks.length === 0 ? formulas : [...formulas, ...stocks.filter(({ partOf }) => partOf !== undefined)];
  const { loops, groups } = checkLoops(all, { names, isOrdered: lines.isInFileOrder }, report, previous);
  checkTimes(stocks, attributes, { names, report });
  const checks = checkChecks(names, report, previous);
  if (report.hasErrors()) return { diagnostics: report.sorted() };
  const order = [names.columns.map(({ id }) => id), ...names.blockList.map((block) => block.attributes)];
  const table = AttributeTable.of(attributes, order, numbers);
  const value = assemble(names, { attributes: table, loops, checks, stocks });
  rememberModel(value, {
    list: listOf(document),
    tables: names.tables,
    loopLines: loopLinesOf(names),
    loopGroups: groups,
    timeInputs: timeInputs(stocks),
    meanings,
    isQuiet: report.diagnostics.length === 0,
  });
  return { value, diagnostics: report.sorted() };
}

/** All attributes in file order, those of plain lines without a look at their trees. */
function checkAttributes(
  names: DeclaredNames,
  lines: LineChecker,
  report: CheckReport,
  previous: CheckedModel | undefined,
): { readonly attributes: readonly CheckedAttribute[]; readonly formulas: readonly CheckedFormula[] } {
  const attributes: CheckedAttribute[] = [...names.columns];
  const formulas: CheckedFormula[] = [];
  for (const declared of names.declared) {
    let attribute = lines.check(declared);
    if (attribute === undefined && isInputLine(declared))
      attribute = checkInput(declared, names, report, previous);
    else attribute ??= checkAttributeFormula(declared, names, report, previous);
    if (attribute === undefined) continue;
    attributes.push(attribute);
    if (attribute.kind === "formula") formulas.push(attribute);
  }
  lines.finish();
  return { attributes, formulas };
}

/** The items of the `loop` lines by the attribute that they name. */
function loopLinesOf(names: DeclaredNames): ReadonlyMap<string, readonly number[]> {
  const lines = new Map<string, number[]>();
  for (const { declaration, item } of names.loops) {
    const id = `${declaration.block}.${declaration.name.text}`;
    lines.set(id, [...(lines.get(id) ?? []), item.id]);
  }
  return lines;
}

function assemble(
  names: DeclaredNames,
  parts: Pick<CheckedModel, "attributes" | "loops" | "checks" | "stocks">,
): CheckedModel {
  return presentFields<CheckedModel>({
    name: names.header?.name.text ?? "",
    label: names.header?.label,
    axes: [...names.axes.values()],
    time: names.time,
    integration: names.integration,
    uses: names.uses,
    blocks: names.blockList.map(({ name, label, axes, attributes }) =>
      presentFields<CheckedModel["blocks"][number]>({ name, label, axes, attributes }),
    ),
    curves: [...names.curves.values()],
    ...parts,
  });
}

/** The stocks that a formula is or stands on. */
function stocksOf(formula: CheckedFormula): readonly CheckedFormula[] {
  if (formula instanceof LineFormula) return [];
  const { hidden = [], integration } = formula;
  return integration === undefined ? hidden : [...hidden, formula];
}
