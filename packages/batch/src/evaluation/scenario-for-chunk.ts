/**
 * The scenarios as they are for some entities: without the overrides of what is not computed in chunks, and without those that
 * name entities that are not there.
 *
 * An override that names an entity acts on that one alone, so the values of an entity are the same whoever stands beside it.
 * Cost: the lines of the scenarios that are not for all.
 */
import { type OverrideDeclaration, parseScenario, type ScenarioDocument } from "@reckon/model";
import type { BatchProgram, ProgramSet, ScenarioLines } from "../program.ts";

/** What a sheet is opened with. */
export interface ChunkScenarios {
  readonly documents: readonly ScenarioDocument[];
  readonly sets: readonly ProgramSet[];
  /** Whose values are read. */
  readonly scenario: string;
  /** Equal for chunks that take the same. */
  readonly mark: string;
}

type ScenarioProgram = Pick<BatchProgram, "scenario" | "scenarios" | "scenarioLines" | "sets">;
type Item = ScenarioDocument["items"][number];

export class ScenariosForChunks {
  readonly #program: ScenarioProgram;
  readonly #documents: readonly ScenarioDocument[];
  readonly #lines: ReadonlyMap<string, ScenarioLines>;

  constructor(program: ScenarioProgram) {
    this.#program = program;
    this.#documents = program.scenarios.map(({ source, text }) => parseScenario(source, text));
    this.#lines = new Map(program.scenarioLines.map((lines) => [lines.source, lines]));
  }

  /** Those for the entities of these keys. */
  for(keys: ReadonlySet<string>): ChunkScenarios {
    const marks: unknown[] = [];
    const sets = this.#program.sets.filter(({ entity }) => entity === undefined || keys.has(entity));
    const documents = this.#documents.map((document) => this.#narrowed(document, keys, marks));
    const isEmpty = documents.every(({ items }) =>
      items.every(({ declaration }) => declaration?.kind !== "override"),
    );
    return {
      documents: isEmpty ? [] : documents,
      sets,
      scenario: isEmpty ? "base" : this.#program.scenario,
      mark: JSON.stringify([marks, sets.flatMap(({ entity, path }) => (entity === undefined ? [] : [path]))]),
    };
  }

  #narrowed(document: ScenarioDocument, keys: ReadonlySet<string>, marks: unknown[]): ScenarioDocument {
    const lines = this.#lines.get(document.source);
    if (lines === undefined) return document;
    const dropped = new Set(lines.dropped);
    for (const { item, entity } of lines.named)
      if (!keys.has(entity)) dropped.add(item);
      else marks.push(item);
    const listed = new Set(lines.listed);
    const items = document.items.map((item) => {
      const kept = dropped.has(item.id) ? undefined : listed.has(item.id) ? ofKeys(item, keys) : item;
      if (kept !== undefined && kept !== item) marks.push([item.id, entriesOf(kept)]);
      return kept ?? { id: item.id, text: item.text, diagnostics: [] };
    });
    return { ...document, items, isPart: true };
  }
}

/** The override with the entries of these entities; `undefined` where none is left. */
function ofKeys(item: Item, keys: ReadonlySet<string>): Item | undefined {
  const declaration = item.declaration as OverrideDeclaration;
  if (declaration.value.kind !== "members") return item;
  const entries = declaration.value.entries.filter(({ label }) => keys.has(label.text));
  if (entries.length === 0) return undefined;
  return { ...item, declaration: { ...declaration, value: { ...declaration.value, entries } } };
}

function entriesOf({ declaration }: Item): readonly string[] {
  const value = declaration?.kind === "override" ? declaration.value : undefined;
  return value?.kind === "members" ? value.entries.map(({ label }) => label.text) : [];
}
