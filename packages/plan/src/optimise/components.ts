/**
 * Which attributes an attribute depends on, asked for one question at a time.
 *
 * A rewrite must not enter a circle (a recurrence through several attributes, a loop): there the order of the work
 * decides the bits. Circles are rare, so they are not kept; a question walks upstream with a queue of its own, and
 * gives up as "it may be" after `visitedMax` attributes. Cost: what lies upstream, at most that many.
 */
import type { BoundFormula } from "@reckon/formula";
import { type CheckedFormula, type CheckedLoop, type CheckedModel, readsOf } from "@reckon/model";

const visitedMax = 50_000;

export class Upstream {
  readonly #model: CheckedModel;
  readonly #guesses: ReadonlyMap<string, BoundFormula>;
  readonly #loops: readonly CheckedLoop[];
  readonly #hidden: ReadonlyMap<string, CheckedFormula>;
  #members: ReadonlySet<string> | "unknown" | undefined;

  constructor(model: CheckedModel) {
    this.#model = model;
    this.#loops = model.loops;
    this.#hidden = new Map(model.stocks.map((stock) => [stock.id, stock]));
    this.#guesses = new Map(
      model.loops.flatMap(({ attribute, start }) => (start === undefined ? [] : [[attribute, start]])),
    );
  }

  /** Everything upstream of these attributes, themselves included; `undefined` where that is too much to walk. */
  of(attributes: Iterable<string>): ReadonlySet<string> | undefined {
    const seen = new Set(attributes);
    for (const id of seen) {
      if (seen.size > visitedMax) return undefined;
      for (const read of this.#readsOf(id)) seen.add(read);
      for (const reference of this.#guesses.get(id)?.references ?? []) seen.add(reference.attribute);
    }
    return seen;
  }

  /** Whether the attribute is solved by iterating, or may be. */
  isInLoop(attribute: string): boolean {
    if (this.#loops.length === 0) return false;
    this.#members ??= this.#findMembers();
    return this.#members === "unknown" || this.#members.has(attribute);
  }

  #readsOf(id: string): readonly string[] {
    const attribute = this.#model.attributes.get(id) ?? this.#hidden.get(id);
    return attribute?.kind === "formula" ? readsOf(attribute) : [];
  }

  /** What is upstream of a cut and depends on it. */
  #findMembers(): ReadonlySet<string> | "unknown" {
    const members = new Set<string>();
    for (const { attribute: cut } of this.#loops) {
      const upstream = this.of([cut]);
      if (upstream === undefined) return "unknown";
      for (const id of this.#dependentsWithin(cut, upstream)) members.add(id);
    }
    return members;
  }

  /** The attributes of a set that depend on `cut`, which is one of them. */
  #dependentsWithin(cut: string, within: ReadonlySet<string>): ReadonlySet<string> {
    const readers = new Map<string, string[]>();
    for (const id of within)
      for (const attribute of this.#readsOf(id)) {
        const known = readers.get(attribute);
        if (known === undefined) readers.set(attribute, [id]);
        else known.push(id);
      }
    const found = new Set([cut]);
    for (const id of found) for (const reader of readers.get(id) ?? []) found.add(reader);
    return found;
  }
}
