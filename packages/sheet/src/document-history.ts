/**
 * The history of a sheet's documents: the model package's patches, with what makes a step cheap to take back.
 *
 * The patches hold what was written. A step that only typed values into inputs also keeps the cells it set, so that undo
 * writes these and checks nothing.
 *
 * Which scenarios are open is no part of the history. A scenario stands in the patches under a key of its own from its
 * first edit on, and is the document it was opened with as long as the patches do not know it; closed and opened
 * again it has another key, so old steps never touch it.
 *
 *   keys      model.reckon   wide.reckon   wide.reckon (2)
 *   opened    always         closed        now
 */
import { EditHistory, type ModelDocument, type ScenarioDocument } from "@reckon/model";
import type { Documents } from "./content.ts";
import type { InputEdit } from "./input-edit.ts";

type InputEdits = ReadonlyMap<string, InputEdit>;

export interface HistoryStep {
  readonly label: string;
  readonly documents: Documents;
  /** All that differs in the model, where the step only typed values. */
  readonly inputs: InputEdits | undefined;
}

/** A scenario that is open: its key in the patches, and the document it was opened with. */
interface OpenedScenario {
  readonly key: string;
  readonly first: ScenarioDocument;
}

export class DocumentHistory {
  readonly #history: EditHistory;
  readonly #model: string;
  readonly #sets: OpenedScenario | undefined;
  #opened: readonly OpenedScenario[];
  /** Beside the steps of the history, newest last. */
  #doneInputs: (InputEdits | undefined)[] = [];
  #undoneInputs: (InputEdits | undefined)[] = [];
  readonly #keys: Set<string> = new Set();
  #documents: Documents;

  constructor(documents: Documents) {
    this.#history = new EditHistory({ [documents.model.source]: documents.model });
    this.#model = documents.model.source;
    this.#keys.add(this.#model);
    this.#opened = documents.scenarios.map((first) => ({ key: this.#keyFor(first.source), first }));
    this.#sets =
      documents.sets === undefined
        ? undefined
        : { key: this.#keyFor(documents.sets.source), first: documents.sets };
    this.#documents = documents;
  }

  /** Labels of the steps that can be undone, oldest first. */
  get done(): readonly string[] {
    return this.#history.done;
  }

  /** Labels of the steps that can be redone, next first. */
  get undone(): readonly string[] {
    return this.#history.undone;
  }

  /** Makes `documents`, of the same sources as before, the next step. */
  commit(label: string, documents: Documents, inputs: InputEdits | undefined): void {
    const changes: Record<string, ModelDocument | ScenarioDocument> = {};
    if (documents.model !== this.#documents.model) changes[this.#model] = documents.model;
    documents.scenarios.forEach((document, i) => {
      const opened = this.#opened[i];
      if (opened !== undefined && document !== this.#documents.scenarios[i]) changes[opened.key] = document;
    });
    if (this.#sets !== undefined && documents.sets !== undefined && documents.sets !== this.#documents.sets)
      changes[this.#sets.key] = documents.sets;
    this.#documents = documents;
    if (Object.keys(changes).length === 0) return;
    this.#history.commit(label, changes);
    this.#doneInputs.push(inputs);
    if (this.#doneInputs.length > this.#history.doneCount) this.#doneInputs.shift();
    this.#undoneInputs = [];
  }

  undo(): HistoryStep | undefined {
    const label = this.#history.undo();
    if (label === undefined) return undefined;
    const inputs = this.#doneInputs.pop();
    this.#undoneInputs.push(inputs);
    return this.#stepTo(label, inputs);
  }

  redo(): HistoryStep | undefined {
    const label = this.#history.redo();
    if (label === undefined) return undefined;
    const inputs = this.#undoneInputs.pop();
    this.#doneInputs.push(inputs);
    return this.#stepTo(label, inputs);
  }

  /** Scenarios were opened or closed: those of `documents` are open now. */
  open(documents: Documents): void {
    this.#opened = documents.scenarios.map((document) => {
      const index = this.#documents.scenarios.indexOf(document);
      return this.#opened[index] ?? { key: this.#keyFor(document.source), first: document };
    });
    this.#documents = documents;
  }

  /** The tables changed: inputs kept beside the steps may no longer be what their text says. */
  forgetInputs(): void {
    this.#doneInputs = this.#doneInputs.map(() => undefined);
    this.#undoneInputs = this.#undoneInputs.map(() => undefined);
  }

  #stepTo(label: string, inputs: InputEdits | undefined): HistoryStep {
    const known = this.#history.documents;
    const documentOf = ({ key, first }: OpenedScenario, now: ScenarioDocument): ScenarioDocument => {
      const document = (known[key] ?? first) as ScenarioDocument;
      if (document.source === first.source) return document;
      // Patches give a document its key as source. One that no step changed since stays the same object.
      return hasSameItems(document, now) ? now : { ...document, source: first.source };
    };
    this.#documents = {
      model: known[this.#model] as ModelDocument,
      scenarios: this.#opened.map((opened, i) =>
        documentOf(opened, this.#documents.scenarios[i] as ScenarioDocument),
      ),
      sets:
        this.#sets === undefined
          ? undefined
          : documentOf(this.#sets, this.#documents.sets as ScenarioDocument),
    };
    return { label, documents: this.#documents, inputs };
  }

  #keyFor(source: string): string {
    let key = source;
    for (let count = 2; this.#keys.has(key); count++) key = `${source} (${count})`;
    this.#keys.add(key);
    return key;
  }
}

function hasSameItems(a: ScenarioDocument, b: ScenarioDocument): boolean {
  return a.items.length === b.items.length && a.items.every((item, i) => item === b.items[i]);
}

/** The label of an edit's undo step, with the scenario it was made in. */
export function labelOf(verb: string, id: string, scenario: string): string {
  return scenario === "base" ? `${verb} ${id}` : `${verb} ${id} in ${scenario}`;
}
