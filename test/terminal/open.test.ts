/**
 * The app on a real screen: a model in a temporary folder, keys into a pseudo-terminal, cells out of a terminal
 * emulator.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { closeScreens, lineWith, openScreen, type Screen, type ScreenOptions } from "./screen.ts";

const model = `model shop  "A small shop"   # the first comment

time year 2026..2030

block sales by year "Sales"
  # units sold in a year
  input  units: piece = 100
  input  price: USD/piece = 12            "List price"
  revenue: USD = units * price            # what comes in
  share = revenue / units
  total: USD = revenue + total[t-1]        start 0

check sales.revenue > 0 USD  "Something is sold"
`;
const upside = `scenario upside of shop  "Dearer"
  sales.price *= 1.5   # half as much again
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reckon-screen-"));
  writeFileSync(join(folder, "shop.reckon"), model);
  writeFileSync(join(folder, "upside.reckon"), upside);
});
afterEach(() => {
  closeScreens();
  rmSync(folder, { recursive: true, force: true });
});

const fileText = (name = "shop.reckon"): string => readFileSync(join(folder, name), "utf8");
const esc = "\u001b";
const shop = async (options: ScreenOptions = {}): Promise<Screen> => {
  const screen = openScreen("shop.reckon", folder, options);
  await screen.until("the grid", (_lines, text) => text.includes("revenue") && text.includes("watch ●"));
  return screen;
};
const has = (text: string) => (_lines: readonly string[], whole: string) => whole.includes(text);
const rowHas = (row: string, text: string) => (lines: readonly string[]) =>
  lineWith(lines, row).includes(text);

describe("grid", () => {
  it("[TE1] shows blocks, attributes, periods, values and checks", async () => {
    const screen = await shop();
    const lines = screen.lines();
    expect(lines[0]).toMatch(/^ shop {3}SCENARIO \[1 base\] 2 upside {3}watch ● {3}undo 0\/0/);
    expect(lineWith(lines, "block.attribute")).toMatch(/>2026 +2027 +2028 +2029/);
    expect(lineWith(lines, "▾sales")).toContain('by year  "Sales"');
    expect(lineWith(lines, "  units")).toMatch(/units +in \[ +100\] +100 +100/);
    expect(lineWith(lines, "  revenue")).toMatch(/revenue += {2,}1,200 +1,200 +1,200/);
    expect(lineWith(lines, "  total")).toMatch(/total += {2,}1,200 +2,400 +3,600/);
    expect(lineWith(lines, "Something is sold")).toContain("holds");
    expect(screen.isAlternate()).toBe(true);
    expect(screen.isCursorHidden()).toBe(true);
  });

  it("[TE14] moves by arrows, letters and jumps", async () => {
    const screen = await shop();
    screen.press("jj");
    await screen.until(
      "revenue's formula",
      (lines) => lines[1]?.includes("revenue[2026] = units * price") === true,
    );
    screen.press("lll");
    await screen.until("2029", (lines) => lines[1]?.includes("revenue[2029]") === true);
    screen.press(`${esc}[A`);
    await screen.until("price", (lines) => lines[1]?.includes("price[2029]") === true);
    screen.press("0$");
    await screen.until("the last column", (lines) => lines[1]?.includes("price[2030]") === true);
    screen.press("gg");
    await screen.until("the first row", (lines) => lines[1]?.includes("price") === false);
    screen.press("/tot\r");
    await screen.until("total", (lines) => lines[1]?.includes("total[2030]") === true);
  });

  it("[TE13] waits for the rest of a split sequence", async () => {
    const screen = await shop();
    screen.press(esc);
    screen.press("[");
    screen.press("B");
    await screen.until("price", (lines) => lines[1]?.includes("price[2026]") === true);
  });

  it("[TE17] goes to a precedent and back", async () => {
    const screen = await shop();
    screen.press("jj");
    await screen.until("revenue", (lines) => lines[1]?.includes("revenue[2026]") === true);
    screen.press("gd");
    await screen.until("the menu", has("sales.price[2026]"));
    screen.press("2");
    await screen.until("price", (lines) => lines[1]?.includes("price[2026]") === true);
    screen.press("\u000f");
    await screen.until("revenue again", (lines) => lines[1]?.includes("revenue[2026]") === true);
  });

  it("[TE19] shows all keys, searches them and runs one", async () => {
    const screen = await shop();
    screen.press("?");
    await screen.until(
      "the page",
      (lines) =>
        lines.some((line) => line.includes("All keys")) &&
        lineWith(lines, "Ctrl-d").includes("half a page down"),
    );
    screen.press("last row");
    await screen.until(
      "the search",
      (lines) => lineWith(lines, "All keys").includes("last row") && lineWith(lines, "half a page") === "",
    );
    screen.press("\r");
    await screen.until(
      "the last row",
      (lines) =>
        lineWith(lines, "Something is sold").includes("holds") &&
        lines.every((line) => !line.includes("All keys")),
    );
  });
});

describe("editing", () => {
  it("[TE30] recalculates at once, flashes what changed and undoes", async () => {
    const screen = await shop();
    screen.press("\r");
    await screen.until("the edit line", (lines) => lines[1]?.includes("units[2026] = 100") === true);
    screen.press("\u0015200");
    await screen.until("the result", (lines) => /units\[2026\] = 200 .*▸ 200/.test(lines[1] ?? ""));
    screen.press("\r");
    await screen.until("the change sign", rowHas("  revenue", "Δ2,400"));
    await screen.until("the sign's end", (lines) =>
      /revenue += {2,}2,400 +1,200/.test(lineWith(lines, "  revenue")),
    );
    const lines = screen.lines();
    expect(lineWith(lines, "  total")).toMatch(/total += {2,}2,400 +3,600 +4,800/);
    expect(lines[0]).toMatch(/^ shop\*.*undo 1\/1/);
    expect(lineWith(lines, "set sales.units[2026] = 200")).toMatch(/recalculated .*\(u undoes\)/);
    screen.press("u");
    await screen.until("the old value", (now) =>
      /revenue += {2,}1,200 +1,200/.test(lineWith(now, "  revenue")),
    );
    expect(screen.lines()[0]).toMatch(/^ shop .*undo 0\/1/);
    screen.press("\u0012");
    await screen.until("the edit again", (now) =>
      /revenue += {2,}2,400 +1,200/.test(lineWith(now, "  revenue")),
    );
  });

  it("[TE4] flashes in reverse first", async () => {
    const screen = await shop();
    screen.press(":set sales.price[2028] = 20\r");
    let isReverse = false;
    await screen.until("the flash to end", (lines) => {
      const at = lines.findIndex((line) => line.includes("  revenue"));
      const column = lines[at]?.indexOf("2,000") ?? -1;
      if (at >= 0 && column >= 0 && screen.cellAt(at, column)?.isInverse()) isReverse = true;
      return column >= 0 && lines[at]?.includes("Δ") === false;
    });
    expect(isReverse).toBe(true);
  });

  it("[TE31] shows a formula's problem while typing, its result before it is accepted, and cancels", async () => {
    const screen = await shop();
    screen.press("jj\r");
    await screen.until("the formula", (lines) => lines[1]?.includes("revenue = units * price") === true);
    screen.press(" *");
    await screen.until("the problem", (lines) => lines[1]?.includes("✗") === true);
    screen.press(" 2");
    await screen.until("the result", (lines) => /units \* price \* 2 .*▸ 2,400/.test(lines[1] ?? ""));
    expect(lineWith(screen.lines(), "  total")).toMatch(/1,200 +2,400/);
    screen.press(esc);
    await screen.until("the grid", (lines) => /revenue\[2026\] = units \* price {2}/.test(lines[1] ?? ""));
    screen.press("= units * prize\r");
    await screen.until(
      "the refusal",
      (lines) => lines[1]?.includes("✗") === true && lines[1].includes("prize"),
    );
    screen.press("\u0015units * price * 3\r");
    await screen.until("the new values", (lines) =>
      /total += {2,}3,600 +7,200/.test(lineWith(lines, "  total")),
    );
  });

  it("[TE32] makes an edit under a scenario its override", async () => {
    const screen = await shop();
    screen.press("2");
    await screen.until("upside", (lines) => /revenue += {2,}1,800/.test(lineWith(lines, "  revenue")));
    screen.press("ll");
    screen.press("\r");
    await screen.until("the edit", (lines) => lines[1]?.includes("units[2028] in upside = 100") === true);
    screen.press("\u0015300\r");
    await screen.until("the override", (lines) =>
      /units +in +100 +100 \[ +▲300\]/.test(lineWith(lines, "  units")),
    );
    screen.press("d");
    await screen.until("differences", (lines) =>
      /units +in +· +· \[ +▲?\+200\]/.test(lineWith(lines, "  units")),
    );
    expect(lineWith(screen.lines(), "  revenue")).toMatch(/\+600 +\+600 +\+4,200/);
    screen.press("1");
    await screen.until("base", (lines) => /units +in +100 +100 \[ +100\]/.test(lineWith(lines, "  units")));
    screen.press("2D");
    await screen.until(
      "no override",
      (lines) =>
        /units +in +100 +100 \[ +100\]/.test(lineWith(lines, "  units")) &&
        lines[0]?.includes("[2 upside ▲") === true,
    );
    screen.press("u");
    await screen.until("the override again", (lines) => lineWith(lines, "  units").includes("▲300"));
  });

  it("[TE33] shows differences only against base", async () => {
    const screen = await shop({ scenarios: ["upside"] });
    await screen.until("upside", (lines) => lines[0]?.includes("[2 upside ▲") === true);
    screen.press("d");
    await screen.until(
      "differences",
      (lines) => /price +in +▲?\+6/.test(lineWith(lines, "  price")) && lines[0]?.includes("Δ base") === true,
    );
    expect(lineWith(screen.lines(), "  units")).toContain("·");
  });

  it("[TE34] explains an error and where it began", async () => {
    const screen = await shop();
    screen.press(":set sales.units[2027] = 0\r");
    await screen.until("the error", rowHas("  share", "#DIV/0!"));
    expect(screen.lines()[0]).toMatch(/\d✗/);
    screen.press(":go sales.share[2027]\r");
    await screen.until("the explanation", (lines) => lines.at(-1)?.includes("#DIV/0! begins here") === true);
    expect(screen.text()).toContain("PRECEDENTS");
  });

  it("[TE35] adds and removes attributes, and undoes both", async () => {
    const screen = await shop();
    screen.press("o");
    await screen.until("the line", (lines) => lines[1]?.includes("new in sales") === true);
    screen.press("double = units * 2\r");
    await screen.until("the attribute", (lines) =>
      /double += {1,2}\[? +Δ?200/.test(lineWith(lines, "  double")),
    );
    screen.press("dd");
    await screen.until("it gone", (lines) => lineWith(lines, "  double") === "");
    screen.press("u");
    await screen.until("it back", (lines) => lineWith(lines, "  double") !== "");
    screen.press(":rm sales.units\r");
    await screen.until("the refusal", (_lines, text) =>
      /units.*(read|used|still)/i.test(text.split("\n").slice(-3).join(" ")),
    );
    expect(lineWith(screen.lines(), "  units")).not.toBe("");
  });
});

describe("files", () => {
  it("[TE40] saves the edit and keeps comments and layout", async () => {
    const screen = await shop();
    screen.press("j");
    await screen.until("price", (lines) => lines[1]?.includes("price[2026]") === true);
    screen.press("E");
    await screen.until("the edit", (lines) => lines[1]?.includes("price = 12") === true);
    screen.press("\u001515\r");
    await screen.until("the values", (lines) =>
      /revenue += {2,}Δ?1,500 +Δ?1,500/.test(lineWith(lines, "  revenue")),
    );
    expect(fileText()).toBe(model);
    screen.press(":w\r");
    await screen.until("saved", has("saved shop.reckon"));
    expect(fileText()).toBe(model.replace("USD/piece = 12 ", "USD/piece = 15 "));
    expect(screen.lines()[0]).toMatch(/^ shop /);
    expect(fileText("upside.reckon")).toBe(upside);
  });

  it("[TE41] does not overwrite a file that changed on disk, except when told", async () => {
    const screen = await shop();
    screen.press(":set sales.units = 7\r");
    await screen.until("the edit", (lines) => /units +in \[ +Δ?7\]/.test(lineWith(lines, "  units")));
    const theirs = model.replace("= 12 ", "= 99 ");
    writeFileSync(join(folder, "shop.reckon"), theirs);
    await screen.until("the question", has("changed on disk and here"));
    screen.press("k");
    await screen.until("kept", has("your edits are kept"));
    screen.press(":w\r");
    await screen.until("the refusal", has("Not saved: shop.reckon changed on disk"));
    expect(fileText()).toBe(theirs);
    screen.press("c:w!\r");
    await screen.until("saved", has("saved shop.reckon"));
    expect(fileText()).toBe(model.replace("piece = 100", "piece = 7"));
  });

  it("[TE42] takes a changed file over and keeps the cursor", async () => {
    const screen = await shop();
    screen.press("jll");
    await screen.until("price", (lines) => lines[1]?.includes("price[2028]") === true);
    writeFileSync(
      join(folder, "shop.reckon"),
      model
        .replace("block sales", "block costs by year\n  rent = 5\n\nblock sales")
        .replace("= 12 ", "= 20 "),
    );
    await screen.until("the new price", (lines) =>
      /price +in +Δ?20 +Δ?20 \[ +Δ?20\]/.test(lineWith(lines, "  price")),
    );
    expect(screen.lines()[1]).toContain("price[2028]");
    expect(screen.text()).toContain("rent");
    screen.press("u");
    await screen.until("the old price", (lines) =>
      /price +in +Δ?12 +Δ?12 \[ +Δ?12\]/.test(lineWith(lines, "  price")),
    );
  });

  it("[TE42] takes theirs when asked to", async () => {
    const screen = await shop();
    screen.press(":set sales.units = 7\r");
    await screen.until("the edit", (lines) => /units +in \[ +Δ?7\]/.test(lineWith(lines, "  units")));
    writeFileSync(join(folder, "shop.reckon"), model.replace("= 100", "= 55"));
    await screen.until("the question", has("changed on disk and here"));
    screen.press("t");
    await screen.until("theirs", (lines) => /units +in \[ +Δ?55\]/.test(lineWith(lines, "  units")));
  });

  it("[TE43] keeps the last good model when the file has an error, and recovers", async () => {
    const screen = await shop();
    writeFileSync(join(folder, "shop.reckon"), model.replace("units * price ", "units * prize "));
    await screen.until(
      "the message",
      (_lines, text) => /shop\.reckon:9:\d+/.test(text) && text.includes("prize"),
    );
    expect(lineWith(screen.lines(), "  revenue")).toMatch(/1,200 +1,200/);
    writeFileSync(join(folder, "shop.reckon"), model.replace("units * price ", "units * price * 2 "));
    await screen.until("the correction", (lines) =>
      /revenue += {2,}Δ?2,400 +Δ?2,400/.test(lineWith(lines, "  revenue")),
    );
  });

  it("[TE44] asks before unsaved edits are lost", async () => {
    const screen = await shop();
    screen.press(":set sales.units = 7\r");
    await screen.until("the edit", (lines) => lines[0]?.startsWith(" shop*") === true);
    screen.press("\u0003");
    await screen.until("the question", has("shop.reckon has unsaved edits"));
    screen.press(esc);
    await screen.until("no question", (_lines, text) => !text.includes("has unsaved edits"));
    screen.press(":q!\r");
    expect(await screen.exit).toMatchObject({ code: 0 });
    expect(fileText()).toBe(model);
  });
});
