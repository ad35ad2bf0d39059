/**
 * Files that changed on disk, and have not been taken over yet.
 *
 * A text that does not check is kept waiting: renaming an attribute means saving the model and its scenarios, one
 * after the other, and each alone is wrong. So every reload first tries all that waits together with the new text,
 * then the new text alone.
 */
import type { Diagnostic } from "@reckon/formula";
import {
  type ModelDocument,
  parseModel,
  parseScenario,
  printDocument,
  type ScenarioDocument,
} from "@reckon/model";
import type { SheetResult } from "./api.ts";
import type { Documents } from "./content.ts";
import type { Draft } from "./draft.ts";
import { type EditContext, takeOver } from "./edits.ts";
import { accepted, problem, refused } from "./problem.ts";

export class Reloads {
  readonly #waiting: Map<string, string> = new Map();
  #problems: readonly Diagnostic[] = [];

  /** Why the files that wait have not been taken over. */
  get problems(): readonly Diagnostic[] {
    return this.#problems;
  }

  /** Reads the text into the draft. Returns the sources taken over. */
  take(draft: Draft, source: string, text: string, context: EditContext): SheetResult<readonly string[]> {
    const { documents } = draft.content;
    const standing = allDocuments(documents).find((document) => document.source === source);
    if (standing === undefined || standing === documents.sets)
      return refused(
        problem({
          code: "sheet/unknown-source",
          message: `\`${source}\` is not open in this sheet`,
          text: source,
        }),
      );
    this.#waiting.set(source, text);
    const all = takeOver(draft, withTexts(documents, this.#waiting), context);
    if (all.ok) {
      const sources = [...this.#waiting.keys()];
      this.forget();
      return accepted(sources, all.diagnostics);
    }
    this.#problems = all.diagnostics;
    if (this.#waiting.size === 1) return all;
    const alone = takeOver(draft, withTexts(documents, new Map([[source, text]])), context);
    if (!alone.ok) return all;
    this.#waiting.delete(source);
    this.#problems = all.diagnostics.filter((diagnostic) => this.#waiting.has(diagnostic.source));
    return accepted([source], alone.diagnostics);
  }

  forget(): void {
    this.#waiting.clear();
    this.#problems = [];
  }
}

/** The documents with some texts read anew; a document whose text is the same stays the same object. */
function withTexts(documents: Documents, texts: ReadonlyMap<string, string>): Documents {
  const model = texts.get(documents.model.source);
  return {
    ...documents,
    model:
      model === undefined || model === printDocument(documents.model)
        ? documents.model
        : parseModel(documents.model.source, model, documents.model),
    scenarios: documents.scenarios.map((document) => {
      const text = texts.get(document.source);
      return text === undefined || text === printDocument(document)
        ? document
        : parseScenario(document.source, text, document);
    }),
  };
}

/** Every document of a sheet, the model first. */
function allDocuments({ model, scenarios, sets }: Documents): readonly (ModelDocument | ScenarioDocument)[] {
  return [model, ...scenarios, ...(sets === undefined ? [] : [sets])];
}
