import type { Table } from "@reckon/value";
import { describe, expect, it } from "vitest";
import {
  addsTable,
  downside,
  hostOf,
  months,
  opened,
  openSaas,
  saas,
  scenarioFile,
  segments,
  shop,
  tableOf,
} from "./fixtures/models.ts";
import type { Sheet } from "./index.ts";

const january = { month: "2026-01" };
const income = (sheet: Sheet, scenario = "base") => sheet.get("total.income", january, scenario);

describe("transactions", () => {
  it("[SH14] are one step, one recalculation and one firing of signals", () => {
    const sheet = opened(shop);
    const seen: unknown[] = [];
    const stop = sheet.signal("total.income", january).subscribe((value) => seen.push(value));
    let recalculations = 0;
    sheet.onEvent(({ kind }) => {
      if (kind === "recalculation-finished") recalculations++;
    });
    sheet.transaction("double everything", () => {
      sheet.set("sales.price", 4, { kind: "tea" });
      sheet.set("sales.units", 20);
      expect(income(sheet)).toBe(50);
      sheet.setFormula("sales.revenue", "price * units + 1");
    });
    expect(income(sheet)).toBe(81 + 61);
    expect([seen, recalculations, sheet.history.done]).toEqual([[50, 142], 1, ["double everything"]]);
    expect(sheet.undo()).toBe("double everything");
    expect([income(sheet), sheet.text()]).toEqual([50, shop]);
    stop();
  });

  it("[SH14] leave nothing behind when they throw", () => {
    const sheet = opened(shop, { scenarios: ["scenario s of shop\n"] });
    const failing = () =>
      sheet.transaction("half", () => {
        sheet.set("sales.price", 4, { kind: "tea" });
        sheet.setFormula("total.profit", "income");
        sheet.set("sales.units", 1);
        sheet.set("total.cost", 1, undefined, "s");
        throw new Error("stop");
      });
    expect(failing).toThrow("stop");
    expect([income(sheet), sheet.text(), sheet.text("s"), sheet.history.done]).toEqual([
      50,
      shop,
      "scenario s of shop\n",
      [],
    ]);
    sheet.set("total.cost", 6);
    expect(income(sheet)).toBe(50);
    expect(sheet.get("total.profit", january)).toBe(44);
  });

  it("[SH15] keep the edits around a refused one", () => {
    const sheet = opened(shop);
    sheet.transaction("three", () => {
      sheet.set("sales.units", 20);
      expect(sheet.set("sales.price", -4).ok).toBe(false);
      expect(sheet.setFormula("total.profit", "income +").ok).toBe(false);
      sheet.set("total.cost", 6);
    });
    expect([income(sheet), sheet.get("total.profit", january)]).toEqual([100, 94]);
  });

  it("join when nested, and do not undo inside", () => {
    const sheet = opened(shop);
    sheet.transaction("outer", () => {
      sheet.transaction("inner", () => sheet.set("sales.units", 20));
      expect(() => sheet.undo()).toThrow("inside a transaction");
    });
    expect(sheet.history.done).toEqual(["outer"]);
  });
});

describe("undo and redo", () => {
  it("[SH21] bring back every value and every text", () => {
    const sheet = openSaas([downside]);
    const state = () => ({
      texts: sheet.scenarios.map((name) => sheet.text(name)),
      closing: sheet.scenarios.map((name) => sheet.get("debt.closing", { month: "2028-12" }, name)),
      price: sheet.get("revenue.price", { segment: "Ent", month: "2027-01" }),
    });
    const states = [state()];
    const edits = [
      () => sheet.set("revenue.price", 99, { segment: "Ent" }),
      () => sheet.set("revenue.price", 95, { segment: "Ent" }, "downside"),
      () => sheet.setFormula("debt.interest", "opening * rate / 12"),
      () => sheet.set("revenue.price", 100, { segment: "Ent", month: "2027-01" }),
      () => sheet.dropOverride("debt.sweep", "downside"),
      () => sheet.addAttribute("debt", "total_interest = interest[t-1] + interest   start 0"),
      () => sheet.removeAttribute("debt.total_interest"),
    ];
    for (const edit of edits) {
      expect(edit()).toMatchObject({ ok: true });
      states.push(state());
    }
    for (let i = edits.length - 1; i >= 0; i--) {
      expect(sheet.undo()).toBeDefined();
      expect(state()).toEqual(states[i]);
    }
    expect(sheet.undo()).toBeUndefined();
    for (let i = 1; i <= edits.length; i++) {
      expect(sheet.redo()).toBeDefined();
      expect(state()).toEqual(states[i]);
    }
    expect(sheet.redo()).toBeUndefined();
    sheet.engine.checkInvariants();
  });

  it("a new edit drops what was undone", () => {
    const sheet = opened(shop);
    sheet.set("sales.units", 20);
    sheet.set("total.cost", 6);
    sheet.undo();
    sheet.set("total.cost", 7);
    expect(sheet.redo()).toBeUndefined();
    expect(sheet.history.done).toHaveLength(2);
  });
});

describe("files", () => {
  it("[SH22] a reload is one step, and keeps the last good model on errors", () => {
    const sheet = opened(shop);
    const wrong = sheet.reload("model.reckon", shop.replace("price * units", "price * unitz"));
    expect(wrong).toMatchObject({ ok: false });
    expect(sheet.diagnostics).toMatchObject([{ code: "formula/unknown-name", source: "model.reckon" }]);
    expect([income(sheet), sheet.text()]).toEqual([50, shop]);
    expect(sheet.reload("model.reckon", shop.replace("price * units", "price * units * 2"))).toMatchObject({
      ok: true,
    });
    expect([income(sheet), sheet.diagnostics, sheet.history.done]).toEqual([
      100,
      [],
      ["reload model.reckon"],
    ]);
    expect(sheet.unsaved()).toEqual([]);
    sheet.undo();
    expect([income(sheet), sheet.unsaved()]).toEqual([50, ["model.reckon"]]);
  });

  it("[SH22] a correction back to the text before clears the problem", () => {
    const sheet = opened(shop);
    sheet.reload("model.reckon", "modle shop\n");
    expect(sheet.diagnostics.length).toBeGreaterThan(0);
    expect(sheet.reload("model.reckon", shop).ok).toBe(true);
    expect([sheet.diagnostics, sheet.history.done]).toEqual([[], []]);
  });

  it("[SH22] refuses a source that is not open", () => {
    expect(opened(shop).reload("other.reckon", shop)).toMatchObject({ ok: false });
  });

  it.each([
    ["the model first", ["model.reckon", "s.reckon"]],
    ["the scenario first", ["s.reckon", "model.reckon"]],
  ])("[SH23] takes over files that are right only together, %s", (_what, order) => {
    const sheet = opened(shop, { scenarios: ["scenario s of shop\n  sales.price *= 2\n"] });
    const texts: Record<string, string> = {
      "model.reckon": shop.replaceAll("price", "list_price"),
      "s.reckon": "scenario s of shop\n  sales.list_price *= 2\n",
    };
    expect(order.map((source) => sheet.reload(source, texts[source] as string).ok)).toEqual([false, true]);
    expect([income(sheet), income(sheet, "s"), sheet.diagnostics]).toEqual([50, 100, []]);
    expect(sheet.unsaved()).toEqual([]);
    sheet.undo();
    expect(sheet.text()).toBe(shop);
  });

  it("[SH24] knows what is not saved", () => {
    const sheet = opened(shop, { scenarios: ["scenario s of shop\n"] });
    sheet.set("sales.units", 20);
    sheet.set("total.cost", 6, undefined, "s");
    expect(sheet.unsaved()).toEqual(["model.reckon", "s.reckon"]);
    sheet.markSaved("model.reckon");
    expect(sheet.unsaved()).toEqual(["s.reckon"]);
    sheet.undo();
    expect(sheet.unsaved()).toEqual([]);
    sheet.undo();
    expect(sheet.unsaved()).toEqual(["model.reckon"]);
  });

  it("[SH25] reads a table again that changed", () => {
    const tables: Record<string, Table> = { "adds.csv": addsTable };
    const sheet = opened(saas, { host: hostOf(tables) });
    const at = { segment: "Ent", month: "2026-01" };
    sheet.set("revenue.price", 95, { segment: "Ent" });
    tables["adds.csv"] = tableOf("adds.csv", {
      segment: segments.flatMap((segment) => months.map(() => segment)),
      month: segments.flatMap(() => months),
      adds: segments.flatMap(() => months.map(() => 10)),
    });
    expect(sheet.reloadHostFile("adds.csv").ok).toBe(true);
    expect(sheet.get("revenue.seats", at)).toBe(100 * (1 - 0.025) + 10);
    tables["adds.csv"] = tableOf("adds.csv", { segment: ["SMB"], month: ["2026-01"], adds: [1] });
    expect(sheet.reloadHostFile("adds.csv").ok).toBe(false);
    expect(sheet.get("revenue.seats", at)).toBe(100 * (1 - 0.025) + 10);
  });

  it("[SH25] says why a table was not taken over, and an undo not possible", () => {
    const tables: Record<string, Table> = { "p.csv": tableOf("p.csv", { id: ["a", "b"], n: [1, 2] }) };
    const text = 'model m\naxis p = table("p.csv", key id)\nblock b\n  x = p.n[b]\n';
    const sheet = opened(text, { host: hostOf(tables) });
    const before = tables["p.csv"] as Table;
    tables["p.csv"] = tableOf("p.csv", { id: ["a", "c"], n: [5, 6] });
    expect(sheet.reloadHostFile("p.csv").ok).toBe(false);
    expect(sheet.diagnostics).toHaveLength(1);
    tables["p.csv"] = before;
    sheet.setFormula("b.x", "p.n[a]");
    tables["p.csv"] = tableOf("p.csv", { id: ["a", "c"], n: [5, 6] });
    expect(sheet.reloadHostFile("p.csv").ok).toBe(true);
    expect([sheet.get("b.x"), sheet.diagnostics]).toEqual([5, []]);
    expect(sheet.undo()).toBeUndefined();
    expect(sheet.diagnostics[0]?.message).toContain("b");
    expect([sheet.get("b.x"), sheet.history.done]).toEqual([5, ["edit b.x"]]);
  });

  it("[SH25] loads a module again that changed", () => {
    const functions = { double: (x: unknown) => (x as number) * 2 };
    const host = hostOf({}, { module: () => functions });
    const text = 'model m\nuse "./f.ts" as f\nblock b\n  input x = 3\n  y = f.double(x)\n  z = x + 1\n';
    const sheet = opened(text, { host });
    expect(sheet.get("b.y")).toBe(6);
    const before = sheet.counts.compiles;
    functions.double = (x) => (x as number) * 20;
    expect(sheet.reloadHostFile("./f.ts").ok).toBe(true);
    expect([sheet.get("b.y"), sheet.counts.compiles - before]).toEqual([60, 1]);
  });

  it("refuses a module that does not load, and functions that it does not have", () => {
    const text = 'model m\nuse "./f.ts" as f\nblock b\n  y = f.doubel(1)\n';
    expect(() => opened(text)).toThrow("module `./f.ts` does not load");
    const host = hostOf({}, { module: () => ({ double: () => 1 }) });
    expect(() => opened(text, { host })).toThrow("calls `f.doubel`, which the module does not export");
  });
});

describe("opening and closing scenarios", () => {
  const a = "scenario a of shop\n  total.cost = 6\n";
  const b = "scenario b of shop extends a\n  sales.units = 20\n";

  it("[SH20] is no step of the history", () => {
    const sheet = opened(shop);
    sheet.set("sales.price", 3);
    expect(sheet.addScenario(scenarioFile(a))).toMatchObject({ ok: true, value: "a" });
    expect(sheet.addScenario(scenarioFile(b))).toMatchObject({ ok: true, value: "b" });
    expect([sheet.scenarios, sheet.history.done]).toEqual([["base", "a", "b"], ["set sales.price"]]);
    expect(sheet.get("total.profit", january, "b")).toBe(120 - 6);
    sheet.set("total.cost", 8, undefined, "a");
    expect(sheet.get("total.profit", january, "b")).toBe(120 - 8);
    expect(sheet.removeScenario("b").ok).toBe(true);
    expect(sheet.undo()).toBe("set total.cost in a");
    expect(sheet.text("a")).toBe(a);
    expect(sheet.removeScenario("a").ok).toBe(true);
    expect([sheet.scenarios, sheet.unsaved()]).toEqual([["base"], ["model.reckon"]]);
  });

  it.each([
    ["a name that is open", [a], a, "model/duplicate-name"],
    ["base", [], "scenario base of shop\n", "sheet/scenario-named-base"],
    ["a parent that is not open", [], b, "scenario/unknown-parent"],
    ["another model", [], "scenario c of saas\n", "scenario/"],
  ])("[SH19] refuses %s", (_what, scenarios, added, code) => {
    const sheet = opened(shop, { scenarios });
    const result = sheet.addScenario({ ...scenarioFile(added), source: "added.reckon" });
    expect(result).toMatchObject({ ok: false });
    expect(result.diagnostics[0]?.code).toContain(code);
    expect(sheet.scenarios).toHaveLength(1 + scenarios.length);
  });

  it("[SH19] refuses circles, and to close what another extends", () => {
    const circle = ["scenario a of shop extends b\n", "scenario b of shop extends a\n"];
    expect(() => opened(shop, { scenarios: circle })).toThrow("a → b → a");
    const sheet = opened(shop, { scenarios: [a, b] });
    expect(sheet.removeScenario("a")).toMatchObject({
      ok: false,
      diagnostics: [{ message: "scenario `b` extends `a`", hint: "close `b` first" }],
    });
    expect(sheet.removeScenario("base")).toMatchObject({ ok: false });
    expect(sheet.scenarios).toEqual(["base", "a", "b"]);
  });
});
