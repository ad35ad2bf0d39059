/** US employment: the committed tables against the data package they come from, and the published facts. */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { numberAt, numbersOf, openExample } from "./example-sheet.ts";

// The package does not export its data files, so they are read from its folder, beside its build.
const require = createRequire(import.meta.url);
const packageFolder = join(dirname(require.resolve("vega-datasets")), "..");
const [head = [], ...rows] = readFileSync(join(packageFolder, "data/us-employment.csv"), "utf8")
  .trim()
  .split("\n")
  .map((line) => line.split(","));

function published(column: string): number[] {
  return rows.map((row) => Number(row[head.indexOf(column)]));
}

const columns: Readonly<Record<string, string>> = {
  mining: "mining_and_logging",
  construction: "construction",
  manufacturing: "manufacturing",
  trade: "trade_transportation_utilties",
  information: "information",
  finance: "financial_activities",
  professional: "professional_and_business_services",
  education_health: "education_and_health_services",
  leisure: "leisure_and_hospitality",
  other: "other_services",
  government: "government",
};

it("the committed tables are those of the package", async () => {
  const sheet = await openExample("employment");
  expect(numbersOf(sheet, "jobs.level")).toEqual(Object.values(columns).flatMap(published));
  expect(numbersOf(sheet, "total.reported")).toEqual(published("nonfarm"));
});

it("derived figures agree with plain arithmetic on the package's data", async () => {
  const sheet = await openExample("employment");
  const nonfarm = published("nonfarm");
  numbersOf(sheet, "total.level").forEach((value, i) => {
    expect(value).toBeCloseTo(nonfarm[i] as number, 6);
  });
  // The package has the month-to-month change as a column of its own.
  const change = published("nonfarm_change");
  numbersOf(sheet, "total.change").forEach((value, i) => {
    if (i > 0) expect(value).toBeCloseTo(change[i] as number, 6);
  });
  const construction = published("construction");
  const peaks = construction.map((_, i) => Math.max(...construction.slice(0, i + 1)));
  const least = Math.min(...construction.map((level, i) => level / (peaks[i] as number) - 1));
  expect(numberAt(sheet, "worst.drop", { sector: "construction" })).toBeCloseTo(least, 12);
  const at = (month: string) => rows.findIndex(([label]) => label === `${month}-01`);
  const here = { sector: "construction", month: "2010-06" };
  expect(numberAt(sheet, "jobs.index", here)).toBeCloseTo(
    (construction[at("2010-06")] as number) / (construction[at("2007-12")] as number),
    12,
  );
  expect(numberAt(sheet, "jobs.year", here)).toBeCloseTo(
    (construction[at("2010-06")] as number) / (construction[at("2009-06")] as number) - 1,
    12,
  );
  const window = construction.slice(at("2010-04"), at("2010-06") + 1);
  expect(numberAt(sheet, "jobs.smooth", here)).toBeCloseTo(window.reduce((sum, x) => sum + x, 0) / 3, 8);
});

it("the first year has no year before it, and says where that began", async () => {
  const sheet = await openExample("employment");
  expect(sheet.get("jobs.year", { sector: "mining", month: "2006-12" })).toMatchObject({
    code: "#N/A",
    origin: { attribute: "jobs.year", at: ["mining", "2006-12"] },
  });
  expect(numberAt(sheet, "jobs.year", { sector: "mining", month: "2007-01" })).not.toBeNaN();
});

it("shows what the Bureau of Labor Statistics reported: 8.7 million jobs lost, recovered in May 2014", async () => {
  const sheet = await openExample("employment");
  expect(numberAt(sheet, "recession.peak")).toBe(138_419); // January 2008
  expect(numberAt(sheet, "recession.trough")).toBe(129_726); // February 2010
  expect(numberAt(sheet, "recession.lost") / 1000).toBeCloseTo(8.7, 1);
  // From February 2008 up to and including April 2014.
  expect(numberAt(sheet, "recession.months")).toBe(75);
});

it("the scenario keeps construction's jobs and loses fewer in all", async () => {
  const sheet = await openExample("employment");
  const kept = numberAt(sheet, "jobs.level", { sector: "construction", month: "2011-01" }, "builders");
  expect(kept).toBe(7476);
  expect(numberAt(sheet, "recession.lost", undefined, "builders")).toBeLessThan(
    numberAt(sheet, "recession.lost"),
  );
  expect(sheet.isOverridden("jobs.level", "builders", { sector: "mining", month: "2011-01" })).toBe(false);
});
