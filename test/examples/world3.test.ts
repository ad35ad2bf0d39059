/**
 * World3 of 2003 against the figures of others (`world3-published.ts`), and against a plain program that computes it
 * another way (`world3-simulation.ts`): every variable, every year, all scenarios.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { openSheet, type Sheet } from "@reckon/sheet";
import { describe, expect, it } from "vitest";
import { emptyHost, snapshot } from "../properties/open-text.ts";
import { root } from "../tidy/repository.ts";
import { numberAt, numbersOf, openExample } from "./example-sheet.ts";
import { type Curve, picture } from "./world3-picture.ts";
import { distance, published, type Run } from "./world3-published.ts";
import { abundance, reference, type Settings, simulate, sustainable } from "./world3-simulation.ts";

const folder = join(root, "docs", "examples", "world3");

const scenarios: readonly (readonly [scenario: string, settings: Settings])[] = [
  ["base", reference],
  ["abundance", abundance],
  ["sustainable", sustainable],
];

const runs: readonly (readonly [run: Run, scenario: string, settings: Settings])[] = [
  ["reference", "base", reference],
  ["abundance", "abundance", abundance],
];

/** The model with some of its text replaced; every replacement must be found. */
function openEdited(...replacements: readonly (readonly [from: string, to: string])[]): Sheet {
  const textIn = (source: string) => readFileSync(join(folder, source), "utf8");
  let text = textIn("world3.reckon");
  for (const [from, to] of replacements) {
    expect(text).toContain(from);
    text = text.replace(from, to);
  }
  const others = ["abundance.reckon", "sustainable.reckon"];
  const opened = openSheet({
    model: { source: "world3.reckon", text },
    scenarios: others.map((source) => ({ source, text: textIn(source) })),
    host: emptyHost,
  });
  if (!opened.ok) throw new Error(opened.diagnostics.map(({ message }) => message).join("\n"));
  return opened.value;
}

/** Attributes by the short name under which their equation is published: what the label begins with. */
function shortNames(sheet: Sheet): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const [id, { label }] of sheet.model.attributes) {
    const short = /^[A-Z][A-Z0-9]*(?=:|$)/.exec(label ?? "")?.[0].toLowerCase();
    if (short !== undefined && !id.startsWith("given.") && !id.startsWith("policy.")) {
      expect(names.has(short), short).toBe(false);
      names.set(short, id);
    }
  }
  return names;
}

function seriesOf(name: string, of: ReadonlyMap<string, readonly number[]>): readonly number[] {
  const series = of.get(name);
  if (series === undefined) throw new Error(`no ${name}`);
  return series;
}

/** The columns of which a cell differs. */
function differingNames(
  actual: Readonly<Record<string, readonly unknown[]>>,
  expected: Readonly<Record<string, readonly unknown[]>>,
): string[] {
  return Object.keys({ ...actual, ...expected }).filter(
    (name) => !isDeepStrictEqual(actual[name], expected[name]),
  );
}

/** The largest difference between two series, as a part of the second; tiny values count by their size. */
function largestPart(actual: readonly number[], expected: readonly number[]): number {
  const parts = expected.map((value, at) => {
    const difference = Math.abs((actual[at] ?? Number.NaN) - value);
    return difference < 1e-14 ? 0 : difference / Math.abs(value);
  });
  return Math.max(...parts);
}

it.each(runs)(
  "the plain program gives the published figures of the %s run to eight digits",
  (run, _, settings) => {
    const simulated = simulate({ ...settings, isFirstStepRounded: true });
    for (const series of published) {
      expect(distance(series, run, seriesOf(series.name, simulated))).toBeLessThan(5e-8);
    }
  },
);

describe("the model", () => {
  it.each(scenarios)(
    "%s: every variable is that of the plain program in every year",
    async (scenario, settings) => {
      const sheet = await openExample("world3");
      const simulated = simulate(settings);
      const names = shortNames(sheet);
      expect([...simulated.keys()].filter((name) => !names.has(name))).toEqual([]);
      for (const [name, id] of names) {
        const part = largestPart(numbersOf(sheet, id, scenario), seriesOf(name, simulated));
        expect(part, `${id} is ${name}`).toBeLessThan(1e-9);
      }
    },
  );

  it("has more than a hundred variables", async () => {
    const sheet = await openExample("world3");
    expect(shortNames(sheet).size).toBeGreaterThan(150);
  });

  it.each(runs)(
    "is within a third of a per cent of the published figures of the %s run",
    async (run, scenario) => {
      const sheet = await openExample("world3");
      const names = shortNames(sheet);
      for (const series of published) {
        const id = names.get(series.name) ?? series.name;
        expect(distance(series, run, numbersOf(sheet, id, scenario))).toBeLessThan(1 / 300);
      }
    },
  );

  it.each(runs)(
    "gives the published figures of the %s run to eight digits, with their first step",
    (run, scenario) => {
      const sheet = openEdited(
        ["SMOOTH(use_of_labour,", "SMOOTH(IF(calendar.clock > 1900, use_of_labour, 1),"],
        ["SMOOTH(farming.food_ratio,", "SMOOTH(IF(calendar.clock > 1900, farming.food_ratio, 1),"],
      );
      const names = shortNames(sheet);
      for (const series of published) {
        const id = names.get(series.name) ?? series.name;
        expect(distance(series, run, numbersOf(sheet, id, scenario))).toBeLessThan(5e-8);
      }
    },
  );

  it("follows its steps: eight in a year, too, as the plain program does", () => {
    const sheet = openEdited(["dt 0.5", "dt 0.125"]);
    const simulated = simulate({ ...sustainable, dt: 0.125 });
    for (const [name, id] of shortNames(sheet)) {
      const part = largestPart(numbersOf(sheet, id, "sustainable"), seriesOf(name, simulated));
      expect(part, id).toBeLessThan(1e-9);
    }
  });

  it("by Runge–Kutta in half years is nearer to small steps than Euler's method is", () => {
    const fine = simulate({ ...reference, dt: 1 / 32 });
    const away = (sheet: Sheet) => largestPart(numbersOf(sheet, "people.population"), seriesOf("pop", fine));
    const euler = away(openEdited());
    const rungeKutta = away(openEdited(["method euler", "method rk4"]));
    expect(rungeKutta).toBeLessThan(euler / 4);
  });
});

it.each([
  ["dt 0.5", "dt 0.25"],
  ["method euler", "method rk4"],
  ["(20, 0.0567)", "(20, 0.06)"],
  ["DELAY3(generated", "SMOOTH3(generated"],
  ["start given.land_fertility", "start 500"],
])(
  "read again with `%s` as `%s` it is what a sheet opened on that is, and undone what it was",
  (from, to) => {
    const sheet = openEdited();
    const before = snapshot(sheet);
    sheet.reload("world3.reckon", sheet.text().replace(from, to));
    const after = snapshot(sheet);
    expect(after).not.toEqual(before);
    expect(differingNames(after, snapshot(openEdited([from, to])))).toEqual([]);
    sheet.undo();
    expect(differingNames(snapshot(sheet), before)).toEqual([]);
  },
);

it("the ninth scenario is what the book says of it: nearly eight billion, well off, on a shrinking footprint", async () => {
  const sheet = await openExample("world3");
  const of = (id: string) => numbersOf(sheet, id, "sustainable");
  const at = (id: string, year: number) => numberAt(sheet, id, { year: String(year) }, "sustainable");
  expect(Math.max(...of("people.population"))).toBeGreaterThan(7.6e9);
  expect(Math.max(...of("people.population"))).toBeLessThan(8e9);
  expect(at("people.population", 2100) / at("people.population", 2050)).toBeGreaterThan(1);
  expect(at("welfare.index", 2100)).toBeGreaterThan(0.8);
  const footprint = of("welfare.footprint");
  for (let year = 2019; year <= 2100; year++) {
    expect(footprint[year - 1900], String(year)).toBeLessThan(footprint[year - 1901] ?? 0);
  }
  // What is desired of industry is a tenth more than there was in 2000.
  expect(350 / at("industry.output_per_person", 2000)).toBeCloseTo(1.1, 2);
});

it("the picture on its page shows these figures", async () => {
  const sheet = await openExample("world3");
  const curves: readonly (Curve & { readonly id: string })[] = [
    { id: "people.population", name: "population", top: 12e9, colour: "#2f6db5" },
    { id: "farming.food", name: "food", top: 6e12, colour: "#3f9142", dash: "6 3" },
    { id: "industry.output", name: "industrial output", top: 4.5e12, colour: "#a0620b" },
    { id: "pollution.index", name: "pollution", top: 70, colour: "#b3352a", dash: "2 2" },
    { id: "resources.left", name: "resources", top: 2.1e12, colour: "#777" },
  ];
  const panels = [
    ["base", "1: as before"],
    ["abundance", "2: more resources"],
    ["sustainable", "9: enough, and all technologies"],
  ].map(([scenario = "", title = ""]) => ({
    title,
    values: curves.map(({ id }) => numbersOf(sheet, id, scenario)),
  }));
  const path = join(folder, "world3.svg");
  const drawn = picture(panels, curves, 1900);
  if (process.env.RECKON_UPDATE) writeFileSync(path, drawn);
  expect(readFileSync(path, "utf8")).toBe(drawn);
});
