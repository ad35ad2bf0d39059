/** `--only`: which attributes a command shows. */
import { nearestName } from "@reckon/formula";
import type { CheckedModel } from "@reckon/model";
import type { LayingOptions } from "@reckon/sheet";

/** Between refusals, of which each is a message of its own. */
export const refusalGap = "\nreckon: ";

/**
 * The ids of the attributes that the patterns name, in the model's order: `block.attribute`, `block` (all of it), or a
 * pattern with `*`. Without patterns: all but the read-only columns of table axes. Patterns that name nothing are a
 * refusal, each with the nearest name.
 */
export function chooseAttributes(
  model: CheckedModel,
  patterns: readonly string[],
): { readonly ids: readonly string[] } | { readonly refused: string } {
  const all = [...model.attributes.values()];
  if (patterns.length === 0) {
    const shown = all.filter((attribute) => attribute.kind === "formula" || !attribute.isReadOnly);
    return { ids: shown.map((attribute) => attribute.id) };
  }
  const chosen = new Set<string>();
  const refused: string[] = [];
  for (const pattern of patterns) {
    const isNamed = matcherOf(pattern);
    const named = all.filter((attribute) => isNamed(attribute.id));
    if (named.length === 0) refused.push(unknownAttribute(model, pattern));
    for (const attribute of named) chosen.add(attribute.id);
  }
  if (refused.length > 0) return { refused: refused.join(refusalGap) };
  return { ids: all.filter((attribute) => chosen.has(attribute.id)).map((attribute) => attribute.id) };
}

/** Lays only what `--only` names; names that are none are refused when the results are printed. */
export function layingFor({ only }: { readonly only: readonly string[] }): LayingOptions {
  if (only.length === 0) return {};
  return {
    only: (model) => {
      const chosen = chooseAttributes(model, only);
      return "refused" in chosen ? undefined : chosen.ids;
    },
  };
}

function matcherOf(pattern: string): (id: string) => boolean {
  if (pattern.includes("*")) {
    const literal = pattern.split("*").map((part) => part.replaceAll(/[.?+^$()[\]{}|\\]/g, String.raw`\$&`));
    const expression = new RegExp(`^${literal.join(".*")}$`);
    return (id) => expression.test(id);
  }
  return (id) => id === pattern || id.startsWith(`${pattern}.`);
}

/** That there is no such attribute, with the nearest one there is. */
export function unknownAttribute(model: CheckedModel, typed: string): string {
  const near = nearestName(typed, [...model.attributes.keys(), ...model.blocks.map((block) => block.name)]);
  return `no attribute \`${typed}\`${near === undefined ? "" : `; did you mean \`${near}\`?`}`;
}
