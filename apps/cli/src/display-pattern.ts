import type { CheckedAttribute } from "@reckon/model";

export function isDate(attribute: CheckedAttribute | undefined): boolean {
  return attribute?.type?.kind === "word" && attribute.type.word === "date";
}

/** How an attribute's numbers are shown: as it says, and a date as a day even where it says nothing. */
export function patternOf(attribute: CheckedAttribute | undefined): string | undefined {
  return attribute?.format ?? (isDate(attribute) ? "yyyy-mm-dd" : undefined);
}
