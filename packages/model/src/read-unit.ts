/** Reads the type behind an attribute's colon: one of four words, or a unit such as `USD/seat` or `kg*m/s^2`. */
import { parseUnitAt } from "@reckon/formula";
import type { AttributeType } from "./declarations.ts";
import type { LineReader } from "./line-reader.ts";

const typeWords = ["number", "text", "boolean", "date"] as const;

/** The type that fills the text up to `end`; undefined, with a diagnostic, when it is no type. */
export function readType(reader: LineReader, end: number): AttributeType | undefined {
  const start = reader.position;
  const written = reader.text.slice(start, end).trimEnd();
  reader.position = start + written.length;
  const word = typeWords.find((type) => type === written);
  if (word !== undefined) return { kind: "word", word, span: { start, end: reader.position } };
  const parsed = parseUnitAt(reader.text, start, end);
  if (parsed !== undefined && parsed.end === reader.position) return { kind: "unit", unit: parsed.unit };
  const wrong = Math.min(parsed?.end ?? start, reader.position);
  const from = wrong + reader.text.slice(wrong).search(/\S/);
  reader.report(
    "model/expected",
    { start: from, end: reader.position },
    {
      expected: "a type or a unit",
      found: `\`${reader.text.slice(from, reader.position)}\``,
      hint: "for example `USD/seat`, `ratio`, `number`, `text`, `boolean` or `date`",
    },
  );
  return undefined;
}
