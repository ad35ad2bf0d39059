import { describe, expect, it } from "vitest";
import type { CellView, RowView } from "../grid/row-view.ts";
import { composeFrame, type FrameView } from "./frame.ts";
import { layoutScreen } from "./layout.ts";
import { widthOf } from "./text-width.ts";
import { bareTheme } from "./theme.ts";

const cell = (value: number, more: Partial<CellView> = {}): CellView => ({
  value,
  flash: "none",
  isOverridden: false,
  state: "fresh",
  isUnconverged: false,
  ...more,
});
const row = (label: string, values: readonly number[], more: Partial<RowView> = {}): RowView => ({
  kind: "attribute",
  label,
  note: "",
  depth: 1,
  fold: "none",
  mark: "formula",
  cells: values.map((value) => cell(value)),
  decimals: 2,
  widest: 8,
  trend: "▁▂▄▆█",
  isDifference: false,
  ...more,
});

function viewOf(columns: number, rows: number, more: Partial<FrameView> = {}): FrameView {
  const layout = layoutScreen(
    { columns, rows },
    { isPaneShown: true, labelWidth: 15, cellWidth: 10, columnCount: 5, hasTrend: true },
  );
  const years = ["2026", "2027", "2028", "2029", "2030"].slice(0, layout.gridColumns);
  return {
    layout,
    header: {
      model: "saas",
      isUnsaved: true,
      scenarios: ["base", "upside", "downside"].map((name) => ({ name, isShown: name === "base" })),
      isDifference: false,
      isWatching: true,
      done: 12,
      undone: 2,
      pending: 2,
      stale: 3,
      errors: 1,
      unconverged: 0,
      refresh: "",
      frameRate: undefined,
      pendingKeys: "",
    },
    bar: {
      kind: "cell",
      text: "revenue[2028] = units * price",
      result: "1,284.50 was 1,251.10 (+2.7%)",
      tone: "bold",
    },
    viewport: {
      labelWidth: layout.labelWidth,
      cellWidth: layout.cellWidth,
      columns: years,
      trendWidth: layout.trendWidth,
      width: layout.gridWidth,
    },
    cursorColumn: Math.min(2, years.length - 1),
    cursorRow: 3,
    rows: [
      row("sales", [], { kind: "block", depth: 0, fold: "open", mark: "none", trend: "", note: "by year" }),
      row("units", [100, 110, 121, 133.1, 146.41].slice(0, years.length), { mark: "input" }),
      row("price", [12, 12, 12.4, 12, 12].slice(0, years.length), { mark: "input" }),
      row("revenue", [1140, 1254, 1284.5, 1416.1, 1557.7].slice(0, years.length)),
    ].slice(0, layout.gridRows),
    pane: [
      "sales.revenue[2028]",
      "▸ 1,284.50",
      "",
      "PRECEDENTS",
      "├ units  121.00 Δ",
      "└ price   12.40 Δ",
    ].map((text) => ({
      tone: "plain",
      text,
    })),
    details: [{ tone: "plain", text: "sales.revenue[2028]" }],
    status: {
      kind: "message",
      time: "14:02:11",
      text: "set sales.price[2028] = 12.4 → 14 recalculated",
      tone: "plain",
    },
    legend: { text: "▲ override  Δ changed", tone: "dim" },
    ...more,
  };
}
const draw = (columns: number, rows: number, more?: Partial<FrameView>): string =>
  `\n${composeFrame(viewOf(columns, rows, more), bareTheme)
    .map((line) => line.trimEnd())
    .join("\n")}\n`;

describe("frame", () => {
  it("[TE7] shows grid and pane on 100 columns", () => {
    expect(draw(100, 14)).toMatchInlineSnapshot(`
      "
       saas*   SCENARIO [1 base] 2 upside 3 downside   watch ●   undo 12/14                      2⟳ 3◌ 1✗
       revenue[2028] = units * price                                      ▸ 1,284.50 was 1,251.10 (+2.7%)
      ───────────────────────────────────────────────────────────────────────┬────────────────────────────
       block.attribute        2026      2027     >2028      2029  trend      │ sales.revenue[2028]
      ▾sales             by year                                             │ ▸ 1,284.50
         units        in    100.00    110.00    121.00    133.10  ▁▂▄▆█      │
         price        in     12.00     12.00     12.40     12.00  ▁▂▄▆█      │ PRECEDENTS
         revenue       =   1,140.0   1,254.0 [ 1,284.5]  1,416.1  ▁▂▄▆█      │ ├ units  121.00 Δ
                                                                             │ └ price   12.40 Δ
                                                                             │
                                                                             │
      ───────────────────────────────────────────────────────────────────────┴────────────────────────────
       14:02:11 set sales.price[2028] = 12.4 → 14 recalculated
       ▲ override  Δ changed
      "
    `);
  });

  it("[TE32] says in a scenario's tab that edits become its overrides, where there is room", () => {
    const scenarios = [
      { name: "base", isShown: false },
      { name: "upside", isShown: true },
    ];
    const header = { ...viewOf(100, 14).header, scenarios };
    expect(draw(120, 14, { header })).toContain("SCENARIO 1 base [2 upside ▲ edits override]");
    expect(draw(66, 14, { header })).toContain("[2 upside ▲]");
    expect(draw(120, 14)).not.toContain("edits override");
  });

  it("[TE7] shows one column and details on 40 columns", () => {
    expect(draw(40, 16)).toMatchInlineSnapshot(`
      "
       saas*   [1 base]   undo 12/14 2⟳ 3◌ 1✗
       revenue[2028]… ▸ 1,284.50 was 1,251.10…
      ────────────────────────────────────────
       block.attribute       >2026
      ▾sales             by year
         units        in    100.00
         price        in     12.00
         revenue       = [ 1,140.0]


       sales.revenue[2028]


      ────────────────────────────────────────
       14:02:11 set sales.price[2028] = 12.4 …
       ▲ override  Δ changed
      "
    `);
  });

  it("[TE7] keeps to the essentials under 12 rows", () => {
    expect(draw(70, 7)).toMatchInlineSnapshot(`
      "
       saas*   [1 base] 2 upside 3 downside   watch ●   undo 12/14 2⟳ 3◌ 1✗
       revenue[2028] = units * price        ▸ 1,284.50 was 1,251.10 (+2.7%)
       block.attribute        2026      2027     >2028      2029  trend
      ▾sales             by year
         units        in    100.00    110.00    121.00    133.10  ▁▂▄▆█
         price        in     12.00     12.00     12.40     12.00  ▁▂▄▆█
       14:02:11 set sales.price[2028] = 12.4 → 14 recalculated
      "
    `);
  });

  it("shows an edit with its result, and a prompt", () => {
    const editing = composeFrame(
      viewOf(80, 20, {
        bar: { kind: "line", title: "price[2028]", text: "12 * 2", caret: 2, result: "▸ 24", tone: "good" },
      }),
      bareTheme,
    );
    expect(editing[1]).toMatch(/^ price\[2028\] = 12 \* 2 {50,}▸ 24 $/);
    const prompt = composeFrame(
      viewOf(80, 20, { status: { kind: "prompt", sign: ":", text: "wq", caret: 2 } }),
      bareTheme,
    );
    expect(prompt.at(-2)?.trimEnd()).toBe(":wq");
  });

  it("[TE8] never draws wider or higher than the window", () => {
    for (const columns of [1, 2, 5, 12, 20, 33, 59, 60, 79, 80, 99, 144, 200])
      for (const rows of [1, 2, 3, 5, 8, 11, 12, 24, 44]) {
        for (const view of [
          viewOf(columns, rows),
          viewOf(columns, rows, {
            bar: {
              kind: "line",
              title: "x".repeat(50),
              text: "日本".repeat(90),
              caret: 40,
              result: "y".repeat(300),
              tone: "error",
            },
            status: { kind: "prompt", sign: "/", text: "z".repeat(400), caret: 400 },
            overlay: {
              title: "All keys",
              lines: [{ tone: "plain", text: "k".repeat(300) }],
              top: 0,
              selected: 0,
            },
          }),
        ]) {
          const lines = composeFrame(view, bareTheme);
          expect(lines.length).toBeLessThanOrEqual(rows);
          for (const line of lines) if (columns >= 12) expect(widthOf(line)).toBeLessThanOrEqual(columns);
        }
      }
  });
});
