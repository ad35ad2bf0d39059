/**
 * Which cells changed just now, so that they can flash: reverse for 150 ms, bold until 600 ms, then nothing.
 *
 * Recalculations report ranges of cells, which are kept as they come (one record a range); frames ask about visible
 * cells only. So a burst of updates costs a record each and no drawing. Records older than 600 ms are dropped, and
 * at most `recordsMax` are kept for an attribute: beyond that its whole column counts as changed.
 *
 * A reported range may hold cells that came out as they were (a dropped override changes its whole column), so it is
 * compared with the column that was drawn last, where there is one.
 */
import { type Column, sameScalar } from "@reckon/value";
import type { Flash } from "../grid/row-view.ts";

const flashNewMs = 150;
const flashLateMs = 600;
const recordsMax = 64;
/** Longer ranges are taken as they are: comparing them would cost more than a wrong flash. */
const comparedCellsMax = 4096;
/** Drawn columns are remembered up to this many, which is more than a screen shows. */
const drawnMax = 500;

interface ChangeRecord {
  readonly from: number;
  readonly to: number;
  readonly at: number;
}

export class FlashStore {
  private readonly byAttribute = new Map<string, ChangeRecord[]>();
  private readonly drawn = new Map<string, Column>();
  private newest = Number.NEGATIVE_INFINITY;

  /** Cells `from` ≤ cell < `to` of an attribute in a scenario changed at time `at`. */
  note(scenario: string, attribute: string, from: number, to: number, at: number): void {
    const key = `${scenario}\n${attribute}`;
    const records = this.byAttribute.get(key) ?? [];
    if (records.length >= recordsMax)
      records.splice(0, records.length, { from: 0, to: Number.POSITIVE_INFINITY, at });
    else records.push({ from, to, at });
    this.byAttribute.set(key, records);
    this.newest = Math.max(this.newest, at);
  }

  /** The column that a frame shows: what the next change of it is compared with. */
  noteDrawn(scenario: string, attribute: string, column: Column): void {
    const key = `${scenario}\n${attribute}`;
    if (this.drawn.get(key) === column) return;
    if (this.drawn.size >= drawnMax) this.drawn.clear();
    this.drawn.set(key, column);
  }

  /** Like `note`, for those cells of the range that differ from what was drawn last. Cost: the range. */
  noteDifferent(
    scenario: string,
    attribute: string,
    range: { readonly from: number; readonly to: number },
    at: number,
    columnNow: () => Column,
  ): void {
    const { from, to } = range;
    const before = this.drawn.get(`${scenario}\n${attribute}`);
    const now = before === undefined || to - from > comparedCellsMax ? undefined : columnNow();
    if (before === undefined || now === undefined || now.length !== before.length) {
      this.note(scenario, attribute, from, to, at);
      return;
    }
    let start = from;
    for (let cell = from; cell <= to; cell++) {
      if (cell < to && !sameScalar(before.get(cell), now.get(cell))) continue;
      if (cell > start) this.note(scenario, attribute, start, cell, at);
      start = cell + 1;
    }
  }

  /** Cost: the records of one attribute. */
  flashOf(scenario: string, attribute: string, cell: number, now: number): Flash {
    const records = this.byAttribute.get(`${scenario}\n${attribute}`);
    if (records === undefined) return "none";
    let newest = Number.NEGATIVE_INFINITY;
    for (const record of records)
      if (cell >= record.from && cell < record.to && record.at > newest) newest = record.at;
    if (now < newest + flashNewMs) return "new";
    return now < newest + flashLateMs ? "late" : "none";
  }

  /** Drops what no longer flashes; the next time at which something looks different, if any. */
  prune(now: number): number | undefined {
    if (now >= this.newest + flashLateMs) {
      this.byAttribute.clear();
      return undefined;
    }
    let next = Number.POSITIVE_INFINITY;
    for (const [key, records] of this.byAttribute) {
      const kept = records.filter((record) => now < record.at + flashLateMs);
      if (kept.length === 0) this.byAttribute.delete(key);
      else this.byAttribute.set(key, kept);
      for (const { at } of kept)
        next = Math.min(next, now < at + flashNewMs ? at + flashNewMs : at + flashLateMs);
    }
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  clear(): void {
    this.byAttribute.clear();
    this.drawn.clear();
    this.newest = Number.NEGATIVE_INFINITY;
  }
}
