/** What a solve needs of a declaration, as plain numbers: made once for each declaration. */
import type { LoopDeclaration, LoopMethod } from "../formula-node.ts";

export interface LoopSettings {
  readonly absolute: number;
  readonly relative: number;
  readonly iterationsMax: number;
  readonly method: LoopMethod;
  /** The part of a move that is taken; 1: all of it. For the methods `plain`, `damped` and `auto`. */
  readonly damping: number;
  /** A member makes steps: iterates that repeat are branches taken in turn, not a swing. */
  readonly isDiscrete: boolean;
}

/** Those of a machine that has not begun. */
export const unsetSettings: LoopSettings = {
  absolute: 0,
  relative: 0,
  iterationsMax: 1,
  method: "auto",
  damping: 1,
  isDiscrete: false,
};

/** Values of formulas differ by roundings: four of them, however small the tolerance that is asked for. */
const leastRelative = 2 ** -50;

/** What members may move by, as a part of them. */
export function relativeOf(loop: LoopDeclaration): number {
  return Math.max(loop.toleranceRelative, leastRelative);
}

/** The part of a move that `damped` takes where the declaration does not say. */
const dampingDefault = 0.5;

const known = new WeakMap<LoopDeclaration, readonly [LoopSettings, LoopSettings]>();

export function settingsOf(loop: LoopDeclaration, isDiscrete: boolean): LoopSettings {
  let pair = known.get(loop);
  if (pair === undefined) {
    pair = [makeSettings(loop, false), makeSettings(loop, true)];
    known.set(loop, pair);
  }
  return isDiscrete ? pair[1] : pair[0];
}

/** Anew each time: for who keeps them. */
export function makeSettings(loop: LoopDeclaration, isDiscrete: boolean): LoopSettings {
  const method = loop.method ?? "auto";
  return {
    absolute: loop.toleranceAbsolute,
    relative: relativeOf(loop),
    iterationsMax: Math.max(1, loop.iterationsMax),
    method,
    damping: method === "plain" ? 1 : (loop.damping ?? (method === "damped" ? dampingDefault : 1)),
    isDiscrete,
  };
}

/** What plain sweeps are called with these settings. */
export function plainOf({ damping }: LoopSettings): "plain" | "damped" {
  return damping === 1 ? "plain" : "damped";
}
