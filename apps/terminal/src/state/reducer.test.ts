import { describe, expect, it } from "vitest";
import type { GridRow } from "../grid/grid-row.ts";
import { type AppState, initialState } from "./app-state.ts";
import { type Action, anchorOf, type GridShape, reduce } from "./reducer.ts";

/** Two blocks of `perBlock` attributes. */
function shapeOf(perBlock: number, more: Partial<GridShape> = {}): GridShape {
  const rows: GridRow[] = [];
  for (const block of ["sales", "debt"]) {
    rows.push({ kind: "block", key: block, block, isFolded: false });
    for (let i = 0; i < perBlock; i++)
      rows.push({
        kind: "attribute",
        key: `${block}.a${i}`,
        id: `${block}.a${i}`,
        isHeading: false,
        isFolded: false,
      });
  }
  return withRows(rows, more);
}
function withRows(rows: readonly GridRow[], more: Partial<GridShape> = {}): GridShape {
  return {
    rows,
    rowOf: new Map(rows.map((row, i) => [row.key, i])),
    columnCount: 36,
    viewRows: 10,
    viewColumns: 5,
    ...more,
  };
}
const run = (shape: GridShape, actions: readonly Action[], from = initialState("base")): AppState =>
  actions.reduce((state, action) => reduce(state, action, shape), from);
const move = (name: Extract<Action, { kind: "move" }>["name"]): Action => ({ kind: "move", name });

describe("reducer", () => {
  const shape = shapeOf(20);

  it.each([
    ["move-down", 1, 0],
    ["move-up", 0, 0],
    ["move-right", 0, 1],
    ["move-left", 0, 0],
    ["move-last-row", 41, 0],
    ["move-last-column", 0, 35],
    ["half-page-down", 5, 0],
    ["page-down", 9, 0],
    ["block-down", 21, 0],
    ["page-right", 0, 4],
  ] as const)("[TE14] %s from the first cell goes to row %i, column %i", (name, row, column) => {
    expect(run(shape, [move(name)]).cursor).toEqual({ row, column });
  });

  it("[TE14] goes back and forth between blocks", () => {
    const down = run(shape, [move("block-down"), move("move-down"), move("move-down")]);
    expect(down.cursor.row).toBe(23);
    expect(run(shape, [move("block-up")], down).cursor.row).toBe(21);
    expect(run(shape, [move("block-up"), move("block-up")], down).cursor.row).toBe(0);
    expect(run(shape, [move("block-down")], down).cursor.row).toBe(41);
  });

  it("[TE15] keeps the cursor visible and scrolls as little as needed", () => {
    let state = run(shape, [move("move-last-row"), move("move-last-column")]);
    expect(state.scroll).toEqual({ top: 32, left: 31 });
    state = run(shape, [move("move-up"), move("move-left")], state);
    expect(state.scroll).toEqual({ top: 32, left: 31 });
    state = run(shape, [move("move-first-row"), move("move-first-column")], state);
    expect(state.scroll).toEqual({ top: 0, left: 0 });
  });

  it("[TE15] holds its invariants under any moves on grids of any size", () => {
    const names = [
      "move-up",
      "move-down",
      "move-left",
      "move-right",
      "page-down",
      "page-up",
      "page-right",
      "page-left",
    ] as const;
    const ends = [
      "move-last-row",
      "move-first-row",
      "block-up",
      "block-down",
      "half-page-down",
      "half-page-up",
    ] as const;
    let seed = 7;
    const random = (count: number): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % count;
    };
    for (const grid of [
      shapeOf(20),
      shapeOf(1, { viewRows: 1, viewColumns: 1 }),
      withRows([], { columnCount: 1 }),
    ]) {
      let state = initialState("base");
      for (let i = 0; i < 500; i++) {
        const all = [...names, ...ends];
        state = reduce(state, move(all[random(all.length)] as (typeof all)[number]), grid);
        const { cursor, scroll } = state;
        expect(cursor.row).toBeGreaterThanOrEqual(0);
        expect(cursor.row).toBeLessThan(Math.max(1, grid.rows.length));
        expect(cursor.column).toBeLessThan(grid.columnCount);
        expect(cursor.row).toBeGreaterThanOrEqual(scroll.top);
        expect(cursor.row).toBeLessThan(scroll.top + grid.viewRows);
        expect(cursor.column).toBeGreaterThanOrEqual(scroll.left);
        expect(cursor.column).toBeLessThan(scroll.left + grid.viewColumns);
      }
    }
  });

  it("[TE16] keeps the cursor on its row when rows come and go around it", () => {
    const before = run(shape, [{ kind: "go", row: 25, column: 7, isJump: false }]);
    const { anchor, outer } = anchorOf(before, shape);
    expect(anchor).toEqual({ key: "debt.a3", column: 7 });
    const fewer = withRows(shape.rows.filter((row) => !row.key.startsWith("sales.")));
    const after = reduce(before, { kind: "grid-changed", anchor, outer }, fewer);
    expect(fewer.rows[after.cursor.row]?.key).toBe("debt.a3");
    expect(after.cursor.column).toBe(7);
  });

  it("[TE16] falls back to what the row belonged to", () => {
    const before = run(shape, [{ kind: "go", row: 25, isJump: false }]);
    const { anchor, outer } = anchorOf(before, shape);
    const folded = withRows(shape.rows.filter((row) => !row.key.startsWith("debt.")));
    const after = reduce(before, { kind: "grid-changed", anchor, outer }, folded);
    expect(folded.rows[after.cursor.row]?.key).toBe("debt");
  });

  it("[TE17] goes back to where jumps began, past rows that are gone", () => {
    const state = run(shape, [
      { kind: "go", row: 3, isJump: true },
      { kind: "go", row: 30, column: 9, isJump: true },
      { kind: "go", row: 40, isJump: true },
    ]);
    expect(run(shape, [{ kind: "back" }], state).cursor).toEqual({ row: 30, column: 9 });
    const without = withRows(shape.rows.filter((row) => row.key !== "debt.a8"));
    const back = reduce(state, { kind: "back" }, without);
    expect(without.rows[back.cursor.row]?.key).toBe("sales.a2");
    expect(
      run(shape, [{ kind: "back" }, { kind: "back" }, { kind: "back" }, { kind: "back" }], state).cursor.row,
    ).toBe(0);
  });

  it("keeps the newest log entries and shows the last as the message", () => {
    let state = initialState("base");
    for (let i = 0; i < 250; i++)
      state = reduce(
        state,
        { kind: "log", entry: { time: "14:02:11", text: `edit ${i}`, tone: "plain" } },
        shape,
      );
    expect(state.log).toHaveLength(200);
    expect(state.notice?.text).toBe("edit 249");
    expect(reduce(state, { kind: "notice", notice: undefined }, shape).log).toHaveLength(200);
  });

  it("moves a menu's selection within its entries", () => {
    const entries = ["a", "b", "c"].map((value) => ({ value, label: value }));
    const menu: Action = {
      kind: "mode",
      mode: { kind: "menu", purpose: "go", title: "", entries, selected: 0 },
    };
    const down = run(shape, [menu, { kind: "select", by: 1 }, { kind: "select", by: 5 }]);
    expect(down.mode).toMatchObject({ selected: 2 });
    expect(run(shape, [{ kind: "select", by: -9 }], down).mode).toMatchObject({ selected: 0 });
  });
});
