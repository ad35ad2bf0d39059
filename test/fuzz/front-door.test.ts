/**
 * Whatever stands in a file: nothing throws, nothing takes long, and every diagnostic points into the file.
 *
 * "Long" is measured in steps where steps can be counted (items, diagnostics) and guarded by a generous limit of
 * time otherwise, so that a slow machine does not fail and a runaway loop does.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Diagnostic, evaluateText, parseFormula, renderDiagnostic, tokenize } from "@reckon/formula";
import {
  checkModel,
  checkScenario,
  diagnosticsOf,
  formatDocument,
  type ModelDocument,
  parseModel,
  parseScenario,
  printDocument,
  type ScenarioDocument,
} from "@reckon/model";
import { openSheet } from "@reckon/sheet";
import { readTable } from "@reckon/tables";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mangled } from "../arbitraries/mangled-text.ts";
import { cases } from "../properties/cases.ts";
import { root } from "../tidy/repository.ts";

const caseMsMax = 5000;
const folder = join(root, "docs", "examples");
const tableNames = (name: string) => readdirSync(join(folder, name)).filter((file) => file.endsWith(".csv"));
const examples = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => ({
    name,
    model: readFileSync(join(folder, name, `${name}.reckon`), "utf8"),
    scenarios: readdirSync(join(folder, name))
      .filter((file) => file.endsWith(".reckon") && file !== `${name}.reckon`)
      .map((file) => readFileSync(join(folder, name, file), "utf8")),
    table: (path: string) =>
      tableNames(name).includes(path)
        ? readTable(path, readFileSync(join(folder, name, path), "utf8"))
        : { problem: `no table ${path}` },
  }));

const bytes = fc.uint8Array({ maxLength: 400, size: "max" }).map((array) => new TextDecoder().decode(array));
const text = fc.oneof(
  bytes,
  fc.string({ unit: "binary", maxLength: 300, size: "max" }),
  fc.string({ maxLength: 200 }),
);
const damage = fc.array(fc.nat(999), { minLength: 1, maxLength: 40, size: "max" });

/** Runs one case within the limit of time. */
function timed(play: () => void): void {
  const since = performance.now();
  play();
  expect(performance.now() - since).toBeLessThan(caseMsMax);
}

function expectInside(diagnostics: readonly Diagnostic[], whole: string): void {
  for (const diagnostic of diagnostics) {
    const { start, end } = diagnostic.span;
    expect(start).toBeGreaterThanOrEqual(0);
    expect(end).toBeGreaterThanOrEqual(start);
    expect(end).toBeLessThanOrEqual(whole.length);
    for (const note of diagnostic.notes ?? []) {
      if (note.span !== undefined && note.source === undefined)
        expect(note.span.end).toBeLessThanOrEqual(whole.length);
    }
    expect(renderDiagnostic(diagnostic, () => whole)).toContain(diagnostic.code);
  }
}

/** Parses, checks, formats; gives the document for what else a case wants of it. */
function throughTheModel(
  whole: string,
  table: (path: string) => ReturnType<typeof readTable>,
): ModelDocument {
  const document = parseModel("fuzz.reckon", whole);
  expect(printDocument(document)).toBe(whole);
  expect(document.items.length).toBeLessThanOrEqual(whole.length + 1);
  expectInside(diagnosticsOf(document), whole);
  expectInside(checkModel(document, table).diagnostics, whole);
  const formatted = printDocument(formatDocument(document));
  expect(printDocument(formatDocument(parseModel("fuzz.reckon", formatted)))).toBe(formatted);
  return document;
}

const noTable = (path: string) => ({ problem: `no table ${path}` });

describe("random characters", () => {
  it("as a formula", () => {
    fc.assert(
      fc.property(text, (whole) =>
        timed(() => {
          tokenize(whole);
          expectInside(parseFormula(whole).diagnostics, whole);
          const result = evaluateText(whole, new Map());
          if ("diagnostics" in result) expectInside(result.diagnostics, whole);
        }),
      ),
      cases(400),
    );
  });

  it("as a model, and behind a header", () => {
    fc.assert(
      fc.property(text, (whole) =>
        timed(() => {
          throughTheModel(whole, noTable);
          throughTheModel(`model x\nblock b\n  a = ${whole}\n`, noTable);
        }),
      ),
      cases(200),
    );
  });

  it("as a scenario in each of its forms", () => {
    const model = checkModel(parseModel("m.reckon", "model m\nblock b\n  input a = 1\n"), noTable).value;
    if (model === undefined) throw new Error("the model is right");
    fc.assert(
      fc.property(text, fc.constantFrom("x.reckon", "x.json", "x.yaml"), (whole, source) =>
        timed(() => {
          const document: ScenarioDocument = parseScenario(source, whole);
          expect(printDocument(document)).toBe(whole);
          expectInside(diagnosticsOf(document), whole);
          expectInside(checkScenario(document, model).diagnostics, whole);
          printDocument(formatDocument(document));
        }),
      ),
      cases(200),
    );
  });

  it("as a table", () => {
    fc.assert(
      fc.property(text, fc.constantFrom("x.csv", "x.json"), (whole, path) =>
        timed(() => {
          const table = readTable(path, whole);
          if ("problem" in table) expect(table.problem).not.toBe("");
          else for (const column of table.columns) expect(column.values.length).toBe(table.rows);
        }),
      ),
      cases(200),
    );
  });
});

describe.each(examples)("$name with damage", ({ model, scenarios, table }) => {
  it("parses, checks, formats and opens without a fall", () => {
    fc.assert(
      fc.property(damage, (numbers) =>
        timed(() => {
          const whole = mangled(model, numbers);
          throughTheModel(whole, table);
          const host = { table, module: () => ({ defence: () => 1 }) };
          const opened = openSheet({ model: { source: "fuzz.reckon", text: whole }, host });
          expectInside(opened.diagnostics, whole);
          if (opened.ok) opened.value.dispose();
        }),
      ),
      cases(15),
    );
  });

  it("takes damaged scenarios", () => {
    const checked = checkModel(parseModel("m.reckon", model), table).value;
    if (checked === undefined) throw new Error("the example is right");
    fc.assert(
      fc.property(fc.constantFrom(...scenarios), damage, (scenario, numbers) =>
        timed(() => {
          const whole = mangled(scenario, numbers);
          const document = parseScenario("fuzz.reckon", whole);
          expect(printDocument(document)).toBe(whole);
          expectInside(diagnosticsOf(document), whole);
          expectInside(checkScenario(document, checked).diagnostics, whole);
        }),
      ),
      cases(40),
    );
  });
});

describe("deep and long", () => {
  it.each([
    ["parentheses", `${"(".repeat(100_000)}1${")".repeat(100_000)}`],
    ["unclosed parentheses", "(".repeat(100_000)],
    ["unary minuses", `${"-".repeat(100_000)}1`],
    ["a chain of sums", Array.from({ length: 100_000 }, () => "1").join("+")],
    ["a chain of texts", Array.from({ length: 20_000 }, () => '"a"').join("&")],
    ["nested calls", `${"ABS(".repeat(50_000)}1${")".repeat(50_000)}`],
    ["brackets", "x[".repeat(50_000)],
    ["braces", "{".repeat(50_000)],
    ["percent signs", `1${"%".repeat(100_000)}`],
    ["an open text", `"${"a".repeat(1_000_000)}`],
  ])("%s", (_, whole) => {
    timed(() => {
      expectInside(parseFormula(whole).diagnostics, whole);
      const result = evaluateText(whole, new Map());
      if ("diagnostics" in result) expectInside(result.diagnostics, whole);
      throughTheModel(`model x\nblock b\n  a = ${whole}\n`, noTable);
    });
  });
});
