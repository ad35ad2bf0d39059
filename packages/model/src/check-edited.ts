/**
 * Checks a model again of which only a few lines were edited in place, without walking over the others.
 *
 * It applies where the previous model had no diagnostics and was checked from a document that this one comes from by
 * replacing items; where each replaced item still declares the same attribute, as the same kind, over the same axes, with
 * the same type; where the tables are the same; and where no cycle can have come or gone. Then no other line can mean
 * anything else. In every other case, an error among the edited lines included, the whole model is checked.
 *
 * Cost: the edited lines, what they read, and one copy of the map of attributes.
 */
import type { CheckResult, Item, ModelDocument, TableLookup } from "./api.ts";
import { checkAttributeFormula } from "./check-formulas.ts";
import { checkInput } from "./check-inputs.ts";
import { sameType } from "./check-memory.ts";
import { CheckReport } from "./check-report.ts";
import { mayHaveNewCycle, readsAlike } from "./cycles.ts";
import type { CheckedAttribute, CheckedFormula, CheckedModel, ModelDeclaration } from "./declarations.ts";
import type { DeclaredAttribute, DeclaredNames } from "./declared-names.ts";
import { type Lineage, lineageOf, replacedItems } from "./document-edit.ts";

interface ModelMemory {
  readonly lineage: Lineage;
  readonly names: DeclaredNames;
}
const memories = new WeakMap<CheckedModel, ModelMemory>();

/** Notes what a model without diagnostics was checked from. */
export function rememberNames(model: CheckedModel, document: ModelDocument, names: DeclaredNames): void {
  memories.set(model, { lineage: lineageOf(document), names });
}

/** The model again with the edited lines checked; undefined where the whole must be checked. */
export function checkEdited(
  document: ModelDocument,
  tables: TableLookup,
  previous: CheckedModel,
): CheckResult<CheckedModel> | undefined {
  const memory = memories.get(previous);
  const replaced = memory === undefined ? undefined : replacedItems(document, memory.lineage);
  if (memory === undefined || replaced === undefined || !memory.names.tables.isCurrent(tables))
    return undefined;
  const { names } = memory;
  const report = new CheckReport(document.source, []);
  const attributes = new Map<string, CheckedAttribute>(previous.attributes);
  const changed: CheckedFormula[] = [];
  for (const at of replaced) {
    const declared = declaredAt(names.declared, at);
    const item = document.items[at];
    if (declared === undefined || item === undefined) return undefined;
    const edited = editedAttribute(declared, item);
    const old = previous.attributes.get(declared.id);
    if (edited === undefined || old === undefined) return undefined;
    const checked =
      edited.declaration.kind === "input"
        ? checkInput(edited, names, report, previous)
        : checkAttributeFormula(edited, names, report, previous);
    if (checked === undefined || report.diagnostics.length > 0) return undefined;
    if (checked.kind === "formula" && !(old.kind === "formula" && readsAlike(old, checked)))
      changed.push(checked);
    attributes.set(checked.id, checked);
  }
  if (changed.length > 0 && (names.loops.length > 0 || mayHaveNewCycle(changed, attributes)))
    return undefined;
  const value: CheckedModel = { ...previous, attributes };
  rememberNames(value, document, names);
  return { value, diagnostics: [] };
}

/** The attribute declared by the item at `at`; the list is in file order. */
function declaredAt(declared: readonly DeclaredAttribute[], at: number): DeclaredAttribute | undefined {
  let from = 0;
  let to = declared.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((declared[middle] as DeclaredAttribute).at < at) from = middle + 1;
    else to = middle;
  }
  return declared[from]?.at === at ? declared[from] : undefined;
}

/** The attribute with its new line, when that declares the same one. */
function editedAttribute(
  declared: DeclaredAttribute,
  item: Item<ModelDeclaration>,
): DeclaredAttribute | undefined {
  const { declaration } = item;
  const before = declared.declaration;
  if (declaration === undefined || declaration.kind !== before.kind) return undefined;
  if (declaration.name.text !== before.name.text || declaration.block !== before.block) return undefined;
  if (!sameType(declaration.type, before.type) || item.diagnostics.length > 0) return undefined;
  return { ...declared, declaration, item };
}
