/**
 * Wrong files and the messages they give. Each file of `cases` has its messages beside it, as a person sees them; read
 * them when they change, they are the product. Scenarios are checked against the model below; tables are in `tables`.
 * A wrong JSON or YAML file has `.wrong` behind its name, so that other tools leave it alone.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Diagnostic, renderDiagnostic } from "@reckon/formula";
import { checkModel, checkScenario, parseModel, parseScenario } from "@reckon/model";
import { readTable } from "@reckon/tables";
import type { Table } from "@reckon/value";
import { describe, expect, it } from "vitest";

const here = import.meta.dirname;

const shop = `model shop
time month 2026-01..2026-06
axis product = tea, coffee

block sales by product, month
  input price = { tea: 3, coffee: 4 }
  input units = 10
  input rate = 5%  range 0..1
  revenue = price * units
  profit = revenue * rate
`;

function table(path: string): Table | { problem: string } {
  const file = join(here, "tables", path);
  return existsSync(file)
    ? readTable(path, readFileSync(file, "utf8"))
    : { problem: "there is no such file" };
}

function diagnosticsFor(name: string, text: string): readonly Diagnostic[] {
  const isScenario = !name.endsWith(".reckon") || name.includes("scenario.") || /^scenario/.test(text);
  if (!isScenario || name.startsWith("scenario-as-model"))
    return checkModel(parseModel(name, text), table).diagnostics;
  const model = checkModel(parseModel("shop.reckon", shop), table).value;
  if (model === undefined) throw new Error("the model of the scenarios must be right");
  return checkScenario(parseScenario(name, text), model).diagnostics;
}

/** The file's name as its messages have it. */
const sourceOf = (name: string): string => name.replace(/\.wrong$/, "");

const names = readdirSync(join(here, "cases")).filter((name) => !name.endsWith(".txt"));

it("there are at least sixty wrong files", () => {
  expect(names.length).toBeGreaterThanOrEqual(60);
});

describe("wrong files", () => {
  for (const name of names) {
    it(name, async () => {
      const text = readFileSync(join(here, "cases", name), "utf8");
      const diagnostics = diagnosticsFor(sourceOf(name), text);
      expect(diagnostics.length).toBeGreaterThan(0);
      for (const { span } of diagnostics) {
        expect(span.start).toBeGreaterThanOrEqual(0);
        expect(span.end).toBeGreaterThanOrEqual(span.start);
        expect(span.end).toBeLessThanOrEqual(text.length);
      }
      const rendered = diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, () => text)).join("\n\n");
      await expect(`${rendered}\n`).toMatchFileSnapshot(join(here, "cases", `${name}.txt`));
    });
  }
});
