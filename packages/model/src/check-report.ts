/** Gathers the diagnostics of checking: places are given by item and span, and end up as offsets into the file. */
import type { Diagnostic, DiagnosticNote, Span } from "@reckon/formula";
import type { AnyDeclaration } from "./document.ts";
import { movedBy, shifted } from "./document.ts";
import type { ItemList } from "./item-list.ts";
import { type Code, diagnose, type Facts, type MoreFacts } from "./messages.ts";

/** A place in the document: the item's index and a span in its text. */
export interface Place {
  readonly item: number;
  readonly span: Span;
}

export class CheckReport {
  readonly source: string;
  readonly diagnostics: Diagnostic[] = [];
  private readonly items: ItemList<AnyDeclaration>;
  private offsets: Float64Array | undefined;

  constructor(source: string, items: ItemList<AnyDeclaration>) {
    this.source = source;
    this.items = items;
  }

  add<C extends Code>(code: C, place: Place, facts: Facts[C], more: MoreFacts = {}): void {
    this.diagnostics.push(diagnose(code, { source: this.source, span: this.inFile(place) }, facts, more));
  }

  /** Adds diagnostics whose spans are in the item's text. */
  addMoved(item: number, diagnostics: readonly Diagnostic[]): void {
    for (const diagnostic of diagnostics) this.diagnostics.push(movedBy(diagnostic, this.offsetOf(item)));
  }

  inFile(place: Place): Span {
    return shifted(place.span, this.offsetOf(place.item));
  }

  /** Where an item begins in the file; the table is made when the first problem is told. */
  private offsetOf(item: number): number {
    if (this.offsets === undefined) {
      const offsets: number[] = [];
      let offset = 0;
      for (const { items } of this.items.chunks) {
        for (const { text } of items) {
          offsets.push(offset);
          offset += text.length;
        }
      }
      this.offsets = Float64Array.from(offsets);
    }
    return this.offsets[item] ?? 0;
  }

  note(text: string, place: Place): DiagnosticNote {
    return { span: this.inFile(place), text };
  }

  hasErrors(): boolean {
    return this.diagnostics.some((diagnostic) => diagnostic.severity === "error");
  }

  /** All diagnostics in file order. */
  sorted(): readonly Diagnostic[] {
    return this.diagnostics.sort((left, right) => left.span.start - right.span.start);
  }
}
