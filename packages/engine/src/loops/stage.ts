/** What a machine for several unknowns is at. */
import type { Outcome } from "./loop-table.ts";

export type MethodTaken = Outcome["methodTaken"];

/** What the next sweep is for. */
export type Stage =
  | "normal"
  | "newton"
  | "path"
  | "slopes"
  | "check"
  | "checked"
  | "to-the-end"
  | "round"
  | "proof"
  | "polish"
  | "last";
