/**
 * Checks a model again after the line of one formula changed, which is most of what people edit.
 *
 * Everything else in the file means what it meant, so only that formula is bound, and only the cycles it may have made or
 * broken matter. Steps:
 *   1. The documents differ in one item, a formula of the same name, block, type and unit before and after.
 *   2. It binds without any diagnostic.
 *   3. It reads the same attributes at the same reaches; or the model has no loops, and neither what it read nor what it
 *      reads leads back to it but by its own earlier or later periods.
 * Wherever a step does not hold the answer is `undefined`, and the model must be checked as a whole.
 *
 * Cost: a comparison of two lists of items by identity, a copy of the map of attributes, and what the formula reads,
 * directly and indirectly (up to a limit) if its references changed.
 */
import type { Item, ModelDocument } from "./api.ts";
import { checkAttributeFormula } from "./check-formulas.ts";
import { sameType } from "./check-memory.ts";
import { CheckReport } from "./check-report.ts";
import { cycleGraph, findCycles, sameReach } from "./cycles.ts";
import type {
  CheckedAttribute,
  CheckedFormula,
  CheckedModel,
  FormulaDeclaration,
  ModelDeclaration,
} from "./declarations.ts";
import { namesOf } from "./model-scope.ts";

/** How many attributes are followed from a formula whose references changed. */
const followedMax = 20_000;

/**
 * The model of `document`, or `undefined` where it must be checked as a whole. `before` is the checked model of
 * `beforeDocument`, which must be without any diagnostic.
 */
export function recheckFormula(
  document: ModelDocument,
  beforeDocument: ModelDocument,
  before: CheckedModel,
): CheckedModel | undefined {
  const at = onlyDifference(document.items, beforeDocument.items);
  if (at === undefined) return undefined;
  const item = document.items[at] as Item<ModelDeclaration>;
  const declaration = formulaOf(item);
  const declarationBefore = formulaOf(beforeDocument.items[at] as Item<ModelDeclaration>);
  if (declaration === undefined || declarationBefore === undefined) return undefined;
  if (!isSameAttribute(declaration, declarationBefore)) return undefined;
  const old = before.attributes.get(`${declaration.block}.${declaration.name.text}`);
  if (old?.kind !== "formula" || old.item !== item.id) return undefined;
  const report = new CheckReport(document.source, document.items);
  const formula = checkAttributeFormula(
    { ...old, declaration, at, item, isUncertain: false },
    { ...namesOf(before), isAsBefore: true },
    report,
    before,
  );
  if (formula === undefined || report.diagnostics.length > 0) return undefined;
  if (!keepsCycles(formula, old, before)) return undefined;
  const attributes = new Map<string, CheckedAttribute>(before.attributes);
  attributes.set(formula.id, formula);
  return { ...before, attributes };
}

/** The index at which two lists differ, if that is the only one. */
function onlyDifference(a: readonly unknown[], b: readonly unknown[]): number | undefined {
  if (a.length !== b.length) return undefined;
  let found: number | undefined;
  for (let i = 0; i < a.length; i++) {
    if (a[i] === b[i]) continue;
    if (found !== undefined) return undefined;
    found = i;
  }
  return found;
}

function formulaOf(item: Item<ModelDeclaration>): FormulaDeclaration | undefined {
  const { declaration, diagnostics } = item;
  return declaration?.kind === "formula" && diagnostics.length === 0 ? declaration : undefined;
}

function isSameAttribute(a: FormulaDeclaration, b: FormulaDeclaration): boolean {
  return (
    a.block !== undefined && a.block === b.block && a.name.text === b.name.text && sameType(a.type, b.type)
  );
}

/** Whether cycles and loops of the model are surely as they were. */
function keepsCycles(now: CheckedFormula, old: CheckedFormula, model: CheckedModel): boolean {
  if (sameReach(now, old)) return true;
  return (
    model.loops.length === 0 &&
    !leadsBack(old, model) &&
    !leadsBack(now, model) &&
    findCycles(cycleGraph([now]), new Set()).cycles.length === 0
  );
}

/** Whether the formula is read by what it reads, itself left out; true as well where that is too far to follow. */
function leadsBack(formula: CheckedFormula, { attributes }: CheckedModel): boolean {
  const seen = new Set<string>([formula.id]);
  const pending: CheckedFormula[] = [formula];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const { attribute } of next.formula.references) {
      if (attribute === formula.id && next !== formula) return true;
      if (seen.has(attribute)) continue;
      if (seen.size > followedMax) return true;
      seen.add(attribute);
      const read = attributes.get(attribute);
      if (read?.kind === "formula") pending.push(read);
    }
  }
  return false;
}
