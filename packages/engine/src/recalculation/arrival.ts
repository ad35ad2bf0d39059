import type { StateTable } from "../state/state-table.ts";
import type { Flight } from "./flight.ts";

/** An answer that has come and is not taken in yet. */
export interface Arrival {
  readonly state: StateTable;
  readonly node: number;
  readonly flight: Flight;
  /** Takes the answer, which counts; false: the node awaits more of them. */
  readonly take: () => boolean;
  /** Settles the node, or starts it anew; called in a recalculation, once it is out of flight. */
  readonly settle: () => void;
}
