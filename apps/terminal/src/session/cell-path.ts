/**
 * Paths to cells as people write them: `block.attribute` or `block.attribute[label, label]`, labels in any order,
 * quotes around labels that hold brackets or commas.
 */
import type { CheckedModel } from "@reckon/model";
import type { Axis } from "@reckon/value";

export type CellPath =
  | { readonly ok: true; readonly id: string; readonly index: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly problem: string };

/**
 * Resolves a path. The block may be left out where the name is unique, or is one of block `block`. Axes that no
 * label names are missing from `index`.
 */
export function parseCellPath(model: CheckedModel, text: string, block?: string): CellPath {
  const match = /^\s*([\p{L}\p{N}_.]+)\s*(?:\[(.*)\])?\s*$/u.exec(text);
  if (match === null)
    return { ok: false, problem: `"${text.trim()}" is no path: block.attribute[label, label]` };
  const id = resolveName(model, match[1] as string, block);
  if (id === undefined) return { ok: false, problem: `no attribute "${match[1]}"` };
  const axes = model.attributes.get(id)?.axes ?? [];
  const index: Record<string, string> = {};
  for (const label of splitLabels(match[2] ?? "")) {
    if (label === "*") continue;
    const axis = axes.find(
      (candidate) => index[candidate.name] === undefined && candidate.positions.has(label),
    );
    if (axis === undefined)
      return { ok: false, problem: `"${label}" is no label of ${id}${describeAxes(axes)}` };
    index[axis.name] = label;
  }
  return { ok: true, id, index };
}

function resolveName(model: CheckedModel, name: string, block: string | undefined): string | undefined {
  if (model.attributes.has(name)) return name;
  if (block !== undefined && model.attributes.has(`${block}.${name}`)) return `${block}.${name}`;
  const matches = [...model.attributes.values()].filter((attribute) => attribute.name === name);
  return matches.length === 1 ? matches[0]?.id : undefined;
}

function describeAxes(axes: readonly Axis[]): string {
  if (axes.length === 0) return ", which has no axes";
  return ` (${axes.map((axis) => `${axis.name}: ${axis.labels.slice(0, 3).join(", ")}${axis.labels.length > 3 ? " …" : ""}`).join("; ")})`;
}

function splitLabels(text: string): readonly string[] {
  const labels: string[] = [];
  for (const match of text.matchAll(/\s*(?:"([^"]*)"|([^,]+))\s*(?:,|$)/g)) {
    const label = match[1] ?? match[2]?.trim();
    if (label !== undefined && label !== "") labels.push(label);
  }
  return labels;
}

/** `price[Ent, 2026-03]`; without brackets when there are no labels. */
export function cellTitle(name: string, labels: readonly string[]): string {
  if (labels.length === 0) return name;
  return `${name}[${labels.map((label) => (/[[\],"]/.test(label) ? `"${label}"` : label)).join(", ")}]`;
}
