/**
 * The table files of one model, read once each and kept until they are dropped. Reading is synchronous, because a
 * sheet asks for a table in the middle of checking a model.
 */
import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { readTable } from "@reckon/tables";
import type { Table } from "@reckon/value";
import { decodeSource, describeFileProblem, problemOfKind } from "./source-file.ts";

interface TableFile {
  readonly table: Table | { readonly problem: string };
  readonly text?: string;
  readonly hash?: string;
}

export class TableFiles {
  private readonly folder: string;
  private readonly read = new Map<string, TableFile>();

  /** `folder` is the model's, absolute. */
  constructor(folder: string) {
    this.folder = folder;
  }

  pathOf(source: string): string {
    return resolve(this.folder, source);
  }

  /** The table at a path as written in the model. */
  lookUp(source: string): Table | { readonly problem: string } {
    return this.file(source).table;
  }

  /** The text behind a table, for messages; absent while it cannot be read. */
  textOf(source: string): string | undefined {
    return this.read.get(source)?.text;
  }

  hashOf(source: string): string | undefined {
    return this.file(source).hash;
  }

  /** Takes over a text that was read by someone else, for example by a watch. */
  replace(source: string, text: string, hash: string): void {
    this.read.set(source, { table: readTable(source, text), text, hash });
  }

  private file(source: string): TableFile {
    const known = this.read.get(source);
    if (known !== undefined) return known;
    const file = this.open(source);
    this.read.set(source, file);
    return file;
  }

  private open(source: string): TableFile {
    const path = this.pathOf(source);
    try {
      const problem = problemOfKind(source, statSync(path));
      if (problem !== undefined) return { table: { problem } };
      const decoded = decodeSource(source, readFileSync(path));
      if (decoded.kind !== "text") return { table: { problem: `${source} is not UTF-8 text` } };
      return { table: readTable(source, decoded.text), text: decoded.text, hash: decoded.hash };
    } catch (cause) {
      return { table: { problem: describeFileProblem(source, cause) } };
    }
  }
}
