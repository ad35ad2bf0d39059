/** What the files of a sheet hold on disk, as far as the sheet was told: to know which are not saved. */
import { type ModelDocument, printDocument, printsAlike, type ScenarioDocument } from "@reckon/model";
import type { Documents } from "./content.ts";

export class SavedTexts {
  readonly #saved: Map<string, ModelDocument | ScenarioDocument> = new Map();

  constructor(documents: Documents) {
    for (const source of sourcesOf(documents)) this.mark(documents, source);
  }

  /** The file of `source` holds the document's text now. */
  mark(documents: Documents, source: string): void {
    const document = documentOf(documents, source);
    if (document !== undefined) this.#saved.set(source, document);
  }

  forget(source: string): void {
    this.#saved.delete(source);
  }

  /** The sources whose text differs from their file's, the model first. */
  unsaved(documents: Documents): readonly string[] {
    return sourcesOf(documents).filter((source) => {
      const document = documentOf(documents, source);
      const saved = this.#saved.get(source);
      return document !== undefined && (saved === undefined || !printsAlike(document, saved));
    });
  }
}

/** The current text of a model or scenario; `undefined` when no document has that source. */
export function textOf(documents: Documents, source: string): string | undefined {
  const document = documentOf(documents, source);
  return document === undefined ? undefined : printDocument(document);
}

function documentOf(
  { model, scenarios }: Documents,
  source: string,
): ModelDocument | ScenarioDocument | undefined {
  return [model, ...scenarios].find((candidate) => candidate.source === source);
}

function sourcesOf({ model, scenarios }: Documents): readonly string[] {
  return [model, ...scenarios].map(({ source }) => source);
}
