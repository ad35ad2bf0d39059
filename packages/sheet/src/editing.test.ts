import type { Diagnostic } from "@reckon/formula";
import { describe, expect, it } from "vitest";
import { downside, hostOf, opened, openSaas, shop, tableOf } from "./fixtures/models.ts";
import type { Sheet, SheetResult } from "./index.ts";

const january = { month: "2026-01" };

function codes(result: SheetResult<unknown>): readonly string[] {
  return result.ok ? [] : result.diagnostics.map(({ code }) => code);
}

/** The first diagnostic of what must be refused. */
function refusal(result: SheetResult<unknown>): Diagnostic {
  const first = result.ok ? undefined : result.diagnostics[0];
  if (first === undefined) throw new Error("it was not refused");
  return first;
}

describe("editing inputs", () => {
  it.each<[string | number | boolean | null, unknown]>([
    ["7", 7],
    ["5%", 0.05],
    ["1_000", 1000],
    ["3 * 12", 36],
    [8, 8],
  ])("[SH7] reads %j as a constant", (typed, value) => {
    const sheet = opened(shop);
    expect(sheet.set("sales.units", typed, { kind: "tea", ...january })).toMatchObject({ ok: true });
    expect(sheet.get("sales.units", { kind: "tea", ...january })).toBe(value);
  });

  it("[SH7] takes a text as it is where the input holds texts", () => {
    const sheet = opened('model m\nblock b\n  input name: text = "Ann"\n');
    sheet.set("b.name", "Bob and 1 + 1");
    expect(sheet.get("b.name")).toBe("Bob and 1 + 1");
    sheet.set("b.name", '"quoted"');
    expect(sheet.get("b.name")).toBe("quoted");
    expect(sheet.text()).toContain('"quoted"');
  });

  it("[SH7] takes a day as it is written where the input holds dates", () => {
    const text = "model m\nblock b\n  input day: date = 2026-01-31\n  next: date = day + 1\n";
    const sheet = opened(text, { scenarios: ["scenario s of m\n"] });
    expect(sheet.set("b.day", "2026-02-28")).toMatchObject({ ok: true });
    expect(sheet.set("b.day", "2026-03-01", undefined, "s")).toMatchObject({ ok: true });
    expect(sheet.pin("b.next", "2026-12-31", undefined, "s")).toMatchObject({ ok: true });
    expect([sheet.get("b.day"), sheet.get("b.next"), sheet.get("b.day", undefined, "s")]).toEqual([
      46081, 46082, 46082,
    ]);
    expect(sheet.get("b.next", undefined, "s")).toBe(46387);
    expect(sheet.text()).toBe(text.replace("2026-01-31", "2026-02-28"));
    expect(sheet.text("s")).toContain("= 2026-12-31");
    expect(sheet.set("b.day", "2026-02-30")).toMatchObject({
      ok: false,
      diagnostics: [{ code: "model/wrong-type" }],
    });
    expect(sheet.set("b.day", "46081 + 1").ok).toBe(true);
    expect(sheet.get("b.day")).toBe(46082);
  });

  it.each<[string, string, string | number, string]>([
    ["a value out of bounds", "sales.price", -1, "model/out-of-range"],
    ["what is no constant", "sales.units", "3 +", "formula/"],
    ["several values", "sales.units", "{1,2}", "sheet/not-a-value"],
    ["nothing", "sales.units", "", "sheet/not-a-value"],
    ["an error", "sales.units", "1/0", "sheet/not-a-value"],
    ["a formula", "sales.revenue", 1, "sheet/not-an-input"],
    ["an unknown attribute", "sales.unit", 1, "sheet/unknown-attribute"],
  ])("[SH8] refuses %s", (_what, id, value, code) => {
    const sheet = opened(shop);
    const [text, version] = [sheet.text(), sheet.version.value];
    const result = sheet.set(id, value);
    expect(result.ok).toBe(false);
    expect(codes(result)[0]).toContain(code);
    expect([sheet.text(), sheet.version.value, sheet.history.done]).toEqual([text, version, []]);
  });

  it("[SH8] says what was meant", () => {
    const result = opened(shop).set("sales.prise", 1);
    expect(result.ok ? [] : result.diagnostics).toMatchObject([
      { message: "no attribute `sales.prise`", hint: "did you mean `sales.price`?" },
    ]);
  });

  it("[SH8] refuses to set a table's column", () => {
    const host = hostOf({ "p.csv": tableOf("p.csv", { id: ["a", "b"], minutes: [10, 20] }) });
    const sheet = opened('model m\naxis p = table("p.csv", key id)\nblock g by p\n  x = p.minutes * 2\n', {
      host,
    });
    expect(sheet.get("g.x", { p: "b" })).toBe(40);
    expect(codes(sheet.set("p.minutes", 1, { p: "a" }))).toEqual(["sheet/read-only"]);
  });

  it("[SH9] writes the document and keeps its comments and layout", () => {
    const sheet = opened(shop);
    sheet.set("sales.price", 2.5, { kind: "tea" });
    expect(sheet.text()).toBe(shop.replace("{ tea: 2, coffee: 3 }", "{ tea: 2.5, coffee: 3 }"));
    sheet.set("total.cost", 6);
    expect(sheet.text()).toContain("input cost = 6\n");
    expect(sheet.get("total.profit", january)).toBe(25 + 30 - 6);
  });

  it("[SH10] checks and compiles nothing, and recalculates what depends on the value", () => {
    const sheet = opened(shop);
    const before = sheet.counts;
    const started: string[] = [];
    const names = new Map([...sheet.model.attributes.keys()].map((id) => [sheet.column(id), id]));
    sheet.onEvent((event) => {
      if (event.kind === "started") started.push(names.get(sheet.engine.peek(event.node)) ?? "hidden");
    });
    sheet.set("total.cost", 6, january);
    expect(started.filter((name) => name !== "hidden").sort()).toEqual(["total.margin", "total.profit"]);
    sheet.undo();
    sheet.redo();
    expect(sheet.counts).toEqual(before);
    expect(sheet.get("total.profit", january)).toBe(44);
  });

  it("[SH10] leaves alone what compares equal", () => {
    const sheet = opened(shop);
    const events: string[] = [];
    sheet.onEvent(({ kind }) => events.push(kind));
    expect(sheet.set("total.cost", 5, january).ok).toBe(true);
    expect([events, sheet.history.done, sheet.text()]).toEqual([[], [], shop]);
  });
});

describe("editing formulas", () => {
  it("[SH11] compiles one formula", () => {
    const sheet = opened(shop);
    const before = sheet.counts.compiles;
    expect(sheet.setFormula("sales.revenue", "price * units * 2").ok).toBe(true);
    expect(sheet.counts.compiles).toBe(before + 1);
    expect(sheet.get("total.income", january)).toBe(100);
    expect(sheet.text()).toContain("  revenue = price * units * 2\n");
  });

  it("[SH11] compiles one formula after values were typed, too", () => {
    const sheet = opened(shop);
    for (const value of [1, 2, 3]) sheet.set("sales.units", value);
    const before = sheet.counts.compiles;
    sheet.setFormula("total.profit", "income - cost * 2");
    expect(sheet.counts.compiles).toBe(before + 1);
    expect(sheet.get("total.profit", january)).toBe(15 - 10);
  });

  it("[SH11] compiles one formula at each step of undo and redo across values that were typed", () => {
    const sheet = opened(shop);
    sheet.set("sales.units", 20);
    const before = sheet.counts.compiles;
    sheet.setFormula("sales.revenue", "price * units * 2");
    sheet.setFormula("total.profit", "income");
    expect(sheet.get("total.profit", january)).toBe(200);
    expect(sheet.undo()).toBe("edit total.profit");
    expect(sheet.undo()).toBe("edit sales.revenue");
    expect(sheet.undo()).toBe("set sales.units");
    expect([sheet.get("total.profit", january), sheet.text()]).toEqual([45, shop]);
    sheet.redo();
    sheet.redo();
    expect(sheet.get("total.profit", january)).toBe(195);
    expect(sheet.counts.compiles).toBe(before + 5);
  });

  it.each([
    ["a name that is not there", "price * unitz"],
    ["a broken formula", "price * ("],
    ["an undeclared loop", "price * total.income"],
    ["an axis that must be reduced", "", "total.profit", "sales.revenue"],
  ])("[SH8] refuses %s", (_what, text, id = "sales.revenue", other = text) => {
    const sheet = opened(shop);
    expect(sheet.setFormula(id, other).ok).toBe(false);
    expect(sheet.text()).toBe(shop);
    expect(sheet.get("total.income", january)).toBe(50);
  });

  it.each<[string, (sheet: Sheet) => SheetResult<void>, string, string]>([
    ["a name", (sheet) => sheet.addAttribute("sales", "net = price - nope"), "net = price - nope", "nope"],
    ["a bound", (sheet) => sheet.addAttribute("total", "input q = 3 min 5"), "input q = 3 min 5", ""],
    ["a formula", (sheet) => sheet.setFormula("total.profit", "income - nope"), "income - nope", "nope"],
  ])("[SH34] tells %s that is wrong by its place in what was typed", (_what, edit, typed, wrong) => {
    const sheet = opened(shop);
    const { source, span } = refusal(edit(sheet));
    const { start, end } = span;
    expect(source).toBe("formula");
    expect(typed.slice(start, end)).toContain(wrong);
    expect(end).toBeLessThanOrEqual(typed.length);
  });

  it("[SH34] tells what is wrong elsewhere by its place in the text as it stands", () => {
    const text = `${shop}\nblock extra\n  a = 1\n  b = a\n  c = b\n`;
    const sheet = opened(text);
    const diagnostic = refusal(sheet.setFormula("extra.a", "c * 1234567"));
    expect(diagnostic).toMatchObject({ code: "model/undeclared-loop", source: "model.reckon" });
    const { start, end } = diagnostic.span;
    expect(text.slice(start, end)).toMatch(/^[abc]$/);
  });

  it("[SH34] refuses to remove what is read, and says by what", () => {
    const sheet = opened(shop);
    const message = (id: string) => {
      const result = sheet.removeAttribute(id);
      return result.ok ? undefined : result.diagnostics.map((diagnostic) => diagnostic.message);
    };
    expect(message("sales.revenue")).toEqual(["`sales.revenue` is read by `sales.grown`, `total.income`"]);
    expect(message("total.income")).toEqual(["`total.income` is read by `total.profit`, `total.margin`"]);
    expect(message("total.profit")).toEqual(["`total.profit` is read by `total.margin`, the check `Profit`"]);
    expect(message("sales.grown")).toBeUndefined();
  });

  it("adds and removes attributes", () => {
    const sheet = opened(shop);
    expect(sheet.addAttribute("total", "tax = profit * 20%").ok).toBe(true);
    expect(sheet.get("total.tax", january)).toBe(9);
    expect(sheet.addAttribute("total", "input extra = 3", "total.cost").ok).toBe(true);
    expect(sheet.text()).toMatch(/input cost = 5\n {2}input extra = 3\n/);
    expect(sheet.removeAttribute("total.income").ok).toBe(false);
    expect(sheet.removeAttribute("total.tax").ok).toBe(true);
    expect(sheet.attribute("total.tax")).toBeUndefined();
    expect(sheet.get("total.tax")).toMatchObject({ code: "#REF!" });
  });
});

it("[LA58] an attribute goes with its loop line, and one undo brings both back", () => {
  const text = "model m\nblock b\n  x = x / 2 + y\n  input y = 1\n  loop x  start y\n";
  const sheet = opened(text);
  expect(sheet.removeAttribute("b.x")).toEqual({ ok: true, value: undefined, diagnostics: [] });
  expect(sheet.text()).toBe("model m\nblock b\n  input y = 1\n");
  sheet.undo();
  expect(sheet.text()).toBe(text);
  expect(sheet.get("b.x")).toBeCloseTo(2);
});

describe("editing scenarios", () => {
  const cheap = 'scenario cheap of shop   "Half price"   # a note\n  sales.price[tea, *] = 1   # tea only\n';

  it("[SH12] makes an override of what is set under a scenario", () => {
    const sheet = opened(shop, { scenarios: [cheap] });
    expect(sheet.set("total.cost", "8", undefined, "cheap").ok).toBe(true);
    expect(sheet.get("total.cost", january, "cheap")).toBe(8);
    expect(sheet.get("total.cost", january)).toBe(5);
    expect(sheet.text("cheap")).toMatch(/total\.cost += 8/);
    expect(sheet.text("cheap")).toContain("# tea only");
    expect(sheet.text()).toBe(shop);
    expect(sheet.isOverridden("total.cost", "cheap")).toBe(true);
    expect(sheet.isOverridden("sales.price", "cheap", { kind: "coffee", ...january })).toBe(false);
    expect(sheet.isOverridden("sales.price", "cheap", { kind: "tea", ...january })).toBe(true);
    expect(sheet.dropOverride("total.cost", "cheap").ok).toBe(true);
    expect(sheet.text("cheap")).toBe(cheap);
    expect(sheet.get("total.cost", january, "cheap")).toBe(5);
    expect(codes(sheet.dropOverride("total.cost", "cheap"))).toEqual(["sheet/no-override"]);
  });

  it.each([
    ["json", '{ "scenario": "s", "model": "shop", "overrides": { "total.cost": 6 } }\n'],
    ["yaml", "scenario: s\nmodel: shop\noverrides:\n  total.cost: 6   # less\n"],
  ])("[SH12] edits a scenario in %s, too", (ending, text) => {
    const sheet = opened(shop);
    expect(sheet.addScenario({ source: `s.${ending}`, text })).toMatchObject({ ok: true });
    expect(sheet.set("total.cost", 7, undefined, "s").ok).toBe(true);
    expect(sheet.set("sales.price", 9, { kind: "tea" }, "s").ok).toBe(true);
    expect(sheet.get("total.profit", january, "s")).toBe(90 + 30 - 7);
    const again = opened(shop);
    again.addScenario({ source: `s.${ending}`, text: sheet.text("s") });
    expect(again.diff("base", "s")).toEqual(sheet.diff("base", "s"));
    sheet.undo();
    sheet.undo();
    expect([sheet.text("s"), sheet.get("total.profit", january, "s")]).toEqual([text, 44]);
  });

  it("[SH12] leaves the model unchecked", () => {
    const sheet = opened(shop, { scenarios: [cheap] });
    const before = sheet.counts;
    sheet.set("total.cost", 8, january, "cheap");
    expect(sheet.counts).toEqual(before);
  });

  it("[SH13] pins a formula, and only a formula", () => {
    const sheet = opened(shop, { scenarios: [cheap] });
    expect(codes(sheet.set("total.income", 1, january, "cheap"))).toEqual(["sheet/needs-pin"]);
    expect(codes(sheet.pin("total.cost", 1, january, "cheap"))).toEqual(["sheet/not-a-formula"]);
    expect(sheet.pin("total.income", 100, january, "cheap").ok).toBe(true);
    expect(sheet.get("total.profit", january, "cheap")).toBe(95);
    expect(sheet.get("total.profit", { month: "2026-02" }, "cheap")).toBe(10 + 30 - 5);
    expect(sheet.get("total.profit", january)).toBe(45);
    expect(sheet.text("cheap")).toContain("pin total.income");
    sheet.dropOverride("total.income", "cheap");
    expect(sheet.get("total.profit", january, "cheap")).toBe(35);
  });

  it("[SH8] refuses an unknown scenario", () => {
    expect(codes(opened(shop).set("total.cost", 1, undefined, "cheap"))).toEqual(["sheet/unknown-scenario"]);
  });

  it("[SH16] a relative override follows the base", () => {
    const sheet = openSaas([downside]);
    const at = { segment: "Mid", month: "2027-03" };
    expect(sheet.get("revenue.adds", at, "downside")).toBe((sheet.get("revenue.adds", at) as number) * 0.8);
    expect(sheet.get("revenue.adds", { ...at, month: "2026-03" }, "downside")).toBe(153);
    expect(sheet.get("debt.rate", { month: "2026-03" }, "downside")).toBe(0.08 + 0.015);
    sheet.set("debt.rate", "10%");
    expect(sheet.get("debt.rate", { month: "2026-03" }, "downside")).toBe(0.1 + 0.015);
    expect(sheet.get("revenue.churn", { segment: "Ent", month: "2026-03" }, "downside")).toBe(0.018);
    expect(sheet.get("revenue.churn", { segment: "SMB", month: "2026-03" }, "downside")).toBe(0.04);
    expect(sheet.get("debt.closing", { month: "2028-12" }, "downside")).toBe(2_000_000);
  });

  it("[SH16] relative overrides stack along what scenarios extend, in one recalculation", () => {
    const sheet = opened(shop, {
      scenarios: [
        "scenario b of shop extends a\n  sales.price[tea, *] += 1\n",
        "scenario a of shop\n  sales.price *= 10\n",
        "scenario other of shop\n  sales.price /= 2\n",
      ],
    });
    const tea = { kind: "tea", ...january };
    const values = () => ["base", "a", "b", "other"].map((name) => sheet.get("sales.price", tea, name));
    expect(values()).toEqual([2, 20, 21, 1]);
    const recalculations: number[] = [];
    sheet.onEvent((event) => {
      if (event.kind === "recalculation-finished") recalculations.push(event.state);
    });
    sheet.set("sales.price", 4, { kind: "tea" });
    expect(values()).toEqual([4, 40, 41, 2]);
    expect(new Set(recalculations).size).toBe(recalculations.length);
    sheet.set("sales.price", 7, tea, "a");
    expect(values()).toEqual([4, 7, 8, 2]);
    expect(sheet.get("total.income", january, "b")).toBe(80 + 300);
    sheet.undo();
    sheet.dropOverride("sales.price", "a");
    expect(values()).toEqual([4, 4, 5, 2]);
    sheet.engine.checkInvariants();
  });

  it("[SH17] the last of nested overrides counts", () => {
    const sheet = opened(shop, {
      scenarios: [
        "scenario s of shop\n  sales.units *= 3\n  sales.units[tea, *] = 1\n  sales.units[tea, 2026-02] += 4\n",
      ],
    });
    const value = (kind: string, month: string) => sheet.get("sales.units", { kind, month }, "s");
    expect([value("coffee", "2026-01"), value("tea", "2026-01"), value("tea", "2026-02")]).toEqual([
      30, 1, 14,
    ]);
  });

  it("[SH18] --set values stand under every scenario and in no document", () => {
    const sheet = opened(shop, {
      scenarios: ["scenario s of shop\n  total.cost *= 2\n"],
      sets: [
        { path: "total.cost[2026-01]", value: "7" },
        { path: "sales.units", value: "50%" },
      ],
    });
    expect(sheet.scenarios).toEqual(["base", "s"]);
    expect([sheet.get("total.cost", january), sheet.get("total.cost", january, "s")]).toEqual([7, 14]);
    expect(sheet.get("total.cost", { month: "2026-02" }, "s")).toBe(10);
    expect(sheet.get("sales.units", { kind: "tea", ...january })).toBe(0.5);
    expect(sheet.text()).toBe(shop);
    sheet.set("total.cost", 9, january);
    expect([sheet.get("total.cost", january), sheet.get("total.cost", january, "s")]).toEqual([9, 18]);
    expect(sheet.unsaved()).toEqual(["model.reckon"]);
    sheet.undo();
    expect(sheet.get("total.cost", january)).toBe(7);
    expect(sheet.text()).toBe(shop);
  });

  it("[SH18] a --set value that does not fit keeps the sheet from opening", () => {
    expect(() => opened(shop, { sets: [{ path: "total.cots", value: "1" }] })).toThrow("total.cots");
    expect(() => opened(shop, { sets: [{ path: "sales.price", value: "-1" }] })).toThrow("sales.price");
  });
});
