/**
 * Checks a model again of which only a few lines differ, without walking over the others.
 *
 * It applies where the previous model had no diagnostics, the tables are the same, and each changed line
 *   - still declares the same attribute, as the same kind, over the same axes, with the same type; or
 *   - declares a new attribute whose name meant nothing before; or
 *   - declared an attribute that nothing reads;
 * and where no cycle can have come or gone. Then no other line can mean anything else. In every other case, an error among
 * the edited lines included, the whole model is checked.
 *
 * Who keeps the model running can say more (`KnownGraph`): what reads an attribute, and an order in which what is read
 * stands below what reads it. Without it nothing is taken away, and cycles are searched through all that is read.
 *
 * Cost: the edited lines and what they read; for a line that comes or goes also its block's list of names.
 */

import type { CheckResult, Item, KnownGraph, ModelDocument, TableLookup } from "./api.ts";
import { AttributeTable } from "./attribute-table.ts";
import { checkAttributeFormula } from "./check-formulas.ts";
import { checkInput } from "./check-inputs.ts";
import { sameType } from "./check-memory.ts";
import { CheckReport } from "./check-report.ts";
import { LineFormula } from "./checked-line.ts";
import { type AttributeLookup, mayHaveNewCycle, readsAlike, standsApart } from "./coming-cycles.ts";

import type {
  CheckedAttribute,
  CheckedBlock,
  CheckedFormula,
  CheckedModel,
  FormulaDeclaration,
  InputDeclaration,
  ModelDeclaration,
} from "./declarations.ts";
import type { CheckNames, DeclaredAttribute } from "./declared-names.ts";
import { listOf } from "./document.ts";
import { attributeIdOf } from "./document-edit.ts";
import { groupsAfter, type LoopGroups } from "./edited-cycles.ts";
import { changedItems, type ItemChange, type ItemList } from "./item-list.ts";
import { type ModelMemory, memoryOf, rememberModel } from "./model-memory.ts";
import { namesBehind, namesOf } from "./model-scope.ts";

/** With more lines changed than this, the model is checked as a whole. */
const changesMax = 100;

/** The model again with the edited lines checked; undefined where the whole must be checked. */
export function checkEdited(
  document: ModelDocument,
  tables: TableLookup,
  previous: CheckedModel,
  known: KnownGraph | undefined,
): CheckResult<CheckedModel> | undefined {
  const memory = memoryOf(previous);
  if (memory === undefined || !memory.isQuiet || !memory.tables.isCurrent(tables)) return undefined;
  const list = listOf(document);
  const changes = changedItems(memory.list, list, changesMax);
  if (changes === undefined) return undefined;
  const edit = new EditedModel(document.source, list, previous, memory, known);
  for (const change of changes) if (!edit.take(change)) return undefined;
  const value = edit.finish();
  return value === undefined ? undefined : { value, diagnostics: [] };
}

class EditedModel {
  private readonly list: ItemList<ModelDeclaration>;
  private readonly previous: CheckedModel;
  private readonly memory: ModelMemory;
  private readonly known: KnownGraph | undefined;
  private readonly report: CheckReport;
  private readonly attributes: AttributeTable;
  private readonly names: CheckNames;
  private readonly blocks: Map<string, CheckedBlock> = new Map();
  /** Lines whose names are all declared before any of them is checked. */
  private readonly toCheck: DeclaredAttribute[] = [];
  private readonly removed: string[] = [];

  constructor(
    source: string,
    list: ItemList<ModelDeclaration>,
    previous: CheckedModel,
    memory: ModelMemory,
    known: KnownGraph | undefined,
  ) {
    this.list = list;
    this.previous = previous;
    this.memory = memory;
    this.known = known;
    this.report = new CheckReport(source, list);
    this.attributes = AttributeTable.from(previous.attributes).fork();
    const names = { ...namesOf(previous), attributes: this.attributes };
    this.names = { ...names, tables: memory.tables, isAsBefore: true, integration: previous.integration };
  }

  /** Notes one changed line; false where it may concern others. */
  take({ before, after }: ItemChange<ModelDeclaration>): boolean {
    if ((before?.diagnostics.length ?? 0) > 0 || (after?.diagnostics.length ?? 0) > 0) return false;
    const old = attributeDeclared(before);
    const now = attributeDeclared(after);
    if (
      (old === undefined && before?.declaration !== undefined) ||
      (now === undefined && after?.declaration !== undefined)
    )
      return false;
    if (old !== undefined && now !== undefined)
      return this.replace(old, now, after as Item<ModelDeclaration>);
    if (old !== undefined) return this.remove(old);
    return now === undefined || this.add(now, after as Item<ModelDeclaration>);
  }

  private replace(before: Declared, now: Declared, item: Item<ModelDeclaration>): boolean {
    if (before.kind !== now.kind || attributeIdOf(before) !== attributeIdOf(now)) return false;
    const attribute = this.attributes.get(attributeIdOf(now) as string);
    if (attribute === undefined || !sameType(before.type, now.type)) return false;
    this.note(attribute, now, item);
    return true;
  }

  private remove(before: Declared): boolean {
    const id = attributeIdOf(before);
    if (id === undefined || this.known === undefined || this.known.isRead(id)) return false;
    if (this.names.axes.has(before.name.text) || this.memory.loopLines.has(id)) return false;
    if (hasStocks(this.attributes.get(id))) return false;
    const block = this.blockOf(before.block as string);
    if (block === undefined) return false;
    this.attributes.put(id, undefined);
    this.removed.push(id);
    this.blocks.set(block.name, { ...block, attributes: block.attributes.filter((name) => name !== id) });
    return true;
  }

  private add(now: Declared, item: Item<ModelDeclaration>): boolean {
    const id = attributeIdOf(now);
    if (id === undefined || this.attributes.has(id) || this.removed.includes(id)) return false;
    if (this.names.axes.has(now.name.text) || this.memory.loopLines.has(id)) return false;
    if (this.names.curves.has(id)) return false;
    const block = this.blockOf(now.block as string);
    if (block === undefined) return false;
    const behind = this.nameBefore(item, block.name);
    if (behind === undefined) return false;
    const attributes = block.attributes.slice();
    attributes.splice(behind === "" ? 0 : attributes.lastIndexOf(behind) + 1, 0, id);
    this.blocks.set(block.name, { ...block, attributes });
    const { type } = now;
    const parts = { id, name: now.name.text, block: block.name, axes: block.axes };
    // Others may be checked before it, and ask what it is.
    this.attributes.put(id, (type === undefined ? parts : { ...parts, type }) as CheckedAttribute);
    this.note(parts, now, item);
    return true;
  }

  private note(
    { id, name, block, axes }: Pick<CheckedAttribute, "id" | "name" | "block" | "axes">,
    declaration: Declared,
    item: Item<ModelDeclaration>,
  ): void {
    const parts = { id, name, block, axes, declaration, at: 0, item, isUncertain: false };
    const { type } = declaration;
    this.toCheck.push(type === undefined ? parts : { ...parts, type });
  }

  private blockOf(name: string): CheckedBlock | undefined {
    return this.blocks.get(name) ?? this.previous.blocks.find((block) => block.name === name);
  }

  /** The attribute of the block that stands before an item; empty behind the block's own line. */
  private nameBefore({ id }: Item<ModelDeclaration>, block: string): string | undefined {
    let place = this.list.placeOf(id);
    while (place !== undefined) {
      place = this.list.before(place);
      const declaration = place === undefined ? undefined : this.list.at(place)?.declaration;
      if (declaration?.kind === "block") return declaration.name.text === block ? "" : undefined;
      const name = attributeIdOf(declaration);
      if (name !== undefined) return this.attributes.get(name)?.block === block ? name : undefined;
    }
    return undefined;
  }

  /** Checks the lines; undefined where something is wrong or a cycle may have come or gone. */
  finish(): CheckedModel | undefined {
    const { names, report, previous } = this;
    const changed: CheckedFormula[] = [];
    for (const declared of this.toCheck) {
      const old = previous.attributes.get(declared.id);
      const checked =
        declared.declaration.kind === "input"
          ? checkInput(declared, names, report, previous)
          : checkAttributeFormula(declared, names, report, previous);
      if (checked === undefined || report.diagnostics.length > 0) return undefined;
      if (this.memory.timeInputs.has(checked.id)) return undefined;
      // Stocks are listed, and make other cycles than what stands in their place.
      if (hasStocks(old) || hasStocks(checked)) return undefined;
      if (checked.kind === "formula" && !(old?.kind === "formula" && readsAlike(old, checked)))
        changed.push(checked);
      this.attributes.put(checked.id, checked);
    }
    if (changed.length === 0) return this.model(this.memory.loopGroups);
    if (this.memory.loopLines.size === 0)
      return this.mayHaveCycle(changed) ? undefined : this.model(this.memory.loopGroups);
    const groups = groupsAfter({
      changed,
      attributes: this.attributes,
      loops: previous.loops,
      groups: this.memory.loopGroups,
      known: this.known,
      wasThere: (id) => previous.attributes.has(id),
    });
    return groups === undefined ? undefined : this.model(groups);
  }

  private mayHaveCycle(changed: readonly CheckedFormula[]): boolean {
    const { known, previous } = this;
    const attributes = this.withHidden();
    if (known === undefined) return mayHaveNewCycle(changed, attributes);
    const [only] = changed;
    const isKnown =
      known.isWhole && only !== undefined && changed.length === 1 && previous.attributes.has(only.id);
    if (isKnown && standsApart(only, attributes, known)) return false;
    const levels = changed.map(({ id }) =>
      previous.attributes.has(id) ? known.levelOf(id) : Number.POSITIVE_INFINITY,
    );
    const lowest = Math.min(...levels);
    return mayHaveNewCycle(changed, attributes, (id) => known.levelOf(id) >= lowest);
  }

  /** The attributes, with what stands under delays: cycles run through these, too. */
  private withHidden(): AttributeLookup {
    const { stocks } = this.previous;
    if (stocks.length === 0) return this.attributes;
    const hidden = new Map(stocks.map((stock) => [stock.id, stock]));
    return { get: (id) => this.attributes.get(id) ?? hidden.get(id) };
  }

  private model(loopGroups: LoopGroups): CheckedModel {
    const { previous, attributes } = this;
    const isSameBlocks = this.blocks.size === 0;
    const blocks = isSameBlocks
      ? previous.blocks
      : previous.blocks.map((block) => this.blocks.get(block.name) ?? block);
    const value: CheckedModel = {
      ...previous,
      blocks,
      attributes: isSameBlocks ? attributes : attributes.reordered(blocks),
    };
    namesBehind(value, previous);
    rememberModel(value, { ...this.memory, list: this.list, loopGroups });
    return value;
  }
}

function hasStocks(attribute: CheckedAttribute | undefined): boolean {
  if (attribute?.kind !== "formula" || attribute instanceof LineFormula) return false;
  return attribute.integration !== undefined || attribute.hidden !== undefined;
}

type Declared = InputDeclaration | FormulaDeclaration;

/** The attribute that a line declares in a block. */
function attributeDeclared(item: Item<ModelDeclaration> | undefined): Declared | undefined {
  const declaration = item?.declaration;
  if (declaration?.kind !== "input" && declaration?.kind !== "formula") return undefined;
  return declaration.block === undefined ? undefined : declaration;
}
