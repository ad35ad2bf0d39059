/**
 * A formula with some of its parts replaced: the whole tree (root, start, end and the keys of references) is walked,
 * what is read by nobody any more goes out of the references, and the slots are numbered anew.
 *
 * Trees of more than `treeNodesMax` nodes are left as they are: the walk recurses.
 */
import {
  type AxisAccess,
  type BoundExpression,
  type BoundFormula,
  partsOf,
  type Reference,
} from "@reckon/formula";
import { withParts } from "./expression-parts.ts";

/** Formulas with more nodes are not rewritten. */
export const treeNodesMax = 1_000;

/** The number of nodes, or a number above `treeNodesMax` when there are more. */
export function treeSize(root: BoundExpression): number {
  let size = 0;
  const stack = [root];
  for (let node = stack.pop(); node !== undefined && size <= treeNodesMax; node = stack.pop()) {
    size++;
    for (const part of partsOf(node)) stack.push(part);
  }
  return size;
}

/** What a replaced part becomes: another expression, or a read of another reference. */
export type Replacement = BoundExpression | { readonly kind: "read-of"; readonly reference: Reference };

/** The formula with the parts replaced for which `replace` gives something; `undefined` when it is too large. */
export function rebuild(
  formula: BoundFormula,
  replace: (node: BoundExpression) => Replacement | undefined,
): BoundFormula | undefined {
  const roots = [formula.root, formula.start, formula.end].filter((root) => root !== undefined);
  const keys = formula.references.flatMap(({ access }) =>
    access.flatMap((one) => (one.kind === "key" ? [one.key] : [])),
  );
  if ([...roots, ...keys].some((root) => treeSize(root) > treeNodesMax)) return undefined;
  return new Rebuilding(formula, replace).result();
}

class Rebuilding {
  readonly #formula: BoundFormula;
  readonly #replace: (node: BoundExpression) => Replacement | undefined;
  readonly #references: Reference[] = [];
  /** New slot by old slot. */
  readonly #slots: Map<number, number> = new Map();
  /** New slot by what a replaced part reads. */
  readonly #added: Map<string, number> = new Map();

  constructor(formula: BoundFormula, replace: (node: BoundExpression) => Replacement | undefined) {
    this.#formula = formula;
    this.#replace = replace;
  }

  result(): BoundFormula {
    const { root, start, end, axes, callsModule } = this.#formula;
    const made = {
      root: this.#walk(root),
      axes,
      callsModule,
      ...(start === undefined ? {} : { start: this.#walk(start) }),
      ...(end === undefined ? {} : { end: this.#walk(end) }),
    };
    return { ...made, references: this.#references };
  }

  #walk(node: BoundExpression): BoundExpression {
    const replacement = this.#replace(node);
    if (replacement?.kind === "read-of") return { kind: "read", slot: this.#slotOf(replacement.reference) };
    if (replacement !== undefined) return replacement;
    if (node.kind === "read") return { kind: "read", slot: this.#movedSlot(node.slot) };
    return withParts(node, (part) => this.#walk(part));
  }

  #movedSlot(slot: number): number {
    const known = this.#slots.get(slot);
    if (known !== undefined) return known;
    const reference = this.#formula.references[slot] as Reference;
    const access = reference.access.map(
      (one): AxisAccess => (one.kind === "key" ? { kind: "key", key: this.#walk(one.key) } : one),
    );
    const moved = this.#references.push({ ...reference, access }) - 1;
    this.#slots.set(slot, moved);
    return moved;
  }

  #slotOf(reference: Reference): number {
    const known = this.#added.get(reference.attribute);
    if (known !== undefined) return known;
    const slot = this.#references.push(reference) - 1;
    this.#added.set(reference.attribute, slot);
    return slot;
  }
}
