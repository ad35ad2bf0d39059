import { afterEach, describe, expect, it } from "vitest";
import { closeDesks, openDesk, text } from "../fixtures/desk.ts";

afterEach(closeDesks);

/** A loop that converges, but for 2027, where no value satisfies its condition. */
const looped = text.replace(
  "block stock",
  `block debt by year
  input k = [0.25, 1, 0.25, 0.25]
  paid = IF(k > 0.5, IF(owed > 1, 0, 2), k * owed + 30)
  owed = paid
  loop paid  start 7  limit 40
  half = owed / 2
  so_far = so_far[t-1] + half   start 0
block stock`,
);
const values = (line: string): string => line.slice(0, 78);

describe("loops in the app", () => {
  it("[TE51] mark every cell in or behind a loop that has not converged, until it converges", () => {
    const desk = openDesk(110, 30, looped);
    const row = (name: string): string => values(desk.line(name));
    expect(row(" owed ")).toMatch(/owed +↻ +40\D* [\d.]+~ +40[^~]* +40[^~]*$/);
    expect(row(" half ")).toMatch(/half +. +20\D* [\d.]+~ +20[^~]* +20[^~]*$/);
    expect(row(" so_far ")).toMatch(/so_far +. +20\D* [\d.]+~ +[\d.]+~ +[\d.]+~/);
    expect(row(" revenue ")).not.toContain("~");
    expect(desk.lines()[0]).toContain("4~");
    desk.type(":go debt.k[2027]\r");
    desk.type("\r\u00150.25\r");
    expect(desk.lines().slice(0, -1).join("\n")).not.toContain("~");
    desk.type("u");
    expect(row(" half ")).toContain("~");
  });

  it("[TE50] are explained in the pane, a value behind one, too", () => {
    const desk = openDesk(110, 40, looped);
    desk.type(":go debt.owed[2026]\r");
    expect(desk.lines().join("\n")).toMatch(/LOOP +\d+ iterations?/);
    expect(desk.line("debt.paid from 7")).not.toBe("");
    desk.type(":go debt.half[2027]\r");
    expect(desk.line("~ not converged:")).not.toBe("");
  });

  it("[TE50] are explained on the page, too, which breaks its lines beside the pane", () => {
    const desk = openDesk(90, 40, looped);
    desk.type(":go debt.paid[2027]\r");
    desk.type("w");
    const { gridWidth } = desk.app.layout;
    const page = desk.lines().map((line) => line.slice(0, gridWidth));
    expect(page.join("\n")).toContain("Why this value");
    expect(page.filter((line) => line.trimEnd().endsWith("…"))).toEqual([]);
    expect(page.join(" ").replaceAll(/\s+/g, " ")).toContain("MIN and MAX do not jump");
  });

  it("[TE52] a formula typed into one shows one step, and says that it is no more", () => {
    const desk = openDesk(110, 30, looped);
    desk.type(":go debt.owed[2026]\r");
    desk.type("\r");
    expect(desk.lines().join("\n")).not.toContain("one step");
    desk.type("\u0015paid * 0.5 + 6");
    expect(desk.lines()[1]).toContain("one step: 26");
    expect(desk.lines().at(-1)).toContain("not its result");
    desk.type("\r");
    expect(desk.lines()[1]).toMatch(/owed\[2026\] = paid \* 0.5 \+ 6 .*▸ 24 was 40/);
  });

  it("[TE51] mark the current cell, its value in the first lines and in the pane, too", () => {
    const desk = openDesk(110, 30, looped);
    desk.type(":go debt.owed[2027]\r");
    expect(values(desk.line(" owed "))).toMatch(/\[ *~\d\]/);
    expect(desk.lines()[1]).toMatch(/▸ ~\d/);
    expect(desk.lines().filter((line) => /│ ▸ ~\d/.test(line))).toHaveLength(1);
    desk.type(":go debt.owed[2026]\r");
    expect(desk.lines()[1]).not.toContain("~");
  });

  it("[TE1] have their sign in the row above their members, too", () => {
    const model = looped.replace(
      "double = count * 2",
      "fee = whole * 0.1\n  whole = count + fee\n  loop whole",
    );
    const desk = openDesk(110, 40, model);
    expect(desk.line(" whole ")).toMatch(/whole +↻/);
    expect(desk.line(" count ")).toMatch(/count +in/);
  });

  it("[TE49] begin at their last solution, and agree with a sheet that begins anew", () => {
    const desk = openDesk(110, 30, looped);
    const { sheet } = desk;
    for (const k of [0.26, 0.27, 0.5]) sheet.set("debt.k", k, { year: "2028" });
    const anew = sheet.reopen({});
    const [live, cold] = [sheet, anew].map((each) => each.get("debt.owed", { year: "2028" }) as number);
    expect(cold).toBeCloseTo(60, 6);
    expect(Math.abs((live as number) - (cold as number))).toBeLessThan(2e-9 * (cold as number));
    anew.dispose();
  });
});
