import { afterEach, describe, expect, it } from "vitest";
import { closeDesks, openDesk, text, upside } from "../fixtures/desk.ts";

afterEach(closeDesks);

describe("app", () => {
  it("[TE9] lists blocks, attributes and members, with the cursor on the first value", () => {
    const desk = openDesk();
    expect(desk.app.currentCell?.title).toBe("units[2026]");
    expect(desk.line("▾sales")).toContain("by year");
    expect(desk.line("▾  count")).not.toBe("");
    expect(desk.line("South")).toMatch(/South +in +2 +2 +2 +2/);
    desk.type("G");
    expect(desk.app.currentCell?.title).toBe("double[South, 2026]");
    expect(desk.line("South")).not.toBe("");
  });

  it("[TE1] calls checks by their names, and those without one by their formula", () => {
    const desk = openDesk(
      110,
      30,
      `${text}check sales.units > 0\ncheck sales.revenue > 0  "Something is sold"\n`,
    );
    expect(desk.line("sales.units > 0")).toMatch(/✓ sales\.units > 0 {2}holds {4}/);
    expect(desk.line("Something is sold")).toMatch(/✓ Something is sold {2}holds {3}sales\.revenue > 0 /);
    expect(desk.line("check 1")).toBe("");
  });

  it("[TE7] explains dates with days, in the formula's values and in the precedents", () => {
    const desk = openDesk(
      110,
      24,
      "model shop\ntime year 2026..2027\nblock sales by year\n  input price: USD = 12\n  input due: date = 2026-05-01\n  later: date = due + 30\n",
    );
    desk.type("G");
    expect(desk.line("= 2026-05-01 + 30")).not.toBe("");
    expect(desk.line("└ due")).toContain("2026-05-01");
  });

  it("[TE7] says no percentage of a change that is beyond all numbers", () => {
    const desk = openDesk(110, 30, `${text}block tiny\n  input x = 1e-307\n  y = x * 2\n`);
    desk.type(":go tiny.y\r");
    expect(desk.line(" y = x * 2")).toContain("e-307");
    desk.type(":set tiny.x = 5\r");
    expect(desk.line(" y = x * 2")).toMatch(/▸ 10 was 2\S*e-307\s*$/);
  });

  it("[TE16] keeps the cursor when a block above is folded or an attribute added", () => {
    const desk = openDesk();
    desk.type("Gkll");
    expect(desk.app.currentCell?.title).toBe("double[North, 2028]");
    desk.app.dispatch({ kind: "toggle-fold", key: "sales" });
    expect(desk.app.currentCell?.title).toBe("double[North, 2028]");
    desk.sheet.addAttribute("sales", "cost = 5");
    expect(desk.app.currentCell?.title).toBe("double[North, 2028]");
    desk.app.dispatch({ kind: "toggle-fold", key: "stock.double" });
    expect(desk.app.currentRow?.key).toBe("stock.double");
  });

  it("[TE30] edits a cell, logs its reach, undoes and redoes", () => {
    const desk = openDesk();
    desk.type("\r\u0015200\r");
    expect(desk.sheet.get("sales.revenue", { year: "2026" })).toBe(2400);
    expect(desk.sheet.get("sales.revenue", { year: "2027" })).toBe(1200);
    expect(desk.line("set sales.units[2026] = 200")).toMatch(/→ \d+ recalculated \(u undoes\)/);
    desk.type("u");
    expect(desk.sheet.get("sales.revenue", { year: "2026" })).toBe(1200);
    desk.type("\u0012");
    expect(desk.sheet.get("sales.revenue", { year: "2026" })).toBe(2400);
    desk.type("uu");
    expect(desk.line("nothing to undo")).not.toBe("");
  });

  it("[TE32] says of which scenario an edit was that is undone under another", () => {
    const desk = openDesk();
    desk.type("2\r\u00157\r1u");
    expect(desk.line("undid set sales.units in upside")).not.toBe("");
  });

  it("[TE4] flashes only cells whose value is another now", () => {
    const desk = openDesk();
    desk.type("2j");
    expect(desk.line("  price")).toMatch(/▲20 +▲20 +▲20/);
    // The whole override goes; base has 20 in one period as well.
    desk.sheet.set("sales.price", 20, { year: "2027" });
    desk.lines();
    desk.type("D");
    const flashes = [0, 1, 2].map((cell) =>
      desk.app.session.flashes.flashOf("upside", "sales.price", cell, 0),
    );
    expect(flashes).toEqual(["new", "none", "new"]);
  });

  it("[TE30] an edit to what is there already is no step, and says so", () => {
    const desk = openDesk();
    desk.type(":go sales.price[2027]\r");
    desk.type("\r\u001512\r");
    expect(desk.line("set sales.price")).toContain("→ nothing changed");
    expect(desk.sheet.history.done).toEqual([]);
  });

  it("[TE31] keeps a refused line as it stands, caret and all, and shows its problem in full", () => {
    const desk = openDesk();
    desk.type(":go sales.share\r");
    desk.type("=units * nonsense_that_is_very_long");
    desk.type(" / revenue\u001b[D\u001b[D\r");
    expect(desk.app.state.mode).toMatchObject({ kind: "edit", line: { caret: 42 } });
    expect(desk.lines().at(-1)).toMatch(/✗ .*nonsense_that_is_very_long/);
    desk.type("\u0017");
    expect(desk.lines()[1]).toContain("share = units * nonsense_that_is_very_long / ue");
  });

  it("[TE42] says that a file is gone, and that it is back", async () => {
    const desk = openDesk();
    await desk.remove("/shop.reckon");
    expect(desk.line("shop.reckon is gone from disk")).not.toBe("");
    await desk.change("/shop.reckon", text);
    expect(desk.line("shop.reckon is back")).not.toBe("");
    expect(desk.line("gone")).toBe("");
  });

  it("[TE43] takes back what it said of a mistake when the file is again as it was", async () => {
    const desk = openDesk();
    await desk.change("/shop.reckon", text.replace("units * price", "units * prise"));
    expect(desk.line("no attribute `prise`")).not.toBe("");
    desk.type(":e\r");
    await desk.settle();
    expect(desk.line("no attribute `prise`")).not.toBe("");
    await desk.change("/shop.reckon", text);
    expect(desk.line("shop.reckon on disk is what is shown here again")).not.toBe("");
    desk.type(":e\r");
    expect(desk.line("shop.reckon on disk is what is shown here")).not.toBe("");
  });

  it("[TE31] previews what the edit would do: days as days, and what the input refuses", () => {
    const typed = "  input opened: date = 2026-03-01\n  input churn: ratio = 0.1  range 0..1\n";
    const desk = openDesk(110, 24, text.replace("block stock", `block facts\n${typed}\nblock stock`));
    desk.type(":go facts.opened\r");
    expect(desk.lines()[1]).toMatch(/▸ 2026-03-01/);
    desk.type("\r");
    expect(desk.lines()[1]).toMatch(/opened = 2026-03-01 +▸ 2026-03-01/);
    desk.type("\u00152027-01-05");
    expect(desk.lines()[1]).toMatch(/▸ 2027-01-05/);
    desk.type("\rj\r\u00155");
    expect(desk.lines()[1]).toMatch(/churn = 5 +✗ .*between 0 and 1/);
    desk.type("\u001b");
    expect(desk.sheet.get("facts.churn")).toBe(0.1);
  });

  it("[TE30] edits a whole row and all members at once", () => {
    const desk = openDesk();
    desk.type("E\u00157\r");
    expect(desk.sheet.get("sales.units", { year: "2029" })).toBe(7);
    desk.type(":go stock.count\r");
    desk.type("k\r\u001550\r");
    expect(desk.sheet.get("stock.count", { region: "South", year: "2028" })).toBe(50);
    expect(desk.sheet.history.done).toHaveLength(2);
  });

  it("[TE31] previews values and formulas and refuses what is wrong", () => {
    const desk = openDesk();
    desk.type("\r\u00153 *");
    expect(desk.lines()[1]).toContain("✗");
    desk.type(" 4");
    expect(desk.lines()[1]).toContain("▸ 12");
    desk.type("\u001b");
    expect(desk.sheet.get("sales.units", { year: "2026" })).toBe(100);
    desk.type("jj= units * nothing\r");
    expect(desk.app.state.mode).toMatchObject({ kind: "edit" });
    expect(desk.lines()[1]).toContain("nothing");
    desk.type("\u001b");
    expect(desk.sheet.get("sales.revenue", { year: "2026" })).toBe(1200);
  });

  it("[TE31] previews a formula that lags with what stands before its first period", () => {
    const model =
      "model shop\ntime year 2026..2029\nblock sales by year\n  input price: USD = 12\n  input first = 1\n  sum = sum[t-1] * 2   start first + 4\n  next = sum[t+1]   end 7\n";
    const desk = openDesk(110, 24, model);
    const result = () =>
      desk
        .lines()[1]
        ?.split(/ (?=[▸✗])/)[1]
        ?.trim();
    desk.type("jj\r");
    expect(result()).toBe("▸ 10");
    desk.type(" + 1");
    expect(result()).toBe("▸ 11");
    desk.type("\u001b");
    desk.type("l\r + 1");
    expect(result()).toBe("▸ 21");
    desk.type("\u001b");
    desk.type("jll\r + 1");
    expect(result()).toBe("▸ 8");
    expect(desk.sheet.get("sales.sum", { year: "2026" })).toBe(10);
  });

  it("[TE32] overrides under a scenario and drops the override", () => {
    const desk = openDesk();
    desk.type("2");
    expect(desk.line("  price")).toMatch(/▲20\b/);
    desk.type("\r\u0015300\r");
    expect(desk.sheet.get("sales.units", { year: "2026" }, "upside")).toBe(300);
    expect(desk.sheet.get("sales.units", { year: "2026" })).toBe(100);
    expect(desk.line("  units")).toMatch(/\[ +▲300\] +100/);
    desk.type("D");
    expect(desk.sheet.get("sales.units", { year: "2026" }, "upside")).toBe(100);
    desk.type("1D");
    expect(desk.line("base has no overrides")).not.toBe("");
  });

  it("[TE33] shows no difference where there is none but rounding", () => {
    const desk = openDesk(110, 24, text.replace("share = revenue / units", "share = revenue * 0.1 * 10"));
    desk.sheet.set("sales.price", 12 * (1 + 1e-15), { year: "2027" }, "upside");
    desk.sheet.set("sales.price", 12, { year: "2026" }, "upside");
    desk.type("2");
    desk.app.dispatch({ kind: "toggle-difference" });
    expect(desk.line(" share ").slice(0, 70)).toMatch(/share +. +· +· +\+/);
  });

  it("[TE33] shows differences to base", () => {
    const desk = openDesk();
    desk.type("d\u001b");
    desk.type("2");
    desk.app.dispatch({ kind: "toggle-difference" });
    expect(desk.line("  price")).toMatch(/\+8 +▲\+8/);
    expect(desk.line("  units")).toContain("·");
    desk.type("1");
    expect(desk.app.state.isDifference).toBe(false);
  });

  it("[TE34] explains an error in the last line and in the pane", () => {
    const desk = openDesk();
    desk.type("\r\u00150\r:go sales.share[2026]\r");
    expect(desk.lines().at(-1)).toContain("✗ #DIV/0! begins here");
    expect(desk.lines()[0]).toContain("1✗");
    expect(desk.line("│ ✗ #DIV/0!")).not.toBe("");
  });

  it("[TE35] says of a line that is no attribute where it is written", () => {
    const desk = openDesk();
    desk.type(":add loop price start 3\r");
    expect(desk.line("a `loop` line is written in the model's file")).not.toBe("");
    desk.type(":add loop = price * 2\r");
    expect(desk.line("is written in the model's file")).toBe("");
  });

  it("[TE35] adds and removes attributes", () => {
    const desk = openDesk();
    desk.type("ocost = units * 3\r");
    expect(desk.app.currentCell?.title).toBe("cost[2026]");
    expect(desk.line("  cost")).toContain("300");
    desk.type("dd");
    expect(desk.line("  cost")).toBe("");
    desk.type("u");
    expect(desk.line("  cost")).toContain("300");
    desk.type(":rm sales.units\r");
    expect(desk.line("  units")).not.toBe("");
    expect(desk.app.state.notice?.tone).toBe("error");
  });

  it("[TE17] jumps to precedents and dependents and back", () => {
    const desk = openDesk();
    desk.type("jjgd");
    expect(desk.app.state.mode).toMatchObject({ kind: "menu" });
    desk.type("2");
    expect(desk.app.currentCell?.title).toBe("price[2026]");
    desk.type("gr");
    expect(desk.app.currentCell?.title).toBe("revenue[2026]");
    desk.type("\u000f\u000f");
    expect(desk.app.currentCell?.title).toBe("revenue[2026]");
  });

  it("searches while typing and returns on Esc", () => {
    const desk = openDesk();
    desk.type("/doub");
    expect(desk.app.currentRow?.key).toBe("stock.double");
    desk.type("\u001b");
    expect(desk.app.currentCell?.title).toBe("units[2026]");
    desk.type("/stock\rn");
    expect(desk.app.currentRow?.key).toBe("stock.count");
  });

  it("says what is wrong with a command", () => {
    const desk = openDesk();
    desk.type(":frobnicate\r");
    expect(desk.line('":frobnicate" is no command')).not.toBe("");
    desk.type(":set sales.units[2050] = 1\r");
    expect(desk.line('"2050" is no label of sales.units')).not.toBe("");
    desk.type(":s nowhere\r");
    expect(desk.line('no scenario "nowhere"')).not.toBe("");
  });

  it("[TE8] draws in every window", () => {
    for (const [columns, rows] of [
      [1, 1],
      [5, 2],
      [20, 5],
      [59, 12],
      [80, 24],
      [200, 60],
    ] as const) {
      const desk = openDesk(columns, rows);
      desk.type("jl?\u001bsj\u001bw\u001b:set\u001b\r");
      expect(desk.lines().length).toBeLessThanOrEqual(rows);
    }
  });
});

describe("files", () => {
  it("[TE40] saves only what was edited", async () => {
    const desk = openDesk();
    desk.type("E\u00157\r:w\r");
    await desk.settle();
    expect(desk.disk.get("/shop.reckon")).toBe(text.replace("units = 100", "units = 7"));
    expect(desk.disk.get("/upside.reckon")).toBe(upside);
    expect(desk.sheet.unsaved()).toEqual([]);
  });

  it("[TE41] never overwrites silently", async () => {
    const desk = openDesk();
    desk.type("E\u00157\r");
    desk.disk.set("/shop.reckon", `${text}# theirs\n`);
    desk.type(":w\r");
    await desk.settle();
    expect(desk.line("Not saved: shop.reckon changed on disk")).not.toBe("");
    expect(desk.disk.get("/shop.reckon")).toContain("# theirs");
    desk.type("\u001b");
    desk.type(":w!\r");
    await desk.settle();
    expect(desk.disk.get("/shop.reckon")).toBe(text.replace("units = 100", "units = 7"));
  });

  it("[TE42] asks once however often the file changes, and takes its last text", async () => {
    const desk = openDesk();
    desk.type("E\u00157\r");
    for (const price of [30, 31, 32]) {
      await desk.change("/shop.reckon", text.replace("price: USD = 12", `price: USD = ${price}`));
    }
    desk.type("t");
    await desk.settle();
    expect(desk.app.state.mode.kind).toBe("grid");
    expect(desk.sheet.get("sales.price", { year: "2026" })).toBe(32);
  });

  it("[TE42] asks only when the grid has the keyboard, and keeps both texts until answered", async () => {
    const desk = openDesk();
    desk.type("E\u00157\r\r12");
    const theirs = text.replace("price: USD = 12", "price: USD = 30");
    await desk.change("/shop.reckon", theirs);
    expect(desk.app.state.mode.kind).toBe("edit");
    desk.type("\u001b");
    expect(desk.line("changed on disk and here")).not.toBe("");
    desk.type("k");
    await desk.settle();
    expect(desk.sheet.get("sales.units", { year: "2026" })).toBe(7);
    desk.type(":e!\r");
    await desk.settle();
    expect(desk.sheet.text()).toBe(theirs);
    desk.type("u");
    expect(desk.sheet.get("sales.units", { year: "2026" })).toBe(7);
  });

  it("[TE43] keeps the last good model on an error", async () => {
    const desk = openDesk();
    await desk.change("/shop.reckon", text.replace("units * price", "units * prise"));
    expect(desk.app.state.notice?.tone).toBe("error");
    expect(desk.app.state.notice?.text).toContain("shop.reckon");
    expect(desk.sheet.get("sales.revenue", { year: "2026" })).toBe(1200);
  });

  it("[TE44] asks before it quits with unsaved edits", async () => {
    const desk = openDesk();
    desk.type("E\u00157\rq");
    expect(desk.exits).toEqual([]);
    desk.type("\u001bq");
    desk.type("s");
    await desk.settle();
    expect(desk.exits).toEqual([0]);
    expect(desk.disk.get("/shop.reckon")).toContain("units = 7");
  });

  it("[TE11] does nothing with text pasted into the grid", () => {
    const desk = openDesk();
    desk.type("\u001b[200~dd:q!\r\u001b[201~");
    expect(desk.exits).toEqual([]);
    expect(desk.sheet.history.done).toEqual([]);
    expect(desk.line("pasted text is not run as keys")).not.toBe("");
  });
});
