/** What a checked model was checked from, so that the next check can look at what changed since. */
import type { TableReader } from "./check-axes.ts";
import type { CheckedModel, ModelDeclaration } from "./declarations.ts";
import type { ItemList } from "./item-list.ts";

export interface ModelMemory {
  readonly list: ItemList<ModelDeclaration>;
  readonly tables: TableReader;
  /** Items of all `loop` lines, needless ones too, by the attribute that they name. */
  readonly loopLines: ReadonlyMap<string, readonly number[]>;
  /** Whether it had no diagnostics at all. */
  readonly isQuiet: boolean;
}

const memories = new WeakMap<CheckedModel, ModelMemory>();

export function rememberModel(model: CheckedModel, memory: ModelMemory): void {
  memories.set(model, memory);
}

export function memoryOf(model: CheckedModel): ModelMemory | undefined {
  return memories.get(model);
}
