/**
 * Which attributes are in or behind a loop, and how far apart two solutions of it may be.
 *
 *   1. From the attribute that a loop is cut at, all that reads it, however far: the loop itself and whatever is behind.
 *   2. What is behind several loops has the widest tolerance of them.
 *
 * Cost: the reads of all formulas, once a loop.
 */
import type { CheckedModel } from "@reckon/model";
import { readersIn } from "../expressions.ts";
import type { Tolerance } from "./compare-rows.ts";

/** By `block.attribute`; others depend on no loop. */
export function loopTolerances(model: CheckedModel): ReadonlyMap<string, Tolerance> {
  const found = new Map<string, Tolerance>();
  if (model.loops.length === 0) return found;
  const readers = readersIn(model);
  for (const { attribute, toleranceAbsolute, toleranceRelative } of model.loops) {
    const open = [attribute];
    const seen = new Set(open);
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      const known = found.get(id);
      found.set(id, {
        absolute: Math.max(toleranceAbsolute, known?.absolute ?? 0),
        relative: Math.max(toleranceRelative, known?.relative ?? 0),
      });
      for (const reader of readers.get(id) ?? []) {
        if (seen.has(reader)) continue;
        seen.add(reader);
        open.push(reader);
      }
    }
  }
  return found;
}
