/**
 * A set of at most eight boxes that is used over and over: the dirty or changed cells of one node.
 *
 *   count 0    empty
 *   count 1    the box lies in the four fields; nothing is allocated
 *   count 2…8  the boxes lie in a list, and the four fields are their hull
 *
 * So a set is itself a `Box`, its hull. Nearly every set of a recalculation has one box. Adding is O(boxes); as with
 * `addBox`, a full set covers more cells than were added, never fewer.
 */
import type { Shape } from "@reckon/value";
import type { Box } from "../formula-node.ts";
import { addBox } from "./boxes.ts";

export class BoxSet implements Box {
  outerFrom = 0;
  outerTo = 0;
  from = 0;
  to = 0;
  count = 0;
  private several: Box[] | null = null;

  clear(): void {
    this.count = 0;
    this.several = null;
  }

  /** Adds members `outerFrom` ≤ m < `outerTo`, periods `from` ≤ t < `to`; nothing for an empty box. */
  add(outerFrom: number, outerTo: number, from: number, to: number): void {
    if (outerFrom >= outerTo || from >= to) return;
    if (this.count === 0) {
      this.outerFrom = outerFrom;
      this.outerTo = outerTo;
      this.from = from;
      this.to = to;
      this.count = 1;
      return;
    }
    if (this.count === 1 && this.join(outerFrom, outerTo, from, to)) return;
    this.several ??= [{ outerFrom: this.outerFrom, outerTo: this.outerTo, from: this.from, to: this.to }];
    addBox(this.several, { outerFrom, outerTo, from, to });
    this.count = this.several.length;
    this.widen(outerFrom, outerTo, from, to);
    if (this.count === 1) this.several = null;
  }

  addBox(box: Box): void {
    this.add(box.outerFrom, box.outerTo, box.from, box.to);
  }

  addAll(boxes: BoxSet): void {
    for (let i = 0; i < boxes.count; i++) this.addBox(boxes.at(i));
  }

  /** Takes over what `other` holds, which is empty afterwards. */
  take(other: BoxSet): void {
    this.outerFrom = other.outerFrom;
    this.outerTo = other.outerTo;
    this.from = other.from;
    this.to = other.to;
    this.count = other.count;
    this.several = other.several;
    other.clear();
  }

  setWhole(shape: Shape): void {
    this.clear();
    this.add(0, shape.outer, 0, shape.periods);
  }

  /** Box `i`; valid until the set changes. */
  at(i: number): Box {
    return this.several === null ? this : (this.several[i] as Box);
  }

  isWhole(shape: Shape): boolean {
    return (
      this.count === 1 &&
      this.outerFrom === 0 &&
      this.from === 0 &&
      this.outerTo === shape.outer &&
      this.to === shape.periods
    );
  }

  /** The boxes as a list of their own, to keep. */
  list(): Box[] {
    if (this.count === 0) return [];
    if (this.several !== null) return [...this.several];
    return [{ outerFrom: this.outerFrom, outerTo: this.outerTo, from: this.from, to: this.to }];
  }

  /** Joins a box with the only one where the two make one box; false where they do not. */
  private join(outerFrom: number, outerTo: number, from: number, to: number): boolean {
    const isWithinOuter = this.outerFrom <= outerFrom && outerTo <= this.outerTo;
    const isWithinTime = this.from <= from && to <= this.to;
    if (isWithinOuter && isWithinTime) return true;
    const coversOuter = outerFrom <= this.outerFrom && this.outerTo <= outerTo;
    const coversTime = from <= this.from && this.to <= to;
    const touchesTime = from <= this.to && this.from <= to;
    const touchesOuter = outerFrom <= this.outerTo && this.outerFrom <= outerTo;
    const isSameOuter = isWithinOuter && coversOuter;
    const isSameTime = isWithinTime && coversTime;
    if (!((coversOuter && coversTime) || (isSameOuter && touchesTime) || (isSameTime && touchesOuter))) {
      return false;
    }
    this.widen(outerFrom, outerTo, from, to);
    return true;
  }

  private widen(outerFrom: number, outerTo: number, from: number, to: number): void {
    if (outerFrom < this.outerFrom) this.outerFrom = outerFrom;
    if (outerTo > this.outerTo) this.outerTo = outerTo;
    if (from < this.from) this.from = from;
    if (to > this.to) this.to = to;
  }
}
