/** Whether all cells of a formula read alike, so that a cycle of attributes is one of all their cells. */
import { type AxisAccess, CellReads, type Reference } from "@reckon/formula";
import { firstValuesOf } from "./checked-line.ts";
import type { CheckedFormula } from "./declarations.ts";

/** Whether every cell of a formula reads those of `isAmong` alike: at the current member, or at all members. */
export function readsPlainly({ formula }: CheckedFormula, isAmong: (attribute: string) => boolean): boolean {
  return [formula, ...firstValuesOf(formula)].every((bound) => {
    const slots = [...bound.references.keys()].filter((i) => isAmong(bound.references[i]?.attribute ?? ""));
    if (slots.length === 0) return true;
    const reads = new CellReads(bound);
    return slots.every((slot) => {
      const { axes, access } = bound.references[slot] as Reference;
      return reads.isPlain(slot) && access.every((one, i) => isWholeAccess(one, axes[i]));
    });
  });
}

function isWholeAccess(access: AxisAccess, axis: Reference["axes"][number] | undefined): boolean {
  if (access.kind === "current") return true;
  if (axis?.time !== undefined) return access.kind !== "fixed";
  return access.kind === "range" && access.from <= 0 && access.to >= (axis?.labels.length ?? 0);
}
