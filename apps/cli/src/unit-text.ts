import { printUnit } from "@reckon/formula";
import type { AttributeType } from "@reckon/model";

/** A declared unit as it is written: `USD/seat`. Nothing for a plain ratio and for the type words. */
export function unitText(type: AttributeType | undefined): string | undefined {
  if (type?.kind !== "unit" || type.unit.factors.length === 0) return undefined;
  return printUnit(type.unit);
}
