/**
 * Value numbers: which attributes hold the same cells because they compute the same from the same.
 *
 * The number of an attribute is the key of one that stands for all its equals:
 *
 *   1. Inputs, and whatever may go its own way (`isOwn`), stand for themselves.
 *   2. A formula's identity is its form (canonical text, axes) with the numbers of what it reads; a read of itself is one of
 *      "itself". The first of an identity stands for it. So copies of a whole chain or of a whole block get the numbers
 *      of the chain or block.
 *   3. Attributes that read each other in a circle (a balance and its flows) have no order in which to number them. Such
 *      a circle is written down from each member on, in the order in which its members are met; two members of
 *      circles whose writings are equal compute the same, as each cell rests on earlier ones only.
 *
 * Equal numbers mean equal cells but for errors, which begin in the attribute they are in: there code and place agree,
 * not the origin.
 *
 * Found when asked, with Tarjan's algorithm on a stack of its own; kept for as long as this object. Cost: what lies
 * upstream of the questions, at most `walkedMax` attributes (further ones stand for themselves), and for a circle the
 * square of its size, at most `circleMax`.
 */
import type { Unit } from "../unit.ts";
import { formOf } from "./form.ts";

const walkedMax = 100_000;
const circleMax = 64;

export interface NumberQuestion {
  /** The unit under a key, with the formula it is to be laid with. */
  readonly unitOf: (key: string) => Unit | undefined;
  /** Whether its cells may be other than its formula says, or come at another time. */
  readonly isOwn: (key: string) => boolean;
}

interface Frame {
  readonly unit: Unit;
  readonly reads: readonly string[];
  next: number;
}

interface Visit {
  readonly index: number;
  low: number;
  isOpen: boolean;
}

export class ValueNumbers {
  readonly #question: NumberQuestion;
  readonly #numbers: Map<string, string> = new Map();
  /** Who stands for an identity. */
  readonly #representatives: Map<string, string> = new Map();
  readonly #circular: Set<string> = new Set();
  readonly #visits: Map<string, Visit> = new Map();
  /** Units whose component is not complete. */
  readonly #open: Unit[] = [];

  constructor(question: NumberQuestion) {
    this.#question = question;
  }

  /** The key that stands for the unit's equals; its own where there are none. */
  numberOf(key: string): string {
    if (!this.#numbers.has(key)) this.#walk(key);
    return this.#numbers.get(key) as string;
  }

  /** Whether it is in a circle of several attributes. Known once its number is. */
  isInCircle(key: string): boolean {
    return this.#circular.has(key);
  }

  /** Whether it was looked at, so that another answer of `isOwn` for it may give other numbers. */
  hasSeen(key: string): boolean {
    return this.#numbers.has(key);
  }

  #walk(first: string): void {
    const path: Frame[] = [];
    this.#enter(first, path);
    for (let frame = path.at(-1); frame !== undefined; frame = path.at(-1)) {
      const { unit, reads } = frame;
      const visit = this.#visits.get(unit.key) as Visit;
      const read = reads[frame.next++];
      if (read !== undefined) {
        const other = this.#visits.get(read);
        if (other?.isOpen === true) visit.low = Math.min(visit.low, other.index);
        else if (!this.#numbers.has(read)) this.#enter(read, path);
        continue;
      }
      path.pop();
      const reader = path.at(-1);
      if (reader !== undefined) {
        const above = this.#visits.get(reader.unit.key) as Visit;
        above.low = Math.min(above.low, visit.low);
      }
      if (visit.low === visit.index) this.#complete(unit);
    }
  }

  #enter(key: string, path: Frame[]): void {
    const { unitOf, isOwn } = this.#question;
    const unit = this.#numbers.size + this.#open.length < walkedMax && !isOwn(key) ? unitOf(key) : undefined;
    if (unit?.formula === undefined || formOf(unit) === undefined) {
      this.#numbers.set(key, key);
      return;
    }
    const index = this.#visits.size;
    this.#visits.set(key, { index, low: index, isOpen: true });
    this.#open.push(unit);
    path.push({ unit, reads: readsOf(unit), next: 0 });
  }

  /** Numbers the component that ends with `last`. */
  #complete(last: Unit): void {
    const members = this.#open.splice(this.#open.lastIndexOf(last));
    for (const { key } of members) (this.#visits.get(key) as Visit).isOpen = false;
    if (members.length === 1) {
      this.#numbers.set(last.key, this.#represent(this.#identityOf(last), last.key));
      return;
    }
    const within = new Map(members.map((unit) => [unit.key, unit]));
    for (const unit of members) {
      this.#circular.add(unit.key);
      const isWritten = members.length <= circleMax;
      const number = isWritten ? this.#represent(this.#circleFrom(unit, within), unit.key) : unit.key;
      this.#numbers.set(unit.key, number);
    }
    // What reads a circle as one of its members does is equal to that member.
    for (const unit of members)
      this.#represent(this.#identityOf(unit), this.#numbers.get(unit.key) as string);
  }

  #represent(identity: string, key: string): string {
    const known = this.#representatives.get(identity);
    if (known !== undefined) return known;
    this.#representatives.set(identity, key);
    return key;
  }

  #identityOf(unit: Unit): string {
    const reads = readsOf(unit).map((key) => (key === unit.key ? "" : this.#numbers.get(key)));
    return [formOf(unit), ...reads].join("\n");
  }

  /** The circle as it looks from one of its members. */
  #circleFrom(first: Unit, within: ReadonlyMap<string, Unit>): string {
    const places = new Map([[first.key, 0]]);
    const parts = ["circle"];
    // The map grows while it is walked: members are written in the order in which they are met.
    for (const key of places.keys()) {
      const unit = within.get(key) as Unit;
      parts.push(formOf(unit) as string);
      for (const read of readsOf(unit)) {
        if (within.has(read) && !places.has(read)) places.set(read, places.size);
        parts.push(within.has(read) ? `^${places.get(read)}` : (this.#numbers.get(read) as string));
      }
    }
    return parts.join("\n");
  }
}

function readsOf({ formula }: Unit): readonly string[] {
  return formula?.references.map(({ attribute }) => attribute) ?? [];
}
