/**
 * Which cells changed just now, so that they can flash: reverse for 150 ms, bold until 600 ms, then nothing.
 *
 * Recalculations report ranges of cells, which are kept as they come (one record a range); frames ask about visible
 * cells only. So a burst of updates costs a record each and no drawing. Records older than 600 ms are dropped, and
 * at most `recordsMax` are kept for an attribute: beyond that its whole column counts as changed.
 */
import type { Flash } from "../grid/row-view.ts";

const flashNewMs = 150;
const flashLateMs = 600;
const recordsMax = 64;

interface ChangeRecord {
  readonly from: number;
  readonly to: number;
  readonly at: number;
}

export class FlashStore {
  private readonly byAttribute = new Map<string, ChangeRecord[]>();
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
    this.newest = Number.NEGATIVE_INFINITY;
  }
}
