/** Opening a sheet: read, check, build. */
import type { Profiler } from "@reckon/engine";
import { type ModelDocument, parseModel, parseScenario, type ScenarioDocument } from "@reckon/model";
import type { LayingOptions, Sheet, SheetHost, SheetResult, SourceText } from "./api.ts";
import { checkContent } from "./content.ts";
import { LiveSheet } from "./live-sheet.ts";
import { setsName } from "./overlays.ts";
import { Phases } from "./phases.ts";
import { accepted, refused } from "./problem.ts";
import { holdsText } from "./typed-value.ts";

export interface OpenOptions extends LayingOptions {
  readonly model: SourceText;
  /** What `parseModel` made of the model's source and text, where that is there already. */
  readonly document?: ModelDocument;
  /** Texts, or what `parseScenario` made of them. */
  readonly scenarios?: readonly (SourceText | ScenarioDocument)[];
  readonly host: SheetHost;
  /**
   * Input overrides by `block.attribute` or `block.attribute[index]`, as `--set` gives them. They stand over the
   * model's values and under every scenario, and no document knows of them.
   */
  readonly sets?: readonly { readonly path: string; readonly value: string }[];
  /** The members are a part of those that the sets were given for (`ScenarioDocument.isPart`). */
  readonly arePart?: boolean;
  /** Is told where opening spends its time, and what is computed until it is stopped. */
  readonly profiler?: Profiler;
}

/**
 * Opens a model with its scenarios.
 *
 * Refused with all problems of all files together when one of them has errors; warnings come with the sheet. Cost:
 * checking and computing everything once.
 *
 * @example
 * ```ts
 * const nowhere = () => ({ problem: "no files here" });
 * const text = "model shop\nblock b\n  input price = 2\n  twice = price * 2\n";
 * const opened = openSheet({ model: { source: "shop.reckon", text }, host: { table: nowhere, module: nowhere } });
 * opened.value.get("b.twice"); // 4
 * ```
 */
export function openSheet(options: OpenOptions): SheetResult<Sheet> {
  const { host, profiler } = options;
  const phases = new Phases(profiler);
  const laying = { ...options, phases };
  const { source, text } = options.model;
  const model = options.document ?? phases.in("parse", () => parseModel(source, text), source);
  const scenarios = (options.scenarios ?? []).map((each) =>
    "items" in each ? each : phases.in("parse", () => parseScenario(each.source, each.text), each.source),
  );
  const plain = checkContent({ model, scenarios }, host, { phases });
  if (plain.content === undefined) return refused(...plain.diagnostics);
  const sets = options.sets ?? [];
  if (sets.length === 0) return accepted(new LiveSheet(plain.content, host, laying), plain.diagnostics);
  const isText = (path: string): boolean => {
    const attribute = plain.content?.model.attributes.get(path);
    return attribute !== undefined && holdsText(attribute);
  };
  const arePart = options.arePart ?? false;
  const document = setsDocument(plain.content.model.name, sets, { isText, arePart });
  const documents = { model, scenarios, sets: document };
  const checked = checkContent(documents, host, { previous: plain.content, phases });
  if (checked.content === undefined) return refused(...checked.diagnostics);
  return accepted(new LiveSheet(checked.content, host, laying), checked.diagnostics);
}

/** The `--set` values as a scenario: a later one for the same cells replaces an earlier one. */
function setsDocument(
  model: ModelDocument["source"],
  sets: readonly { readonly path: string; readonly value: string }[],
  { isText, arePart }: { readonly isText: (attribute: string) => boolean; readonly arePart: boolean },
): ScenarioDocument {
  const last = new Map(sets.map(({ path, value }) => [path.trim(), value.trim()]));
  const lines = [...last].map(([path, value]) => {
    const attribute = path.replace(/\[.*$/s, "").trim();
    const isQuoted = value.startsWith('"');
    return `  ${path} = ${isText(attribute) && !isQuoted ? JSON.stringify(value) : value}`;
  });
  const document = parseScenario(setsName, `scenario command_line of ${model}\n${lines.join("\n")}\n`);
  return arePart ? { ...document, isPart: true } : document;
}
