import { describe, expect, it } from "vitest";
import type { Diagnostic } from "./diagnostic.ts";
import { lineAndColumn, renderDiagnostic } from "./render.ts";

function diagnostic(text: string, marked: string, more: Partial<Diagnostic> = {}): Diagnostic {
  const start = text.indexOf(marked);
  return {
    code: "scenario/unknown-attribute",
    severity: "error",
    source: "downside.reckon",
    span: { start, end: start + marked.length },
    message: `no attribute \`${marked}\``,
    ...more,
  };
}

function rendered(text: string, marked: string, more: Partial<Diagnostic> = {}): string[] {
  return renderDiagnostic(diagnostic(text, marked, more), () => text).split("\n");
}

describe("layout", () => {
  it("[FO60] shows code, place, line, carets, message and hint", () => {
    const text = "scenario downside of saas\n  revenue.chrun = 4%\n";
    expect(rendered(text, "revenue.chrun", { hint: "did you mean `revenue.churn`?" })).toEqual([
      "error[scenario/unknown-attribute]  downside.reckon:2:3",
      "  2 |   revenue.chrun = 4%",
      "    |   ^^^^^^^^^^^^^ no attribute `revenue.chrun`; did you mean `revenue.churn`?",
    ]);
  });

  it("[FO60] puts a long hint on a line of its own", () => {
    const hint =
      "a long way to say what could be done about it, which needs a whole line for itself to be read well";
    expect(rendered("x = chrun", "chrun", { hint }).slice(2)).toEqual([
      "    |     ^^^^^ no attribute `chrun`",
      `    | ${hint}`,
    ]);
  });

  it("[FO60] shows no line where the message speaks for itself or the text is unknown", () => {
    const loop = diagnostic("x = y", "y", {
      code: "model/undeclared-loop",
      message: "a → b → a, within one month",
      hint: "declare it or break it",
      showsSource: false,
    });
    const lines = ["  a → b → a, within one month", "  declare it or break it"];
    expect(renderDiagnostic(loop, () => "x = y").split("\n")).toEqual([
      "error[model/undeclared-loop]  downside.reckon:1:5",
      ...lines,
    ]);
    expect(renderDiagnostic(loop, () => undefined).split("\n")).toEqual([
      "error[model/undeclared-loop]  downside.reckon",
      ...lines,
    ]);
  });

  it("[FO60] shows notes with their own places", () => {
    const text = "price = 1\nprice = 2";
    const notes = [{ text: "first here", span: { start: 0, end: 5 } }, { text: "and a remark" }];
    expect(rendered(text, "price = 2", { notes }).slice(3)).toEqual([
      "  note: first here  downside.reckon:1:1",
      "  1 | price = 1",
      "  note: and a remark",
    ]);
  });

  it("[FO60] a span at the end of the text has one caret behind it", () => {
    expect(rendered("a +", "", { span: { start: 3, end: 3 } }).slice(1)).toEqual([
      "  1 | a +",
      "    |    ^ no attribute ``",
    ]);
  });
});

describe("columns", () => {
  it("[FO61] tabs are copied, wide characters count two, marks none", () => {
    expect(rendered("\tx\t= é\u0301 漢 y", "y").slice(1)).toEqual([
      "  1 | \tx\t= é\u0301 漢 y",
      "    | \t \t       ^ no attribute `y`",
    ]);
    expect(rendered("漢字", "漢字")[2]).toBe("    | ^^^^ no attribute `漢字`");
  });

  it("[FO61] a span over several lines is marked to the end of its first", () => {
    expect(rendered("a = (1\n+ 2", "(1\n+ 2")[2]).toContain("    |     ^^ ");
  });

  it("[FO61] cuts long lines around the carets", () => {
    const text = `x = ${"1 + ".repeat(500)}chrun${" + 2".repeat(500)}`;
    const [, line, carets] = rendered(text, "chrun");
    expect((line as string).length).toBeLessThan(125);
    expect((line as string).slice((carets as string).indexOf("^"))).toMatch(/^chrun/);
    expect(line).toMatch(/…$/);
  });

  it("[FO61] cuts a message that quotes something huge", () => {
    const message = `nothing is called \`${"x".repeat(1_000_000)}\``;
    const diagnostic: Diagnostic = {
      code: "a/b",
      severity: "error",
      source: "m",
      span: { start: 0, end: 1 },
      message,
    };
    expect(renderDiagnostic(diagnostic, () => "x = 1").length).toBeLessThan(500);
  });

  it("[FO61] control characters cannot move the cursor", () => {
    const shown = rendered("a\u001b[2J\u202e = x", "x").join("");
    expect([shown.includes("\u001b"), shown.includes("\u202e")]).toEqual([false, false]);
    expect(rendered("a\u0007b x", "x")[1]).toBe("  1 | a·b x");
  });

  it("[FO61] a message tells by its number what cannot be seen", () => {
    const diagnostic: Diagnostic = {
      code: "a/b",
      severity: "error",
      source: "m",
      span: { start: 0, end: 1 },
      message: "found `\u200bj`",
      hint: "not \u001b[2J",
    };
    expect(renderDiagnostic(diagnostic, () => "\u200bj")).toContain("^ found `U+200Bj`; not U+001B[2J");
  });

  it("[FO61] thousands of diagnostics of one line of a megabyte are shown as fast as one of a short line", () => {
    const text = `x = SUM(${"nope, ".repeat(170_000)})`;
    for (let i = 0; i < 3000; i++) {
      const span = { start: 8 + i * 300, end: 12 + i * 300 };
      const diagnostic: Diagnostic = { code: "a/b", severity: "error", source: "m", span, message: "no" };
      expect(renderDiagnostic(diagnostic, () => text)).toMatch(/nope, nope/);
    }
  });

  it("[FO60] lines end with \\n, \\r\\n or \\r", () => {
    const text = "a\r\nbc\rd\ne";
    expect([0, 3, 4, 6, 8, 99].map((offset) => lineAndColumn(text, offset))).toEqual([
      { line: 1, column: 1 },
      { line: 2, column: 1 },
      { line: 2, column: 2 },
      { line: 3, column: 1 },
      { line: 4, column: 1 },
      { line: 4, column: 2 },
    ]);
  });
});
