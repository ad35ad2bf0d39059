/**
 * Answers that were withheld so that the caller computes them again.
 *
 * Shares are dealt out evenly, not drawn: at a share of 0.1 it is every tenth hit. At most `heldMax` wait for their
 * comparison; the oldest go unnoticed, since a caller may have been cancelled.
 */
import type { Column } from "@reckon/value";

const heldMax = 256;

export class Withheld {
  withheld = 0;
  agreed = 0;
  mismatches = 0;
  private readonly share: number;
  private readonly columns = new Map<string, Column>();
  private due = 0;

  /** `share`: from 0 to 1. */
  constructor(share: number) {
    this.share = share > 0 ? Math.min(1, share) : 0;
  }

  get isEmpty(): boolean {
    return this.columns.size === 0;
  }

  /** Whether this hit is withheld. */
  takes(key: () => string, column: Column): boolean {
    if (this.share === 0) return false;
    this.due += this.share;
    if (this.due < 1) return false;
    this.due -= 1;
    this.withheld++;
    this.columns.set(key(), column);
    for (const [oldest] of this.columns) {
      if (this.columns.size <= heldMax) break;
      this.columns.delete(oldest);
    }
    return true;
  }

  /** What was withheld under a key, once. */
  returned(key: string): Column | undefined {
    const column = this.columns.get(key);
    this.columns.delete(key);
    return column;
  }
}
