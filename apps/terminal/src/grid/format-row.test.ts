import { errorValue } from "@reckon/value";
import { describe, expect, it } from "vitest";
import { asciiGlyphs, unicodeGlyphs } from "../screen/glyphs.ts";
import { widthOf } from "../screen/text-width.ts";
import { bareTheme, makeTheme } from "../screen/theme.ts";
import { formatColumnLabels, formatRow } from "./format-row.ts";
import type { CellView, GridViewport, RowView } from "./row-view.ts";

const cell = (value: CellView["value"], more: Partial<CellView> = {}): CellView => ({
  value,
  flash: "none",
  isOverridden: false,
  state: "fresh",
  isUnconverged: false,
  ...more,
});
const row = (more: Partial<RowView>): RowView => ({
  kind: "attribute",
  label: "price",
  note: "",
  depth: 1,
  fold: "none",
  mark: "input",
  cells: [],
  decimals: 2,
  widest: 8,
  trend: "",
  isDifference: false,
  ...more,
});
const viewport: GridViewport = {
  labelWidth: 14,
  cellWidth: 10,
  columns: ["2026", "2027", "2028"],
  trendWidth: 6,
  width: 56,
};
const draw = (view: RowView, cursor?: number): string => formatRow(view, viewport, cursor, bareTheme);

describe("formatRow", () => {
  it("[TE1] draws numbers, the cursor, an override, a changed and an unconverged cell", () => {
    const cells = [cell(12), cell(12.4, { isOverridden: true }), cell(1284.5)];
    expect(draw(row({ cells, trend: "▁▄█" }), 2)).toMatchInlineSnapshot(
      `"   price       in      12.0     ▲12.4 [ 1,284.5] ▁▄█    "`,
    );
    const solved = [cell(12.1), cell(13.02, { isUnconverged: true }), cell(13, { flash: "new" })];
    expect(draw(row({ mark: "loop", label: "interest", cells: solved }))).toMatchInlineSnapshot(
      `"   interest     ↻     12.10     13.02~   Δ13.00         "`,
    );
  });

  it("[TE51] keeps the sign of an unconverged cell under the cursor, before its value", () => {
    const cells = [cell(12.1), cell(13.02, { isUnconverged: true })];
    expect(draw(row({ mark: "loop", label: "interest", cells }), 1)).toContain("[  ~13.02]");
    expect(draw(row({ mark: "loop", label: "interest", cells }), 0)).toContain("  13.02~");
  });

  it("[TE1] draws errors, pending, stale and blank cells", () => {
    const cells = [cell(errorValue("#DIV/0!")), cell(1.5, { state: "pending" }), cell(null)];
    expect(draw(row({ mark: "error", cells }))).toMatchInlineSnapshot(
      `"   price        ✗   #DIV/0!     ⟳1.50                   "`,
    );
    const stale = [cell(1.5, { state: "stale" }), cell("north"), cell(true)];
    expect(draw(row({ mark: "formula", cells: stale }))).toMatchInlineSnapshot(
      `"   price        =     ◌1.50  north         TRUE         "`,
    );
  });

  it("[TE1] draws headings with their fold sign and note", () => {
    expect(
      draw(row({ kind: "block", label: "sales", depth: 0, fold: "open", mark: "none", note: '"Sales"' })),
    ).toMatchInlineSnapshot(`"▾sales            "Sales"                               "`);
    expect(
      draw(row({ kind: "attribute", label: "adds", fold: "folded", note: "by segment" })),
    ).toMatchInlineSnapshot(`"▸  adds        in by segment                            "`);
  });

  it("[TE1] draws checks with their whole name", () => {
    const holds = row({
      kind: "check",
      label: "Debt is never negative",
      mark: "none",
      note: "holds   closing >= 0",
    });
    expect(draw(holds)).toMatchInlineSnapshot(`"   ✓ Debt is never negative  holds   closing >= 0       "`);
    expect(draw({ ...holds, mark: "error", note: "fails in 2027-03" })).toMatchInlineSnapshot(
      `"   ✗ Debt is never negative  fails in 2027-03           "`,
    );
    expect(widthOf(draw({ ...holds, label: "x".repeat(90) }, 0))).toBe(viewport.width);
  });

  it("[TE1] shows differences with their sign and sameness as a dot", () => {
    const cells = [cell(0), cell(12.4), cell(-3)];
    expect(draw(row({ mark: "formula", isDifference: true, cells }))).toMatchInlineSnapshot(
      `"   price        =         ·    +12.40     -3.00         "`,
    );
  });

  it("[TE1] is exactly as wide as the viewport, also with wide characters", () => {
    const names = [
      "売上高の合計はとても長い",
      "x",
      "a name that is far too long for its place",
      "é".repeat(30),
    ];
    for (const label of names) {
      const view = row({ label, cells: [cell("日本語日本語"), cell(1e300), cell(-1 / 3)] });
      expect(widthOf(draw(view, 0))).toBe(viewport.width);
    }
  });

  it("[TE2] says every state without colour", () => {
    const bare = (more: Partial<CellView>): string => draw(row({ mark: "formula", cells: [cell(5, more)] }));
    const states: Partial<CellView>[] = [
      {},
      { flash: "new" },
      { isOverridden: true },
      { state: "pending" },
      { state: "stale" },
      { isUnconverged: true },
    ];
    expect(new Set(states.map(bare)).size).toBe(states.length);
  });

  it("[TE3] uses only ASCII with the ASCII signs", () => {
    const theme = makeTheme({ isColoured: false, glyphs: asciiGlyphs });
    const cells = [
      cell(1, { isOverridden: true }),
      cell(2, { flash: "late" }),
      cell("a very long text here"),
    ];
    for (const mark of ["input", "loop", "computing", "error"] as const) {
      const text = formatRow(row({ mark, cells, fold: "open" }), viewport, 1, theme);
      expect(text.replaceAll("\u001b", "")).toMatch(/^[ -~]*$/);
    }
  });

  it("[TE4] flashes in reverse, then bold, then not at all", () => {
    const theme = makeTheme({ isColoured: true, glyphs: unicodeGlyphs });
    const draw = (flash: CellView["flash"]): string =>
      formatRow(row({ cells: [cell(5, { flash })] }), viewport, undefined, theme);
    expect(draw("new")).toContain("\u001b[7m    Δ5.00 \u001b[27m");
    expect(draw("late")).toContain("\u001b[1m    Δ5.00 \u001b[22m");
    expect(draw("none")).not.toContain("Δ");
  });

  it("[TE5] keeps bold, dim and reverse but no colour under NO_COLOR", () => {
    const theme = makeTheme({ isColoured: false, glyphs: unicodeGlyphs });
    const text = formatRow(
      row({ cells: [cell(errorValue("#N/A")), cell(5, { flash: "new" })] }),
      viewport,
      0,
      theme,
    );
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes are what is looked for
    const codes = new Set(text.match(/\u001b\[\d+m/g));
    expect([...codes].sort()).toEqual(["\u001b[1m", "\u001b[22m", "\u001b[27m", "\u001b[2m", "\u001b[7m"]);
  });

  it("[TE1] marks the current column in the labels", () => {
    expect(formatColumnLabels("block.attribute", viewport, 1, bareTheme)).toMatchInlineSnapshot(
      `" block.attribute       2026     >2027      2028  trend  "`,
    );
  });
});
