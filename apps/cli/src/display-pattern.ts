import type { CheckedAttribute } from "@reckon/model";

/** How an attribute's numbers are shown: as it says, and a date as a day even where it says nothing. */
export function patternOf(attribute: CheckedAttribute | undefined): string | undefined {
  if (attribute === undefined) return undefined;
  const { format, type } = attribute;
  return format ?? (type?.kind === "word" && type.word === "date" ? "yyyy-mm-dd" : undefined);
}
