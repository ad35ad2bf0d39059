/**
 * What a file declares, as texts that are equal where only comments, empty lines, line ends or spacing differ.
 *
 * A declaration is its tokens. Between two of them stands one blank where any white space or comment was: `2026-01-01` is a
 * date, and `2026 - 01 - 01` is not. Texts in quotes are tokens, so their blanks count. What is no declaration is left out. Scenarios
 * in JSON or YAML are taken value by value, as these are written. Cost: the texts.
 */
import { lexToken } from "@reckon/formula";
import { type ModelDocument, parseModel, parseScenario } from "@reckon/model";
import type { SourceText } from "@reckon/sheet";

/** The declarations of a model, in the file's order. */
export function declaredInModel({ source, text }: SourceText): readonly string[] {
  return parseModel(source, text).items.flatMap(declared);
}

/** The header and the overrides of a scenario, without the items that are `dropped`. */
export function declaredInScenario(
  { source, text }: SourceText,
  dropped: readonly number[],
): readonly (readonly string[])[] {
  const { format, items } = parseScenario(source, text);
  const kept = items.filter(({ id }) => !dropped.includes(id));
  if (format === "reckon") return kept.flatMap((item) => declared(item).map((one) => [one]));
  return kept.flatMap(({ declaration, text: written }) => {
    if (declaration?.kind === "scenario")
      return [[declaration.name.text, declaration.model.text, declaration.extends?.text ?? ""]];
    if (declaration === undefined) return [];
    const { isPin, targetSpan, valueSpan } = declaration;
    const parts = [targetSpan, valueSpan].map(({ start, end }) => written.slice(start, end));
    return [[isPin ? "pin" : "", ...parts]];
  });
}

function declared({
  declaration,
  text,
}: Pick<ModelDocument["items"][number], "text"> & { declaration?: unknown }) {
  return declaration === undefined ? [] : [tokensOf(text)];
}

function tokensOf(text: string): string {
  let written = "";
  for (let position = 0; ; ) {
    const { kind, start, end } = lexToken(text, position, text.length);
    if (kind === "end") return written;
    // A mark at the file's beginning, and the indentation, are no gaps.
    if (written !== "" && start > position) written += " ";
    const after = Math.max(end, start + 1);
    written += text.slice(start, after);
    position = after;
  }
}
