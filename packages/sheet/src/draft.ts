/**
 * A draft: the edits of one transaction before they are accepted.
 *
 * Edits are made to documents and checked models only; the engine hears of them once, when the draft is committed.
 * So an edit that is refused, or a transaction that throws, leaves nothing to take back but the inputs whose entries
 * were replaced in the model's map, and those are logged here.
 */
import { type CheckedInput, type ModelDocument, replaceInput } from "@reckon/model";
import type { Content, Documents, LiveModel } from "./content.ts";

/** An input before and after; the columns are shared with the engine and never written again. */
export interface InputEdit {
  readonly before: CheckedInput;
  readonly after: CheckedInput;
}

export class Draft {
  readonly before: Content;
  content: Content;
  /** Whether the model was checked anew, so that the plan must look at every unit. */
  isModelChecked = false;
  readonly inputs: Map<string, InputEdit> = new Map();
  readonly #replaced: {
    readonly model: LiveModel;
    readonly input: CheckedInput;
    readonly document: ModelDocument;
  }[] = [];

  constructor(content: Content) {
    this.before = content;
    this.content = content;
  }

  /** Whether the engine holds formulas as the draft has them. */
  get isStructureRunning(): boolean {
    return this.content.model === this.before.model;
  }

  get hasChanged(): boolean {
    return this.content !== this.before;
  }

  /** Takes over content that was checked as a whole. */
  accept(content: Content, hasCheckedModel: boolean): void {
    this.content = content;
    this.isModelChecked ||= hasCheckedModel;
  }

  /** Replaces an input's entry and the documents that say so, without checking the model. Cost: constant. */
  replaceInput(after: CheckedInput, documents: Documents): void {
    const model = this.content.model;
    const before = model.attributes.get(after.id) as CheckedInput;
    replaceInput(model, after, documents.model);
    this.#replaced.push({ model, input: before, document: this.content.documents.model });
    this.inputs.set(after.id, { before: this.inputs.get(after.id)?.before ?? before, after });
    this.content = { ...this.content, documents };
  }

  /** Puts the inputs back. */
  revert(): void {
    for (const { model, input, document } of this.#replaced.toReversed())
      replaceInput(model, input, document);
  }
}
