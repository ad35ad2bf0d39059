/** Gathers the diagnostics of checking: places are given by item and span, and end up as offsets into the file. */
import type { Diagnostic, DiagnosticNote, Span } from "@reckon/formula";
import type { AnyItems } from "./document.ts";
import { movedBy, shifted } from "./document.ts";
import { type Code, diagnose, type Facts, type MoreFacts } from "./messages.ts";

/** A place in the document: the item's index and a span in its text. */
export interface Place {
  readonly item: number;
  readonly span: Span;
}

export class CheckReport {
  readonly source: string;
  readonly diagnostics: Diagnostic[] = [];
  private readonly offsets: Float64Array;

  constructor(source: string, items: AnyItems) {
    this.source = source;
    this.offsets = new Float64Array(items.length);
    let offset = 0;
    for (let i = 0; i < items.length; i++) {
      this.offsets[i] = offset;
      offset += (items[i] as { text: string }).text.length;
    }
  }

  add<C extends Code>(code: C, place: Place, facts: Facts[C], more: MoreFacts = {}): void {
    this.diagnostics.push(diagnose(code, { source: this.source, span: this.inFile(place) }, facts, more));
  }

  /** Adds diagnostics whose spans are in the item's text. */
  addMoved(item: number, diagnostics: readonly Diagnostic[]): void {
    for (const diagnostic of diagnostics)
      this.diagnostics.push(movedBy(diagnostic, this.offsets[item] as number));
  }

  inFile(place: Place): Span {
    return shifted(place.span, this.offsets[place.item] as number);
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
