/**
 * Problems that the sheet itself finds, with all their wording. Everything else comes from the model and formula
 * packages and is handed through.
 *
 * The source of such a diagnostic is what was asked for, not a file: `edit` with the span over the text typed.
 */
import { type Diagnostic, nearestName, type Span } from "@reckon/formula";
import {
  type CheckedAttribute,
  type ModelDeclaration,
  type ModelDocument,
  spanInFile,
  structureOf,
} from "@reckon/model";
import type { ModuleCall } from "@reckon/plan";
import type { SheetResult } from "./api.ts";

export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
  /** What was typed; the span covers it. */
  readonly text?: string;
  readonly source?: string;
}

export function problem({ code, message, hint, text = "", source = "edit" }: Problem): Diagnostic {
  const span = { start: 0, end: text.length };
  const diagnostic: Diagnostic = { code, severity: "error", source, span, message };
  return hint === undefined ? diagnostic : { ...diagnostic, hint };
}

export function refused(...diagnostics: readonly Diagnostic[]): {
  readonly ok: false;
  readonly diagnostics: readonly Diagnostic[];
} {
  return { ok: false, diagnostics };
}

export function accepted<T>(value: T, diagnostics: readonly Diagnostic[] = []): SheetResult<T> {
  return { ok: true, value, diagnostics };
}

export function unknownAttribute(id: string, near: string | undefined): Diagnostic {
  return problem({
    code: "sheet/unknown-attribute",
    message: `no attribute \`${id}\``,
    hint: near === undefined ? undefined : `did you mean \`${near}\`?`,
    text: id,
  });
}

export function unknownScenario(name: string, known: readonly string[]): Diagnostic {
  return problem({
    code: "sheet/unknown-scenario",
    message: `no scenario \`${name}\` is open`,
    hint: `open are ${known.map((scenario) => `\`${scenario}\``).join(", ")}`,
    text: name,
  });
}

export function stillExtended(name: string, by: string): Diagnostic {
  return problem({
    code: "sheet/still-extended",
    message: `scenario \`${by}\` extends \`${name}\``,
    hint: `close \`${by}\` first`,
    text: name,
  });
}

export function notAnInput(id: string): Diagnostic {
  return problem({
    code: "sheet/not-an-input",
    message: `\`${id}\` is a formula: its value is computed`,
    hint: "edit its formula, or pin it in a scenario",
    text: id,
  });
}

export function formulaNeedsPin(id: string, scenario: string): Diagnostic {
  return problem({
    code: "sheet/needs-pin",
    message: `\`${id}\` is a formula: a scenario replaces it only by a pin`,
    hint: `pin it: \`pin ${id} = …\` in scenario \`${scenario}\``,
    text: id,
  });
}

export function inputNeedsNoPin(id: string): Diagnostic {
  return problem({
    code: "sheet/not-a-formula",
    message: `\`${id}\` is an input: it is overridden, not pinned`,
    hint: "set it under the scenario",
    text: id,
  });
}

export function readOnly(id: string): Diagnostic {
  return problem({
    code: "sheet/read-only",
    message: `\`${id}\` is a column of a table and cannot be set here`,
    hint: "change the table's file, or give a block an input of its own",
    text: id,
  });
}

export function scenarioNamedBase(source: string): Diagnostic {
  return problem({
    code: "sheet/scenario-named-base",
    message: "a scenario cannot be called `base`: that is the model without overrides",
    hint: "give it another name",
    source,
  });
}

export function moduleProblem(document: ModelDocument, path: string, why: string): Diagnostic {
  const span = declarationSpan(
    document,
    (declaration) => declaration.kind === "use" && declaration.path === path,
  );
  const found = problem({
    code: "model/module",
    message: `module \`${path}\` does not load: ${why}`,
    source: document.source,
  });
  return span === undefined ? found : { ...found, span };
}

export function unknownModuleFunction(
  document: ModelDocument,
  attribute: CheckedAttribute,
  call: ModuleCall,
  functions: readonly string[],
): Diagnostic {
  const near = nearestName(call.name, functions);
  const span = declarationSpan(
    document,
    (declaration) =>
      declaration.kind === "formula" &&
      declaration.name.text === attribute.name &&
      declaration.block === attribute.block,
  );
  const found = problem({
    code: "model/unknown-module-function",
    message: `\`${attribute.id}\` calls \`${call.module}.${call.name}\`, which the module does not export`,
    hint:
      near === undefined
        ? `it exports ${functions.map((name) => `\`${name}\``).join(", ") || "no functions"}`
        : `did you mean \`${call.module}.${near}\`?`,
    source: document.source,
  });
  return span === undefined ? found : { ...found, span };
}

function declarationSpan(
  document: ModelDocument,
  isWanted: (declaration: ModelDeclaration) => boolean,
): Span | undefined {
  for (const { id, declaration } of structureOf(document))
    if (declaration !== undefined && isWanted(declaration)) return spanInFile(document, id, declaration.span);
  return undefined;
}
