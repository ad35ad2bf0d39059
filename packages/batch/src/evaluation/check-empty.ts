/**
 * Checks a model while nobody knows its entities: over tables without a row.
 *
 * A formula that names an entity (`minutes[p1]`) does not check then. It reads across entities, whoever that is, so it is left
 * out anyway; for the check `NA()` stands in its place, and a check or a loop's start that names one is taken away. What is wrong
 * with the model beside that is told as ever. Cost: two checks of the model where entities are named, else one.
 */
import type { Diagnostic } from "@reckon/formula";
import {
  type CheckedModel,
  checkModel,
  type ModelDeclaration,
  type ModelDocument,
  parseModel,
  type TableLookup,
} from "@reckon/model";

export interface EmptyCheck {
  readonly model: CheckedModel;
  /** With what stands in place of formulas. */
  readonly document: ModelDocument;
  /** Attributes whose formulas name an entity. */
  readonly naming: ReadonlySet<string>;
  /** Checks that name one, as they are written. */
  readonly checks: readonly string[];
}

interface Unchecked {
  /** What the diagnostics are about. */
  readonly document: ModelDocument;
  readonly diagnostics: readonly Diagnostic[];
}

/** More rounds than this are not looked for: each finds all that the one before has uncovered. */
const roundsMax = 4;

export function checkEmpty(
  written: ModelDocument,
  tables: TableLookup,
  axis: string,
): EmptyCheck | Unchecked {
  const naming = new Set<string>();
  const checks: string[] = [];
  let document = written;
  for (let round = 1; ; round++) {
    const { value, diagnostics } = checkModel(document, tables);
    if (value !== undefined) return { model: value, document, naming, checks };
    const places = diagnostics.filter((one) => namesEntity(one, axis)).map(({ span }) => span.start);
    if (places.length === 0 || round === roundsMax)
      return { document, diagnostics: diagnostics.map((one) => explained(one, axis)) };
    let offset = 0;
    const texts = document.items.map(({ text, declaration }) => {
      const from = offset;
      offset += text.length;
      if (declaration === undefined || !places.some((place) => place >= from && place < offset)) return text;
      if (declaration.kind === "formula") naming.add(`${declaration.block}.${declaration.name.text}`);
      else if (declaration.kind === "check") checks.push(declaration.label ?? text.trim());
      return standIn(text, declaration);
    });
    document = parseModel(document.source, texts.join(""));
  }
}

function namesEntity({ code, message }: Diagnostic, axis: string): boolean {
  return code === "formula/unknown-label" && message.includes(`\`${axis}\``);
}

/** The line with `NA()` for its formula, or an empty line; as many lines as before. */
function standIn(text: string, declaration: ModelDeclaration): string {
  const { start } = declaration.kind === "formula" ? declaration.valueSpan : { start: 0 };
  const kept = declaration.kind === "formula" ? `${text.slice(0, start)}NA()` : "";
  return kept + text.slice(start).replaceAll(/[^\r\n]+/g, "");
}

/** Inputs that list entities by name have their own words: the names may be right. */
function explained(diagnostic: Diagnostic, axis: string): Diagnostic {
  if (diagnostic.code !== "model/unknown-member" || !diagnostic.message.includes(`\`${axis}\``))
    return diagnostic;
  return {
    ...diagnostic,
    code: "batch/listed-entity",
    message: `a batch has no list of the members of \`${axis}\`, so an input cannot give values by their names`,
    hint: `put the values in a column of the table and read that: \`${axis}.column\``,
  };
}
