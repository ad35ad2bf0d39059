/** Methods as numbers, for the switch in each step. */
import type { LoopSettings } from "./settings.ts";

export const methodPlain = 0;
export const methodDamped = 1;
export const methodSecant = 2;
export const methodNewton = 3;
export const methodAuto = 4;

export function methodOf(settings: LoopSettings): number {
  switch (settings.method) {
    case "plain":
      return methodPlain;
    case "damped":
      return methodDamped;
    case "aitken":
    case "anderson":
      return methodSecant;
    case "newton":
      return methodNewton;
    case "auto":
      return methodAuto;
    default:
      return settings.method satisfies never;
  }
}
