/** Heavy formulas on a real screen: threads that work, keys that are heard meanwhile, and a program that ends at once. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { closeScreens, lineWith, openScreen, type Screen } from "./screen.ts";

const model = `model plant
use "./lab.js" as lab
time year 2026..2028
block plant by year
  input load = [1, 2, 3]
  strain = lab.strain(load)  heavy
  total  = strain * 2
  aside  = load + 1
`;
/** A load of 9 is never answered. */
const lab = `export function strain(load) {
  while (load === 9);
  return load * 10;
}
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reckon-heavy-"));
  writeFileSync(join(folder, "plant.reckon"), model);
  writeFileSync(join(folder, "lab.js"), lab);
});
afterEach(() => {
  closeScreens();
  rmSync(folder, { recursive: true, force: true });
});

async function endless(columns = 110, rows = 24): Promise<Screen> {
  const screen = openScreen("plant.reckon", folder, { columns, rows, allowModules: true });
  await screen.until("the values", (lines) => /total += +20/.test(lineWith(lines, "total")));
  screen.press(":set plant.load[2026] = 9\r");
  await screen.until("the work", (_lines, text) => text.includes("0 of 1 heavy formula"));
  return screen;
}

describe("heavy formulas", () => {
  it("[TE54] keys are heard while threads work, and x gives the work up", async () => {
    const screen = await endless();
    await screen.until("the thread", (_lines, text) => /\d: plant\.strain \(lab\.strain\)/.test(text));
    screen.press(":set plant.load[2027] = 5\r");
    await screen.until("a light formula", (lines) => /aside += +Δ?10 +Δ?6 /.test(lineWith(lines, " aside")));
    screen.press("x");
    const lines = await screen.until("stale", (now) => / 2◌ *$/.test(now[0] ?? ""));
    expect(lineWith(lines, " strain")).toMatch(/◌10/);
    screen.press(":set plant.load[2026] = 4\r");
    await screen.until("the new values", (now) => /total += +Δ?80 +Δ?100/.test(lineWith(now, " total")));
    screen.press(":q!\r");
    expect(await screen.exit).toMatchObject({ code: 0 });
  });

  it("[TE54] quitting does not wait for a thread that never answers, in a small window either", async () => {
    const screen = await endless(48, 9);
    for (const line of screen.lines()) expect(line.length).toBeLessThanOrEqual(48);
    screen.press(":q!\r");
    expect(await screen.exit).toMatchObject({ code: 0 });
  });
});
