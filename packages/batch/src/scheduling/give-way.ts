/** Lets everything else on this thread have its turn: what computes in place would keep timers and signals from coming otherwise. */
import { setImmediate as turnOfLoop } from "node:timers/promises";

export function giveWay(): Promise<void> {
  return turnOfLoop();
}
