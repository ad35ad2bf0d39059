/**
 * A draft: the edits of one transaction before they are accepted.
 *
 * Edits are made to documents and checked models only; the engine hears of them once, when the draft is committed.
 * So an edit that is refused, or a transaction that throws, leaves nothing to take back but the inputs whose entries
 * were replaced in the model's map, and those are logged here.
 */
import { type CheckedInput, type ModelDocument, replaceInput } from "@reckon/model";
import type { Positions } from "@reckon/plan";
import type { Scalar } from "@reckon/value";
import type { Content, LiveModel } from "./content.ts";
import { editedInput, type InputEdit, replayed, takeBack } from "./input-edit.ts";

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

  /** Sets cells of an input, and the document that says so, without checking the model. Cost: the cells. */
  setCells(input: CheckedInput, positions: Positions, value: Scalar, document: ModelDocument): void {
    this.#take(editedInput(input, positions, value, this.inputs.get(input.id)), document);
  }

  /** Makes an edit again, or takes it back, with the document of that step. */
  replay(edit: InputEdit, direction: "undo" | "redo", document: ModelDocument): void {
    const input = this.content.model.attributes.get(edit.after.id) as CheckedInput;
    this.#take(replayed(edit, direction, input), document);
  }

  #take(edit: InputEdit, document: ModelDocument): void {
    const { documents, model } = this.content;
    const { after } = edit;
    const input = model.attributes.get(after.id) as CheckedInput;
    replaceInput(model, after, document);
    this.#replaced.push({ model, input, document: documents.model });
    this.inputs.set(after.id, edit);
    this.content = { ...this.content, documents: { ...documents, model: document } };
  }

  /** Puts the inputs back. */
  revert(): void {
    for (const edit of this.inputs.values()) takeBack(edit);
    for (const { model, input, document } of this.#replaced.toReversed())
      replaceInput(model, input, document);
  }
}
