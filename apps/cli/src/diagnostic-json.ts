/** Diagnostics as data, with lines and columns for editors. */
import { type Diagnostic, lineAndColumn } from "@reckon/formula";

export interface JsonDiagnostic {
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly source: string;
  /** Both from 1; absent where the source's text is not at hand. */
  readonly line?: number;
  readonly column?: number;
  /** UTF-16 offsets, half open. */
  readonly start: number;
  readonly end: number;
  readonly message: string;
  readonly hint?: string;
  readonly notes?: readonly {
    readonly source: string;
    readonly line?: number;
    readonly column?: number;
    readonly text: string;
  }[];
}

/** The diagnostic with its places worked out from `textOf(source)`. */
export function jsonDiagnostic(
  diagnostic: Diagnostic,
  textOf: (source: string) => string | undefined,
): JsonDiagnostic {
  const { code, severity, source, span, message, hint, notes } = diagnostic;
  const placeOf = (in_: string, offset: number) => {
    const text = textOf(in_);
    return text === undefined ? {} : lineAndColumn(text, offset);
  };
  return {
    code,
    severity,
    source,
    ...placeOf(source, span.start),
    start: span.start,
    end: span.end,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(notes === undefined || notes.length === 0
      ? {}
      : {
          notes: notes.map((note) => {
            const at = note.source ?? source;
            return {
              source: at,
              ...(note.span === undefined ? {} : placeOf(at, note.span.start)),
              text: note.text,
            };
          }),
        }),
  };
}
