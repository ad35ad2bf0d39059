import { describe, expect, it } from "vitest";
import { type LayoutWishes, layoutScreen } from "./layout.ts";

const wishes: LayoutWishes = {
  isPaneShown: true,
  labelWidth: 15,
  cellWidth: 11,
  columnCount: 36,
  hasTrend: true,
};
const layout = (columns: number, rows: number, more: Partial<LayoutWishes> = {}) =>
  layoutScreen({ columns, rows }, { ...wishes, ...more });

describe("layout", () => {
  it("[TE7] shows the side pane from 80 columns, unless it is switched off", () => {
    expect(layout(80, 24).paneWidth).toBeGreaterThan(0);
    expect(layout(79, 24).paneWidth).toBe(0);
    expect(layout(144, 44, { isPaneShown: false }).paneWidth).toBe(0);
  });

  it("[TE7] shows one column and details under 60 columns", () => {
    expect(layout(60, 24).gridColumns).toBeGreaterThan(1);
    expect(layout(59, 24)).toMatchObject({ gridColumns: 1, detailRows: 5 });
  });

  it("[TE7] drops the log and the rules under 12 rows", () => {
    expect(layout(100, 12).isTall).toBe(true);
    expect(layout(100, 11)).toMatchObject({ isTall: false, gridRows: 7 });
  });

  it("[TE8] fits any window, down to one cell", () => {
    for (let columns = 1; columns < 200; columns += 3)
      for (let rows = 1; rows < 60; rows += 2) {
        const { gridRows, gridWidth, paneWidth, gridColumns, cellWidth, labelWidth, trendWidth } = layout(
          columns,
          rows,
        );
        expect(gridRows).toBeGreaterThanOrEqual(1);
        expect(gridColumns).toBeGreaterThanOrEqual(1);
        expect(gridWidth + (paneWidth === 0 ? 0 : paneWidth + 1)).toBe(columns);
        if (columns >= 20)
          expect(4 + labelWidth + gridColumns * cellWidth + trendWidth).toBeLessThanOrEqual(gridWidth);
      }
  });
});
