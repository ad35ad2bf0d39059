/** What a checked model was checked from, so that the next check can look at what changed since. */
import type { ModelDocument } from "./api.ts";
import type { AttributeTable } from "./attribute-table.ts";
import type { TableReader } from "./check-axes.ts";
import type { CheckedInput, CheckedModel, ModelDeclaration } from "./declarations.ts";
import { listOf } from "./document.ts";
import type { LoopGroups } from "./edited-cycles.ts";
import type { ItemList } from "./item-list.ts";
import type { LineMeanings } from "./line-checker.ts";

export interface ModelMemory {
  readonly list: ItemList<ModelDeclaration>;
  readonly tables: TableReader;
  /** Items of all `loop` lines, needless ones too, by the attribute that they name. */
  readonly loopLines: ReadonlyMap<string, readonly number[]>;
  readonly loopGroups: LoopGroups;
  /** Inputs that say how long something is delayed. */
  readonly timeInputs: ReadonlySet<string>;
  readonly meanings: LineMeanings;
  /** Whether it had no diagnostics at all. */
  readonly isQuiet: boolean;
}

const memories = new WeakMap<CheckedModel, ModelMemory>();

export function rememberModel(model: CheckedModel, memory: ModelMemory): void {
  memories.set(model, memory);
}

/**
 * Replaces an input of a checked model in place by one that only has other values, as `document` gives them. The model
 * stays the same object: who looks at its structure need not look again. Cost: constant.
 *
 * @example
 * ```ts
 * const document = parseModel("a.reckon", "model a\nblock b\n  input x = 2\n");
 * const model = checkModel(document, () => ({ problem: "none" })).value;
 * const edit = { kind: "set-input", attribute: "b.x", text: "3" };
 * const edited = editModel(document, model, edit).value;
 * const x = checkModel(edited, () => ({ problem: "none" }), model).value.attributes.get("b.x");
 * replaceInput(model, x, edited);
 * model.attributes.get("b.x").column.get(0); // 3
 * ```
 */
export function replaceInput(
  model: CheckedModel & { readonly attributes: AttributeTable },
  input: CheckedInput,
  document: ModelDocument,
): void {
  model.attributes.put(input.id, input);
  const memory = memories.get(model);
  if (memory !== undefined) memories.set(model, { ...memory, list: listOf(document) });
}

export function memoryOf(model: CheckedModel): ModelMemory | undefined {
  return memories.get(model);
}
