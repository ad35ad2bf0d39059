/**
 * What a refused edit of the model is told in terms of: what was typed and the file as it stands, not a text that
 * nobody will see.
 *
 * The checker reports places in the edited document. Those before the edited lines stay, those behind them move back,
 * those in what was typed become places in that, with the source `formula`. Anything else has no place. Cost: a walk
 * over the items by identity.
 */
import type { Diagnostic, Span } from "@reckon/formula";
import { type CheckedModel, type ModelDocument, type ModelEdit, readsOf } from "@reckon/model";
import { problem } from "./problem.ts";

/** So many readers are named. */
const namedMax = 3;

/** Why an attribute cannot be removed: what reads it. */
export function stillRead(id: string, model: CheckedModel): Diagnostic | undefined {
  const reads = (formula: { readonly references: readonly { readonly attribute: string }[] }): boolean =>
    formula.references.some(({ attribute }) => attribute === id);
  const readers: string[] = [];
  for (const attribute of model.attributes.values())
    if (attribute.kind === "formula" && attribute.id !== id && readsOf(attribute).includes(id))
      readers.push(`\`${attribute.id}\``);
  for (const { name, formula } of model.checks) if (reads(formula)) readers.push(`the check \`${name}\``);
  for (const { attribute, start } of model.loops)
    if (attribute !== id && start !== undefined && reads(start))
      readers.push(`the start of loop \`${attribute}\``);
  if (readers.length === 0) return undefined;
  const more = readers.length - namedMax;
  const named = readers.slice(0, namedMax).join(", ") + (more > 0 ? ` and ${more} more` : "");
  return problem({
    code: "sheet/still-read",
    message: `\`${id}\` is read by ${named}`,
    hint: "change what reads it first",
    text: id,
  });
}

interface Edited {
  readonly before: ModelDocument;
  readonly after: ModelDocument;
  readonly edit: ModelEdit;
}

/** The diagnostics of `after`, which is refused, in terms of `before` and the text typed. */
export function placedIn(edited: Edited, diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const { source } = edited.after;
  if (!diagnostics.some((diagnostic) => diagnostic.source === source)) return diagnostics;
  const places = placesOf(edited);
  return diagnostics.map((diagnostic) => {
    if (diagnostic.source !== source) return diagnostic;
    const { notes, ...rest } = diagnostic;
    const inFile = movedBack(diagnostic.span, places);
    if (inFile === undefined) return { ...rest, ...inTyped(diagnostic.span, places) };
    const kept = notes?.flatMap((note) => {
      if (note.span === undefined || note.source !== undefined) return [note];
      const span = movedBack(note.span, places);
      return span === undefined ? [] : [{ ...note, span }];
    });
    return { ...rest, span: inFile, ...(kept === undefined ? {} : { notes: kept }) };
  });
}

/** Offsets in the edited text; `shift` takes one behind the edited lines back to the text before. */
interface Places {
  readonly typed: Span;
  readonly end: number;
  readonly shift: number;
}

function placesOf({ before, after, edit }: Edited): Places {
  const old = before.items;
  const now = after.items;
  const count = Math.min(old.length, now.length);
  let head = 0;
  while (head < count && old[head] === now[head]) head++;
  let tail = 0;
  while (tail < count - head && old.at(-1 - tail) === now.at(-1 - tail)) tail++;
  const start = lengthOf(now, 0, head);
  const end = start + lengthOf(now, head, now.length - tail);
  const shift = lengthOf(old, head, old.length - tail) - (end - start);
  return { typed: typedSpan(after, head, now.length - tail, start, edit), end, shift };
}

function lengthOf(items: ModelDocument["items"], from: number, to: number): number {
  let length = 0;
  for (let i = from; i < to; i++) length += items[i]?.text.length ?? 0;
  return length;
}

/** Where the text that was typed stands; empty where nothing was. */
function typedSpan(after: ModelDocument, from: number, to: number, start: number, edit: ModelEdit): Span {
  const declaration = after.items[from]?.declaration;
  if (edit.kind === "set-formula" && declaration?.kind === "formula")
    return { start: start + declaration.valueSpan.start, end: start + declaration.valueSpan.end };
  if (edit.kind === "add-attribute") {
    const typed = edit.text.trim();
    const lines = after.items.slice(from, to).map(({ text }) => text);
    const at = start + Math.max(0, lines.join("").indexOf(typed));
    return { start: at, end: at + typed.length };
  }
  return { start, end: start };
}

/** The same place in the text before; `undefined` in what was edited. */
function movedBack(span: Span, { typed, end, shift }: Places): Span | undefined {
  if (span.end <= typed.start) return span;
  return span.start >= end ? { start: span.start + shift, end: span.end + shift } : undefined;
}

function inTyped(span: Span, { typed }: Places): Pick<Diagnostic, "source" | "span"> {
  if (span.start < typed.start || span.end > typed.end) return { source: "edit", span: { start: 0, end: 0 } };
  return { source: "formula", span: { start: span.start - typed.start, end: span.end - typed.start } };
}
