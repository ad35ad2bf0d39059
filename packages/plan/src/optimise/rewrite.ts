/** What the optimiser did, as plain data. */
import type { RewriteName } from "./switches.ts";

export interface Rewrite {
  readonly kind: RewriteName;
  /**
   * The work it is about: the attribute that computes for others, the subexpression as far as it can be named, the
   * constant, the attribute left out.
   */
  readonly work: string;
  /** The units it touches: keys as in `Unit`; for a merge the source first. */
  readonly units: readonly string[];
  /** The axes along which a piece was computed again and again; absent where there are none. */
  readonly along?: readonly string[];
  /** What it saves by estimate each time everything is computed, in nanoseconds. */
  readonly savedNs: number;
}
