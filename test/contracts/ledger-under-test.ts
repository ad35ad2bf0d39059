/** A ledger that a suite tests, whose clock stands where it is put. */
import type { Ledger } from "@reckon/batch";

export interface LedgerUnderTest {
  readonly ledger: Ledger;
  readonly clock: { ms: number };
}

export interface LedgerKind {
  /** An empty one. What was opened before is no longer used. */
  readonly open: () => Promise<LedgerUnderTest>;
  readonly end: () => Promise<void>;
}
