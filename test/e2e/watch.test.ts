import { appendFileSync, readFileSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Place, type Running } from "./command-line.ts";
import { endOf, shop } from "./shop.ts";

const watching = /watching .*\n/;
const kept = "the last good values stay";

/** A watch on the shop that shows only the end, already running. */
async function watchEnd(place: Place, ...args: string[]): Promise<Running> {
  const running = place.start(["watch", "shop.reckon", ...args, "--only", "total.end"]);
  await running.message(watching);
  return running;
}

const shopText = shop["shop.reckon"] as string;
const withRate = (rate: string) => shopText.replace("= 1%", `= ${rate}`);
const shown = (value: number) => value.toFixed(2).replace(/\B(?=(\d{3})+\.)/g, ",");
const changed = (before: number, after: number) => `total.end: ${shown(before)} → ${shown(after)}`;
const base = { North: 10, South: 20 };

describe("what is printed", () => {
  it("[CL29] prints only what changed, old → new, grouped, with the time it took", async () => {
    const place = new Place(shop);
    const running = place.start(["watch", "shop.reckon"]);
    expect(await running.message(watching)).toMatch(
      /^watching shop\.reckon, units\.csv · calculated in [\d.]+ m?s · Ctrl-C ends\n$/,
    );
    place.write("shop.reckon", shopText.replace("South: 20", "South: 21"));
    const text = await running.output("total.reached: ");
    expect(text).toMatch(/^— shop\.reckon · 26 values changed · [\d.]+ m?s\n/);
    expect(text).toContain("  sales.price[South, 2026-01 … 2026-06]: 20 → 21 (6 cells)\n");
    expect(text).toContain(`  ${changed(endOf(base), endOf({ North: 10, South: 21 }))}\n`);
    expect(text).not.toContain("units");
  });

  it("[CL43] folds what changes alike, [CL29] summarises what does not", async () => {
    const long = (x: number) =>
      `model long\ntime step 1..100\nblock a by step\n  input x = ${x}\n  y = y[t-1] + x  start 0\n`;
    const place = new Place({ ...shop, "long.reckon": long(1) });
    const running = place.start(["watch", "long.reckon"]);
    await running.message(watching);
    place.write("long.reckon", long(2));
    const text = await running.output("100 → 200\n");
    expect(text).toContain("  a.x: 1 → 2 (100 cells)\n  a.y: 100 cells\n    [1]      1 → 2\n");
    expect(text).toContain("    … and 94 more\n    [100]  100 → 200\n");
  });

  it("[CL29] says so when a save changes no value", async () => {
    const place = new Place(shop);
    const running = await watchEnd(place);
    place.write("shop.reckon", `# a remark\n${shopText}`);
    expect(await running.output("\n")).toMatch(/^— shop\.reckon · no value changed · [\d.]+ m?s\n$/);
  });

  it("[CL29] says which scenario keeps a change of the base from being seen", async () => {
    const place = new Place({ ...shop, "fixed.reckon": "scenario fixed of shop\n  cash.rate = 1%\n" });
    const running = place.start(["watch", "shop.reckon", "fixed.reckon", "--only", "total.end"]);
    await running.message(watching);
    place.write("shop.reckon", withRate("2%"));
    expect(await running.output("\n")).toMatch(
      /^— shop\.reckon · no value changed \(fixed overrides cash\.rate\) · [\d.]+ m?s\n$/,
    );
  });

  it("[CL29] prints checks whose outcome changed", async () => {
    const place = new Place(shop);
    const running = await watchEnd(place);
    place.write("shop.reckon", shopText.replace("= 3_000", "= 9_000"));
    await running.output("✗ Target is reached");
    place.write("shop.reckon", shopText);
    await running.output("✓ Target is reached");
  });

  it("[CL29] groups by scenario when there are several, and follows a change of the base into them", async () => {
    const place = new Place(shop);
    const running = await watchEnd(place, "-s", "base", "cheap");
    place.write("shop.reckon", withRate("2%"));
    const cheap = { North: 5, South: 10 };
    const text = await running.output(changed(endOf(cheap), endOf(cheap, 0.02)));
    expect(text).toContain(`  base\n    ${changed(endOf(base), endOf(base, 0.02))}\n  cheap\n`);
    place.write("cheap.reckon", "scenario cheap of shop\n  sales.price *= 0.25\n");
    const only = await running.output(changed(endOf(cheap, 0.02), endOf({ North: 2.5, South: 5 }, 0.02)));
    expect(only).toMatch(/^\n— cheap\.reckon/);
    expect(only).not.toContain("base");
  });

  it("[CL36] prints JSON lines with every change", async () => {
    const place = new Place(shop);
    const running = place.start(["watch", "shop.reckon", "--json", "--only", "cash.balance"]);
    expect(JSON.parse(await running.output("\n"))).toMatchObject({
      event: "ready",
      model: "shop",
      files: ["shop.reckon", "units.csv"],
    });
    place.write("shop.reckon", withRate("2%"));
    const event = JSON.parse(await running.output("\n")) as { changes: unknown[] };
    expect(event).toMatchObject({
      event: "changed",
      files: ["shop.reckon"],
      scenario: "base",
      added: [],
      removed: [],
    });
    expect(event.changes).toHaveLength(6);
    expect(event.changes[0]).toMatchObject({
      attribute: "cash.balance",
      at: ["2026-01"],
      before: 1310,
      after: 1320,
    });
    place.write("shop.reckon", `${shopText}\n?`);
    expect(JSON.parse(await running.output("\n"))).toMatchObject({
      event: "problem",
      files: ["shop.reckon"],
      diagnostics: [{ severity: "error", source: "shop.reckon" }],
    });
    unlinkSync(place.path("units.csv"));
    expect(JSON.parse(await running.output("\n"))).toEqual({ event: "missing", files: ["units.csv"] });
  });

  it("names attributes that appear and go", async () => {
    const place = new Place(shop);
    const running = place.start(["watch", "shop.reckon"]);
    await running.message(watching);
    place.write("shop.reckon", shopText.replace("  reached ", "  twice = end * 2\n  reached "));
    await running.output("total.twice: added\n");
    place.write("shop.reckon", shopText);
    await running.output("total.twice: removed\n");
  });
});

describe("misuse", () => {
  it("[CL30] shows a mistake, keeps the last good values and goes on from them", async () => {
    const place = new Place(shop);
    const running = await watchEnd(place);
    place.write("shop.reckon", shopText.replace("end: USD", "end: USD = ="));
    expect(await running.message(kept)).toContain("shop.reckon:");
    place.write("shop.reckon", withRate("2%"));
    await running.output(changed(endOf(base), endOf(base, 0.02)));
    place.write("shop.reckon", "garbage");
    await running.message(kept);
    place.write("shop.reckon", shopText);
    expect(await running.output(changed(endOf(base, 0.02), endOf(base)))).toContain(
      "— shop.reckon · good again · 1 value changed · ",
    );
  });

  it("[CL30] waits for the correction of a mistake that is there from the beginning", async () => {
    const place = new Place({ ...shop, "shop.reckon": `${shopText}\nblock x\n  y = nothing\n` });
    const running = place.start(["watch", "shop.reckon", "--only", "total.end"]);
    expect(await running.message(watching)).toContain("nothing");
    place.write("shop.reckon", shopText);
    await running.output("— shop.reckon");
    place.write("shop.reckon", withRate("2%"));
    await running.output(changed(endOf(base), endOf(base, 0.02)));
  });

  it.each(["shop.reckon", "cheap.reckon", "units.csv"])(
    "[CL31] %s deleted, emptied and brought back",
    async (name) => {
      const place = new Place(shop);
      const text = readFileSync(place.path(name), "utf8");
      const running = await watchEnd(place, "-s", "cheap");
      unlinkSync(place.path(name));
      await running.message(`${name} is gone; its last good values stay until it is back\n`);
      place.write(name, text);
      await running.output(`— ${name} · good again · no value changed`);
      place.write(name, "");
      await running.message(`${name} is empty; its last good values stay until it is back\n`);
      place.write(name, text);
      await running.output(`— ${name} · good again · no value changed`);
      const cheap = { North: 5, South: 10 };
      place.write("shop.reckon", withRate("2%"));
      await running.output(changed(endOf(cheap), endOf(cheap, 0.02)));
    },
  );

  it("[CL32] replaced by a rename, again and again", async () => {
    const place = new Place(shop);
    const running = await watchEnd(place);
    let before = 0.01;
    for (const rate of [0.02, 0.03, 0.04]) {
      place.write("saved.tmp", withRate(`${rate * 100}%`));
      renameSync(place.path("saved.tmp"), place.path("shop.reckon"));
      await running.output(changed(endOf(base, before), endOf(base, rate)));
      before = rate;
    }
  });

  it("[CL32] moved away and written anew, as editors with a backup do", async () => {
    const place = new Place(shop);
    const running = await watchEnd(place);
    renameSync(place.path("shop.reckon"), place.path("shop.reckon~"));
    place.write("shop.reckon", withRate("2%"));
    unlinkSync(place.path("shop.reckon~"));
    await running.output(changed(endOf(base), endOf(base, 0.02)));
    place.write("shop.reckon", withRate("3%"));
    await running.output(changed(endOf(base, 0.02), endOf(base, 0.03)));
  });

  it("[CL32] saved twice within a moment", async () => {
    const place = new Place(shop);
    const running = await watchEnd(place);
    for (let i = 2; i <= 9; i++) writeFileSync(place.path("shop.reckon"), withRate(`${i}%`));
    await running.output(shown(endOf(base, 0.09)));
  });

  it("[CL32] written in two halves, wherever it is cut", async () => {
    const place = new Place(shop);
    const running = await watchEnd(place);
    let before = 0.01;
    for (const [i, share] of [0.1, 0.5, 0.99].entries()) {
      const rate = 0.02 + i / 100;
      const text = withRate(`${2 + i}%`);
      const cut = Math.floor(text.length * share);
      writeFileSync(place.path("shop.reckon"), text.slice(0, cut));
      // The second half comes once the watch has had its say about the first, or before: both must end well.
      if (i > 0) await new Promise((resolve) => setImmediate(resolve));
      appendFileSync(place.path("shop.reckon"), text.slice(cut));
      await running.output(`→ ${shown(endOf(base, rate))}`);
      before = rate;
    }
    place.write("shop.reckon", shopText);
    await running.output(changed(endOf(base, before), endOf(base)));
  });

  it("[CL33] two files that only fit together, in either order", async () => {
    const place = new Place(shop);
    const running = await watchEnd(place, "-s", "cheap");
    const renamed = shopText.replaceAll("price", "fee");
    const scenario = "scenario cheap of shop\n  sales.fee *= 0.25\n";
    place.write("shop.reckon", renamed);
    await running.message(kept);
    place.write("cheap.reckon", scenario);
    await running.output(changed(endOf({ North: 5, South: 10 }), endOf({ North: 2.5, South: 5 })));
    place.write("cheap.reckon", shop["cheap.reckon"] as string);
    await running.message(kept);
    place.write("shop.reckon", shopText);
    await running.output(changed(endOf({ North: 2.5, South: 5 }), endOf({ North: 5, South: 10 })));
  });

  it("[CL34] recalculates when a table changes, and says what is wrong with it", async () => {
    const place = new Place(shop);
    const running = await watchEnd(place);
    const units = shop["units.csv"] as string;
    place.write("units.csv", units.replace("North,2026-06,15", "North,2026-06,16"));
    await running.output(changed(endOf(base), endOf(base) + 10));
    place.write("units.csv", units.replace("North,2026-06,15\n", ""));
    expect(await running.message(kept)).toContain("units.csv");
    place.write("units.csv", units);
    await running.output(changed(endOf(base) + 10, endOf(base)));
  });
});

describe("the end", () => {
  const signals = ["SIGINT", "SIGTERM"] as const;
  it.each(signals)("[CL35] %s ends it well", async (signal) => {
    const running = await watchEnd(new Place(shop));
    expect(await running.end(signal)).toMatchObject({ code: 0, signal: null, stdout: "" });
  });

  it("[CL10] a model that is not there is not waited for", () => {
    expect(new Place().reckon(["watch", "none.reckon"])).toMatchObject({ code: 2, stdout: "" });
  });
});
