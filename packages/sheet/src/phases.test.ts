import { createProfiler, type Profile } from "@reckon/engine";
import { parseModel } from "@reckon/model";
import { describe, expect, it } from "vitest";
import type { Sheet } from "./api.ts";
import { type OpenOptions, openSheet } from "./open-sheet.ts";

const text = `model shop
time month 2026-01..2026-12
block sales by month
  input price = 10
  input units = 5
  revenue = price * units
  total = total[t-1] + revenue  start 0
`;
const cheap = { source: "cheap.reckon", text: "scenario cheap of shop\n  sales.price = 5\n" };
const host = {
  table: (path: string) => ({ problem: `no table ${path}` }),
  module: (path: string) => ({ problem: `no module ${path}` }),
};

function opened(options: Partial<OpenOptions> = {}): Sheet {
  const result = openSheet({ model: { source: "shop.reckon", text }, host, ...options });
  if (!result.ok) throw new Error(result.diagnostics[0]?.message);
  return result.value;
}

/** Each reading is a millisecond later, so every phase takes some time. */
function ticking(): { readonly now: () => number } {
  let ms = 0;
  return { now: () => ms++ };
}

const phasesOf = ({ phases }: Profile): string[] =>
  phases.map(({ name, subject }) => (subject === "" ? name : `${name} ${subject}`));

describe("a sheet with a profiler", () => {
  it("[PF12] tells the phases of opening, with the calculation of each scenario", () => {
    const profiler = createProfiler(ticking());
    opened({ scenarios: [cheap], profiler });
    const profile = profiler.stop();
    const names = phasesOf(profile);
    expect(names.filter((name) => name !== "compile")).toEqual([
      "parse shop.reckon",
      "parse cheap.reckon",
      "check",
      "lay",
      "calculate base",
      "calculate cheap",
    ]);
    const revenue = profile.nodes.filter(({ name }) => name === "sales.revenue");
    expect(revenue.map(({ state, cells }) => `${state} ${cells}`).sort()).toEqual(["base 12", "cheap 12"]);
  });

  it("[PF12] a model that was read already is not read again", () => {
    const profiler = createProfiler(ticking());
    const sheet = opened({ document: parseModel("shop.reckon", text), profiler });
    expect(phasesOf(profiler.stop()).filter((name) => name.startsWith("parse"))).toEqual([]);
    expect(sheet.text()).toBe(text);
    expect(sheet.unsaved()).toEqual([]);
    expect(sheet.set("sales.units", 6).ok).toBe(true);
    expect(sheet.unsaved()).toEqual(["shop.reckon"]);
    sheet.undo();
    expect(sheet.unsaved()).toEqual([]);
  });

  it("[PF12] tells apart the generating of code, also where it is needed in a recurrence", () => {
    const profiler = createProfiler(ticking());
    // More cells than are interpreted before code is made; the number is nowhere else, so its code is not there yet.
    const long = text.replace("2026-12", "2040-12").replace("price * units", "price * units * 1.2345678");
    const longer = long.replace("+ revenue", "+ revenue - 0.000123456");
    opened({ model: { source: "shop.reckon", text: longer }, profiler });
    const { phases, nodes } = profiler.stop();
    expect(phases.find(({ name }) => name === "compile")?.count).toBe(2);
    expect(nodes.map(({ name }) => name).sort()).toEqual(["sales.revenue", "sales.total"]);
  });

  it("[PF12] tells of edits when it is asked to, until the profiler stops", () => {
    const sheet = opened({ scenarios: [cheap] });
    const profiler = createProfiler(ticking());
    sheet.profileWith(profiler);
    sheet.set("sales.units", 6);
    const profile = profiler.stop();
    expect(phasesOf(profile)).toEqual(["edit", "calculate base", "calculate cheap"]);
    sheet.set("sales.units", 7);
    expect(profiler.stop()).toBe(profile);
    const again = createProfiler(ticking());
    sheet.profileWith(again);
    sheet.setFormula("sales.revenue", "price * units * 2");
    expect(phasesOf(again.stop())).toEqual(
      expect.arrayContaining(["edit", "check", "lay", "calculate base", "calculate cheap"]),
    );
  });
});
