/**
 * Diagnostics: what is wrong with something that was written. Returned in lists, never thrown. A diagnostic holds
 * a stable code and facts; its wording is made in one place (`message.ts`), so that tests and tools match codes.
 */

/** A half-open range of UTF-16 offsets into one source text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export type Severity = "error" | "warning";

/** A second place that explains the first: where the other definition is, which reference closes a loop. */
export interface DiagnosticNote {
  readonly span?: Span;
  /** Source of `span` where it is another file than the diagnostic's. */
  readonly source?: string;
  readonly text: string;
}

export interface Diagnostic {
  /** `family/what`, for example `formula/unknown-name`; stable. */
  readonly code: string;
  readonly severity: Severity;
  /** The file's name as the user wrote it, or `formula` for a formula on its own. */
  readonly source: string;
  readonly span: Span;
  /** One sentence without the place. */
  readonly message: string;
  /** What to do about it: a suggestion, the ways out. */
  readonly hint?: string;
  readonly notes?: readonly DiagnosticNote[];
  /** `false`: the message speaks for itself, no line of the source is shown under it (`model/undeclared-loop`). */
  readonly showsSource?: boolean;
  /** Cells whose values it is about, as far as they are worth telling apart: a label by axis. */
  readonly cells?: readonly Readonly<Record<string, string>>[];
}
