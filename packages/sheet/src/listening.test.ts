import { effect } from "@reckon/engine";
import type { ErrorValue } from "@reckon/value";
import { describe, expect, it } from "vitest";
import { hostOf, opened, scenarioFile, shop } from "./fixtures/models.ts";
import type { CellIndex, ChangedBoxes } from "./index.ts";

const january = { month: "2026-01" };

describe("signals", () => {
  it("[SH3] a cell's signal fires only when that cell changes", () => {
    const sheet = opened(shop);
    const seen: unknown[] = [];
    const stop = effect(() => {
      seen.push(sheet.signal("total.profit", january).value);
    });
    sheet.set("total.cost", 6, { month: "2026-02" });
    sheet.set("total.cost", 7, january);
    sheet.setFormula("total.margin", "1");
    expect(seen).toEqual([45, 43]);
    stop();
  });

  it("[SH3] an error that stays the same does not fire", () => {
    const sheet = opened(shop);
    const seen: unknown[] = [];
    const watch = (id: string, index: CellIndex) =>
      effect(() => {
        seen.push((sheet.signal(id, index).value as ErrorValue).code);
      });
    sheet.set("sales.units", 0);
    const stops = [watch("total.margin", january), watch("total.gone", january), watch("total.cost", {})];
    expect(seen).toEqual(["#DIV/0!", "#REF!", "#REF!"]);
    sheet.set("total.cost", 6, { month: "2026-02" });
    sheet.set("total.cost", 7);
    sheet.setFormula("total.profit", "income - cost * 2");
    sheet.addAttribute("total", "other = 1");
    expect(seen).toHaveLength(3);
    sheet.addAttribute("total", "gone = 1");
    expect(seen).toHaveLength(4);
    for (const stop of stops) stop();
  });

  it("[SH3] goes on when the attribute is edited, removed and brought back", () => {
    const sheet = opened(shop);
    const signal = sheet.signal("total.margin", january);
    const seen: unknown[] = [];
    const stop = signal.subscribe((value) => seen.push(value));
    sheet.setFormula("total.margin", "profit * 2");
    sheet.removeAttribute("total.margin");
    sheet.undo();
    sheet.set("total.cost", 0);
    expect(seen).toMatchObject([0.9, 90, { code: "#REF!" }, 90, 100]);
    stop();
    expect(signal.value).toBe(100);
  });

  it("[SH3] goes on when its scenario is closed and opened", () => {
    const sheet = opened(shop);
    const signal = sheet.signal("total.cost", january, "a");
    expect(signal.value).toMatchObject({ code: "#REF!" });
    sheet.addScenario(scenarioFile("scenario a of shop\n  total.cost = 6\n"));
    expect(signal.value).toBe(6);
    sheet.removeScenario("a");
    expect(signal.value).toMatchObject({ code: "#REF!" });
  });

  it("[SH26] the version counts what was accepted", () => {
    const sheet = opened(shop);
    const first = sheet.version.value;
    sheet.set("total.cost", 6);
    sheet.set("total.cost", "six");
    sheet.undo();
    sheet.redo();
    sheet.reload("model.reckon", shop);
    sheet.undo();
    expect(sheet.version.value - first).toBe(5);
  });
});

describe("effects", () => {
  it("[SH33] one that throws spoils nothing", () => {
    const sheet = opened(shop);
    const stop = effect(() => {
      if (sheet.signal("total.cost", january).value === 6) throw new Error("not six");
    });
    expect(() => sheet.set("total.cost", 6)).toThrow("not six");
    expect([sheet.get("total.profit", january), sheet.history.done]).toEqual([44, ["set total.cost"]]);
    sheet.onChange(() => {
      throw new Error("not that either");
    });
    expect(() => sheet.setFormula("total.profit", "income")).toThrow("not that either");
    expect([sheet.get("total.profit", january), sheet.text().includes("profit = income\n")]).toEqual([
      50,
      true,
    ]);
    expect(sheet.history.done).toHaveLength(2);
    stop();
  });

  it("[SH33] one may edit", () => {
    const sheet = opened(shop);
    const stop = effect(() => {
      const units = sheet.signal("sales.units", { kind: "tea", ...january }).value;
      sheet.set("total.cost", units);
    });
    sheet.set("sales.units", 12);
    expect([sheet.get("total.profit", january), sheet.history.done.length]).toEqual([60 - 12, 3]);
    stop();
  });
});

describe("changes", () => {
  it("[SH27] tells the cells that changed, scenario by scenario", () => {
    const sheet = opened(shop, {
      scenarios: [
        "scenario a of shop\n  total.cost[2026-01] = 9\n",
        "scenario b of shop extends a\n  sales.units = 3\n",
      ],
    });
    const told: [string, readonly ChangedBoxes[]][] = [];
    const stop = sheet.onChange((scenario, changes) => told.push([scenario, changes]));
    sheet.set("total.cost", 6, { month: "2026-02" });
    const february = [{ from: 1, to: 2 }];
    const expected = ["total.cost", "total.margin", "total.profit"].map((attribute) => ({
      attribute,
      cells: february,
    }));
    expect(told.map(([scenario]) => scenario)).toEqual(["base", "a", "b"]);
    for (const [, changes] of told)
      expect([...changes].sort((x, y) => x.attribute.localeCompare(y.attribute))).toEqual(expected);
    told.length = 0;
    sheet.set("total.cost", 6, january, "a");
    expect(told.map(([scenario]) => scenario)).toEqual(["a", "b"]);
    told.length = 0;
    sheet.set("total.cost", 1, january);
    expect(told.map(([scenario]) => scenario)).toEqual(["base"]);
    stop();
    sheet.set("total.cost", 2, january);
    expect(told).toHaveLength(1);
  });

  it("[SH27] tells what dropped overrides and pins change, and what an undo does", () => {
    const sheet = opened(shop, {
      scenarios: ["scenario a of shop\n  total.cost[2026-01] = 9\n  pin total.income[2026-02] = 70\n"],
    });
    const told: string[] = [];
    sheet.onChange((scenario, changes) => {
      for (const { attribute, cells } of changes)
        told.push(`${scenario} ${attribute} ${cells.map(({ from, to }) => `${from}..${to}`)}`);
    });
    const heard = () => told.splice(0).sort();
    sheet.dropOverride("total.cost", "a");
    expect(heard()).toEqual(["a total.cost 0..1", "a total.margin 0..1", "a total.profit 0..1"]);
    sheet.dropOverride("total.income", "a");
    const pinned = ["a total.income 1..2", "a total.margin 1..2", "a total.profit 1..2"];
    expect(heard()).toEqual(pinned);
    sheet.undo();
    expect(heard()).toEqual(pinned);
  });

  it("[SH27] tells late results of asynchronous formulas", async () => {
    const host = hostOf({}, { module: () => ({ slow: async (x) => (x as number) * 2 }) });
    const sheet = opened(
      'model m\nuse "./f.ts" as f\nblock b\n  input x = 3\n  y = f.slow(x)\n  z = y + 1\n',
      { host },
    );
    await sheet.settled();
    expect(sheet.get("b.z")).toBe(7);
    const told: string[] = [];
    sheet.onChange((_scenario, changes) => told.push(...changes.map(({ attribute }) => attribute)));
    sheet.set("b.x", 4);
    expect([sheet.statusOf("b.y"), sheet.get("b.y")]).toEqual(["pending", 6]);
    await sheet.settled();
    expect([sheet.statusOf("b.y"), sheet.get("b.z"), told]).toEqual(["fresh", 9, ["b.x", "b.y", "b.z"]]);
  });

  it("[SH41] leaves what is known to take long stale until it is read", () => {
    let ms = 0;
    const host = hostOf(
      {},
      {
        now: () => ms,
        module: () => ({
          slow: (x) => {
            ms += 3_000;
            return (x as number) * 2;
          },
        }),
      },
    );
    const text =
      'model m\nuse "./f.ts" as f\nblock b\n  input x = 3\n  y = f.slow(x)\n  z = y + 1\n  w = x + 1\n';
    const sheet = opened(text, { host, lazyAboveMs: 2_000 });
    expect(sheet.get("b.z")).toBe(7);
    sheet.set("b.x", 4);
    expect(["b.y", "b.z", "b.w"].map((id) => sheet.statusOf(id))).toEqual(["stale", "stale", "fresh"]);
    expect([sheet.engine.refreshMs(), sheet.get("b.z")]).toEqual([3_000, 9]);
    expect(sheet.statusOf("b.y")).toBe("fresh");
  });

  it("[SH42] a still sheet computes nothing when it is read, until it is refreshed", async () => {
    let ms = 0;
    const host = hostOf(
      {},
      {
        now: () => ms,
        module: () => ({
          slow: async (x) => {
            await null;
            ms += 3_000;
            return (x as number) * 2;
          },
        }),
      },
    );
    const text = `model m
use "./f.ts" as f
block b
  input x = 3
  y = f.slow(x)
  z = y + 1
  m = x * 3 manual
check b.z < 9  "small"
`;
    const sheet = opened(text, { host, lazyAboveMs: 2_000, isStill: true });
    await sheet.settled();
    const seen = () => ["b.y", "b.z", "b.m"].map((id) => [sheet.get(id), sheet.column(id).get(0)]);
    expect(seen().slice(0, 2)).toEqual([
      [6, 6],
      [7, 7],
    ]);
    expect([sheet.statusOf("b.m"), sheet.refreshMs()]).toEqual(["stale", 0]);
    sheet.refresh();
    expect([sheet.get("b.m"), sheet.refreshMs()]).toEqual([9, 0]);
    sheet.set("b.x", 4);
    const [check] = sheet.checks();
    expect([check?.state, check?.isStale]).toEqual(["pass", true]);
    expect([seen(), sheet.why("b.z").value, sheet.why("b.z").status]).toEqual([
      [
        [6, 6],
        [7, 7],
        [9, 9],
      ],
      7,
      "stale",
    ]);
    expect([sheet.refreshMs(), sheet.refreshMs("base", ["b.z"]), sheet.statusOf("b.y")]).toEqual([
      3_000,
      3_000,
      "stale",
    ]);
    sheet.refresh("base", ["b.z"]);
    expect(sheet.statusOf("b.z")).toBe("pending");
    expect([sheet.cancel(), sheet.statusOf("b.z"), sheet.get("b.z")]).toEqual([1, "stale", 7]);
    sheet.refresh();
    await sheet.settled();
    expect([sheet.get("b.z"), sheet.checks()[0]?.state, sheet.checks()[0]?.isStale]).toEqual([
      9,
      "fail",
      undefined,
    ]);
  });

  it("[SH42] a sheet that is stopped shows what is there", async () => {
    const host = hostOf({}, { module: () => ({ never: () => new Promise<number>(() => undefined) }) });
    const sheet = opened('model m\nuse "./f.ts" as f\nblock b\n  input x = 3\n  y = f.never(x)\n  z = x\n', {
      host,
    });
    sheet.stop();
    await sheet.settled();
    expect([(sheet.get("b.y") as ErrorValue).code, sheet.statusOf("b.y"), sheet.get("b.z")]).toEqual([
      "#BUSY!",
      "stale",
      3,
    ]);
  });

  it("[SH28] nothing listens after dispose", () => {
    const sheet = opened(shop, { scenarios: ["scenario a of shop\n  total.cost *= 2\n"] });
    let told = 0;
    sheet.onChange(() => told++);
    const stop = effect(() => {
      sheet.signal("total.cost", january, "a").value;
    });
    sheet.why("total.cost", january);
    const events: string[] = [];
    sheet.onEvent(({ kind }) => events.push(kind));
    sheet.set("total.cost", 6);
    const before = [told, events.length];
    expect(before).toEqual([2, expect.any(Number)]);
    sheet.dispose();
    expect(() => sheet.set("total.cost", 7)).toThrow("disposed");
    expect([told, events.length]).toEqual(before);
    stop();
  });
});
