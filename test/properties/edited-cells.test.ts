/**
 * Each way of reading along time, members and keys, in one model: whichever single cell is edited, the sheet has the
 * values of one that is opened on the edited text.
 */
import { openSheet, type Sheet } from "@reckon/sheet";
import { isErrorValue } from "@reckon/value";
import { describe, expect, it } from "vitest";
import { emptyHost } from "./open-text.ts";

const text = `model reads

time month 2026-01..2026-08
axis kind = plain, fancy, odd

block source by kind, month
  input p = 3
  input chosen: text = "fancy"
  input when: text = "2026-03"

block reads by kind, month
  lag = source.p[t-1] + 1                                 start 2
  second = source.p[t-2]                                  start 5
  lead = source.p[t+1]                                    end 7
  clipped = SUM(source.p[t-2..t clip])
  behind = SUM(source.p[t-3..t-1])                        start 1
  ahead = SUM(source.p[t+1..t+2 clip])
  fixed = source.p[2026-03] * 2
  early = SUM(source.p[..2026-04])
  late = SUM(source.p[2026-06..])
  every = SUM(source.p[*, *])
  member = source.p[fancy] - source.p[odd]
  keyed = source.p[source.chosen] + 1
  period = source.p[fancy, IF(source.p > 3, "2026-02", source.when)]
  grown = grown[t-1] * 0.5 + source.p                     start 8
  backward = backward[t+1] + source.p                     end 1
  capped = MIN(20, capped[t-1] + source.p)                start 0

block totals by month
  over_kinds = sum(source.p over kind)
  all = sum(source.p over kind, month)
  previous = sum(source.p over kind) - over_kinds[t-1]   start 0
`;

function open(model: string): Sheet {
  const opened = openSheet({ model: { source: "reads.reckon", text: model }, host: emptyHost });
  if (!opened.ok) throw new Error(opened.diagnostics.map(({ message }) => message).join("\n"));
  return opened.value;
}

function valuesOf(sheet: Sheet): Record<string, unknown[]> {
  return Object.fromEntries(
    [...sheet.model.attributes.keys()].map((id) => {
      const column = sheet.column(id);
      return [id, Array.from({ length: column.length }, (_, i) => column.get(i))];
    }),
  );
}

describe("a single edited cell", () => {
  const months = Array.from({ length: 8 }, (_, i) => `2026-0${i + 1}`);
  it.each(["plain", "fancy", "odd"])("of %s reaches whatever reads it, at each period", (kind) => {
    const sheet = open(text);
    // A read that gives an error everywhere would say nothing of what reaches it.
    expect(Object.values(valuesOf(sheet)).flat().filter(isErrorValue)).toEqual([]);
    for (const month of months) {
      const edits = [
        ["source.p", 100],
        ["source.p", 4],
        ["source.chosen", "odd"],
        ["source.when", month],
      ] as const;
      for (const [id, value] of edits) {
        expect(sheet.set(id, value, { kind, month }).ok).toBe(true);
        expect(valuesOf(sheet)).toEqual(valuesOf(open(sheet.text())));
        sheet.engine.checkInvariants();
      }
    }
    while (sheet.undo() !== undefined);
    expect(valuesOf(sheet)).toEqual(valuesOf(open(text)));
  });
});
