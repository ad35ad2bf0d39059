/** What the files of a sheet hold on disk, as far as the sheet was told: to know which are not saved. */
import { printDocument } from "@reckon/model";
import type { Documents } from "./content.ts";

export class SavedTexts {
  readonly #texts: Map<string, string> = new Map();

  constructor(documents: Documents) {
    for (const source of sourcesOf(documents)) this.mark(documents, source);
  }

  /** The file of `source` holds the document's text now. */
  mark(documents: Documents, source: string): void {
    const text = textOf(documents, source);
    if (text !== undefined) this.#texts.set(source, text);
  }

  forget(source: string): void {
    this.#texts.delete(source);
  }

  /** The sources whose text differs from their file's, the model first. */
  unsaved(documents: Documents): readonly string[] {
    return sourcesOf(documents).filter((source) => textOf(documents, source) !== this.#texts.get(source));
  }
}

/** The current text of a model or scenario; `undefined` when no document has that source. */
export function textOf({ model, scenarios }: Documents, source: string): string | undefined {
  const document = [model, ...scenarios].find((candidate) => candidate.source === source);
  return document === undefined ? undefined : printDocument(document);
}

function sourcesOf({ model, scenarios }: Documents): readonly string[] {
  return [model, ...scenarios].map(({ source }) => source);
}
