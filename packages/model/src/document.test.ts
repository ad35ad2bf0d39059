import { describe, expect, it } from "vitest";
import {
  diagnosticsOf,
  parseModel,
  parseScenario,
  printDocument,
  printsAlike,
  spanInFile,
  tablesOf,
} from "./document.ts";

const kinds = (text: string): (string | undefined)[] =>
  parseModel("m.reckon", text).items.map((item) => item.declaration?.kind);
const codes = (text: string): string[] => diagnosticsOf(parseModel("m.reckon", text)).map(({ code }) => code);

describe("items", () => {
  for (const [name, text] of Object.entries({
    "an empty file": "",
    "CRLF and tabs": "model a\r\n\r\n\tblock b\r\n\t\tinput x = 1\t# one\r\n",
    "lone carriage returns": "model a\rblock b\r  x = 1\r",
    "a byte order mark": "\uFEFFmodel a\n",
    "no final line end": "model a\nblock b\n  x = 1",
    "an open bracket at the end": "model a\nblock b\n  x = (1",
    nonsense: '\u0000"{[(\n]]]\n##\n"',
  })) {
    it(`[LA1] ${name} prints as it was read`, () => {
      expect(printDocument(parseModel("m.reckon", text))).toBe(text);
      expect(printDocument(parseScenario("s.reckon", text))).toBe(text);
    });
  }

  it("[LA2] brackets, operators and commas continue a line", () => {
    const text =
      "model a\naxis s = A,\n  B\nblock b by s\n  input p = {\n    A: 1,\n\n    # two\n    B: 2\n  }\n  x = p +\n    1\n";
    expect(kinds(text)).toEqual(["model", "axis", "block", "input", "formula"]);
    expect(codes(text)).toEqual([]);
  });

  it("[LA3] an open bracket ends before the next declaration", () => {
    const text = "model a\nblock b\n  x = MAX(1,\n  y = 2\n  z = (3\n     input w = 4\n";
    expect(kinds(text)).toEqual(["model", "block", "formula", "formula", "formula", "input"]);
  });

  it("[LA3] a deeper line that compares goes on", () => {
    const text = "model a\nblock b\n  x = IF(1\n     = 2, 3,\n     4)\n";
    expect(kinds(text)).toEqual(["model", "block", "formula"]);
    expect(codes(text)).toEqual([]);
  });

  it("[LA4] a hash behind a byte order mark is a comment", () => {
    for (const comment of ["# hello", "#hello"]) {
      expect(kinds(`\uFEFF${comment}\nmodel a\n`)).toEqual([undefined, "model"]);
      expect(codes(`\uFEFF${comment}\nmodel a\n`)).toEqual([]);
    }
  });

  it("[LA4] a hash between spaces is a comment, an error value is none", () => {
    const [, , formula] = parseModel(
      "m.reckon",
      "#no space\nmodel a # here\n block b\n  x = #N/A # there\n",
    ).items.slice(0);
    expect(formula?.declaration?.kind).toBe("block");
    const document = parseModel("m.reckon", "model a\nblock b\n  x = #N/A # there\n");
    const declaration = document.items[2]?.declaration;
    expect(declaration?.kind === "formula" && declaration.expression).toMatchObject({
      kind: "error",
      code: "#N/A",
    });
    expect(diagnosticsOf(document)).toEqual([]);
  });

  it("[LA5] the first word decides, indentation does not", () => {
    const text =
      'model a\n  use "f" as g\n    time year 2026..2027\naxis s = A\n block b\ninput x = 1\ny = 2\nloop y\ncheck y > 0\n';
    expect(kinds(text)).toEqual([
      "model",
      "use",
      "time",
      "axis",
      "block",
      "input",
      "formula",
      "loop",
      "check",
    ]);
  });

  it("[LA6] reserved words name nothing", () => {
    for (const word of [
      "model",
      "use",
      "time",
      "axis",
      "block",
      "input",
      "loop",
      "check",
      "scenario",
      "pin",
      "over",
      "true",
      "FALSE",
    ]) {
      expect(codes(`model a\nblock b\n  ${word} = 1\n`)).toEqual(["model/reserved-word"]);
      expect(codes(`model a\nblock ${word}\n`)).toEqual(["model/reserved-word"]);
      expect(codes(`model a\naxis ${word} = A\n`)).toEqual(["model/reserved-word"]);
    }
    expect(codes("model a\nblock b\n  start = 1\n  range = start  start 2\n")).toEqual([]);
  });

  it("[LA7] the header stands first and once", () => {
    expect(codes("block b\n")).toEqual(["model/no-header"]);
    expect(codes("")).toEqual(["model/no-header"]);
    expect(codes("model a\nmodel b\n")).toEqual(["model/misplaced-header"]);
    expect(codes("# comment\n\nmodel a\n")).toEqual([]);
  });

  it("[LA52] what did not change is shared, what was edited keeps its id", () => {
    const before = parseModel("m.reckon", "model a\nblock b\n  x = 1\n  y = 2\n  z = 3\n");
    const after = parseModel("m.reckon", "model a\nblock b\n  w = 0\n  x = 1\n  y = 20\n  z = 3\n", before);
    expect(after.items[0]).toBe(before.items[0]);
    expect(after.items[3]).toBe(before.items[2]);
    expect(after.items[5]).toBe(before.items[4]);
    expect(after.items[4]?.id).toBe(before.items[3]?.id);
    expect(new Set(after.items.map((item) => item.id)).size).toBe(after.items.length);
  });

  it("[LA52] the same text in another block is read again", () => {
    const before = parseModel("m.reckon", "model a\nblock b\n  x = 1\n");
    const after = parseModel("m.reckon", "model a\nblock c\n  x = 1\n", before);
    expect(after.items[2]?.declaration).toMatchObject({ block: "c" });
    expect(after.items[2]?.id).toBe(before.items[2]?.id);
  });
});

it("places in items are places in the file", () => {
  const document = parseModel("m.reckon", "model a\nblock b\n  x = 1\n");
  const item = document.items[2];
  const span = item?.declaration?.kind === "formula" ? item.declaration.name.span : { start: 0, end: 0 };
  expect(spanInFile(document, item?.id ?? 0, span)).toEqual({ start: 18, end: 19 });
  expect(spanInFile(document, 99, span)).toBeUndefined();
});

it("tables are listed once with all their places", () => {
  const text =
    'model a\naxis p = table("p.csv", key id)\nblock b by p\n  input x = table("x.csv", by p)\n  input y = table("p.csv", key id, value y)\n';
  expect(tablesOf(parseModel("m.reckon", text)).map(({ path, spans }) => [path, spans.length])).toEqual([
    ["p.csv", 2],
    ["x.csv", 1],
  ]);
});

it("two documents print alike when their texts are equal, however they came about", () => {
  const lines = Array.from({ length: 2_000 }, (_, i) => `  input x${i} = ${i}\n`);
  const text = `model m\nblock b\n${lines.join("")}`;
  const document = parseModel("m.reckon", text);
  const texts = [
    text,
    text.replace("x700 = 700", "x700 = 7"),
    text.replace("  input x0 = 0\n", ""),
    `${text}  input last = 1\n`,
    text.slice(0, -9),
    "",
  ];
  for (const other of texts) {
    expect(printsAlike(document, parseModel("m.reckon", other))).toBe(other === text);
    const edited = parseModel("m.reckon", other, document);
    expect(printsAlike(document, edited)).toBe(other === text);
    expect(printsAlike(parseModel("m.reckon", text, edited), document)).toBe(true);
  }
});
