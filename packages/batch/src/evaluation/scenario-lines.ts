/**
 * Which overrides of a scenario take part in chunks, found where no entity is known: a label that belongs to no other axis
 * of the attribute is an entity's name.
 *
 * An override of what is not computed in chunks is dropped: invariants have it in their values. Cost: the overrides.
 */
import type { IndexItem } from "@reckon/formula";
import { type CheckedAttribute, type OverrideDeclaration, parseScenario } from "@reckon/model";
import { type Axis, periodRange } from "@reckon/value";
import type { ProgramSet, ScenarioLines } from "../program.ts";

/** How an override's index stands to the entities. */
type EntityReach =
  | { readonly kind: "all" }
  | { readonly kind: "one"; readonly entity: string }
  | { readonly kind: "range"; readonly written: string };

interface SortingRequest {
  readonly source: string;
  readonly text: string;
  readonly axis: string;
  /** The attribute, if it is one that chunks compute. */
  readonly attribute: (id: string) => CheckedAttribute | undefined;
}

/** The lines sorted, or what cannot be: an override over a range of entities. */
export function scenarioLines(request: SortingRequest): ScenarioLines | { readonly problem: string } {
  const { source, text, axis } = request;
  const dropped: number[] = [];
  const named: ScenarioLines["named"][number][] = [];
  const listed: number[] = [];
  const targets = new Set<string>();
  for (const { id, declaration, text: written } of parseScenario(source, text).items) {
    if (declaration?.kind !== "override") continue;
    const attribute = request.attribute(pathOf(declaration));
    if (attribute === undefined) {
      dropped.push(id);
      continue;
    }
    const reach = entityReach(declaration, attribute, axis);
    if (reach.kind === "range") return { problem: rangeRefused(source, reach.written, axis) };
    const target = written.slice(declaration.targetSpan.start, declaration.targetSpan.end);
    if (reach.kind === "one" && targets.has(target)) return { problem: twice(source, target) };
    targets.add(target);
    if (reach.kind === "one") named.push({ item: id, entity: reach.entity });
    if (listsEntities(declaration, attribute, axis)) listed.push(id);
  }
  return { source, dropped, named, listed };
}

/** A value given for an input; `undefined` where that is none of the attributes. Paths that say nothing are left to the checker. */
export function sortedSet(
  set: { readonly path: string; readonly value: string },
  {
    axis,
    attribute: find,
    isKnown,
  }: Pick<SortingRequest, "axis" | "attribute"> & { readonly isKnown: (id: string) => boolean },
): ProgramSet | { readonly problem: string } | undefined {
  const { items } = parseScenario("--set", `scenario sets of model\n  ${set.path} = 0\n`);
  const declaration = items.flatMap(({ declaration: one }) => (one?.kind === "override" ? [one] : []))[0];
  if (declaration === undefined) return set;
  const id = pathOf(declaration);
  if (!isKnown(id)) return { problem: `--set ${set.path}: there is no attribute \`${id}\`` };
  const attribute = find(id);
  if (attribute === undefined) return undefined;
  const reach = entityReach(declaration, attribute, axis);
  if (reach.kind === "range") return { problem: rangeRefused("--set", reach.written, axis) };
  return reach.kind === "one" ? { ...set, entity: reach.entity } : set;
}

function twice(source: string, target: string): string {
  return `${source} overrides \`${target}\` twice; remove one of them`;
}

function pathOf({ path }: OverrideDeclaration): string {
  return path.map(({ text }) => text).join(".");
}

function rangeRefused(source: string, written: string, axis: string): string {
  return `${source} changes a range of \`${axis}\` (${written}), and a batch has no order of them: name each, or change all`;
}

/** Which entities the override's index names. */
function entityReach(
  { index = [] }: OverrideDeclaration,
  { axes }: CheckedAttribute,
  axis: string,
): EntityReach {
  const others = axes.filter(({ name }) => name !== axis);
  for (const item of index) {
    const labels = labelsOf(item);
    if (labels.length === 0 || labels.every((label) => others.some((other) => has(other, label)))) continue;
    if (item.kind === "label") return { kind: "one", entity: item.label };
    return { kind: "range", written: labels.join("..") };
  }
  return { kind: "all" };
}

function labelsOf(item: IndexItem): readonly string[] {
  if (item.kind === "label") return [item.label];
  if (item.kind !== "range") return [];
  return [item.from, item.to].filter((label) => label !== undefined);
}

function has(axis: Axis, label: string): boolean {
  return axis.positions.has(label) || periodRange(axis, label) !== undefined;
}

function listsEntities({ value }: OverrideDeclaration, { axes }: CheckedAttribute, axis: string): boolean {
  if (value.kind !== "members") return false;
  const others = axes.filter(({ name }) => name !== axis);
  return value.entries.some(({ label }) => !others.some((other) => has(other, label.text)));
}
