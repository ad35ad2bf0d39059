import { describe, expect, it } from "vitest";
import type { CheckResult, TableLookup } from "./api.ts";
import { checkModel } from "./check-model.ts";
import type { CheckedModel } from "./declarations.ts";
import { parseModel } from "./document.ts";

const noTables: TableLookup = () => ({ problem: "there are no tables" });
const players: TableLookup = () => ({
  source: "players.csv",
  rows: 2,
  lines: [2, 3],
  columns: [
    { name: "id", values: ["ann", "bob"] },
    { name: "minutes", values: [30, 40] },
  ],
});

function check(text: string, previous?: CheckedModel, tables = noTables): CheckResult<CheckedModel> {
  return checkModel(parseModel("m.reckon", text), tables, previous);
}
function model(text: string, tables = noTables): CheckedModel {
  const { value, diagnostics } = check(text, undefined, tables);
  if (value === undefined) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  return value;
}
const codes = (text: string): string[] => check(text).diagnostics.map(({ code }) => code);

describe("problems", () => {
  it("[LA8] all problems of a file come together, in file order", () => {
    const { diagnostics, value } = check("model a\nblock b\n  x = (1\n  y = zz\n  input z = \n  check 1 +\n");
    expect(value).toBeUndefined();
    expect(diagnostics.map(({ code }) => code)).toEqual([
      "formula/unclosed",
      "formula/unknown-name",
      "model/missing-value",
      "formula/expected-operand",
    ]);
    const starts = diagnostics.map(({ span }) => span.start);
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
  });

  it("[LA9] a broken line declares its name", () => {
    expect(codes("model a\nblock b\n  x = 1 +\n  y = x\n  z = x * y\n")).toEqual([
      "formula/expected-operand",
    ]);
    expect(codes("model a\nblock b\n  x 1\n  y = x\n")).toEqual(["model/expected"]);
  });

  it("[LA62] a clause or a label on a line of its own is told where it belongs", () => {
    const { diagnostics } = check(
      'model a\nblock b\n  x = 1\n    start 100\n  heavy\n  "Text"\n  limit 5\n  start = 3\n  y = start\n',
    );
    expect(diagnostics.map(({ code, hint }) => [code, hint])).toEqual([
      ["model/lone-clause", "it belongs behind a formula, on the same line: `name = formula  start 100`"],
      ["model/lone-clause", "it belongs behind a formula, on the same line: `name = formula  heavy`"],
      [
        "model/lone-clause",
        'it belongs behind the value, the formula or the name that it is about, on the same line: `name = formula  "Text"`',
      ],
      ["model/lone-clause", "it belongs behind a loop, on the same line: `loop name  limit 5`"],
    ]);
  });

  it("[LA10] a misspelt keyword is read as the near one", () => {
    const { diagnostics } = check("model a\nblock b\n  inptu price = 3\n  revenue = price * 2\n");
    expect(diagnostics.map(({ code, hint }) => [code, hint])).toEqual([
      ["model/unknown-keyword", "did you mean `input`?"],
    ]);
  });

  it("[LA12] a name declared twice is an error with a note at the first", () => {
    for (const [text, first] of [
      ["model a\nblock b\n  x = 1\n  input x = 2\n", "x = 1"],
      ["model a\naxis s = A\naxis s = B\n", "s = A"],
      ["model a\nblock b\nblock b\n", "b\nblock"],
      ['model a\naxis s = A\nuse "f" as s\n', "s = A"],
    ] as const) {
      const [problem] = check(text).diagnostics;
      expect(problem?.code).toBe("model/duplicate-name");
      const span = problem?.notes?.[0]?.span;
      expect(text.slice(span?.start).startsWith(first)).toBe(true);
    }
  });

  it("[LA13] an unknown axis is one message", () => {
    expect(
      codes(
        "model a\naxis product = A, B\nblock b by prodcut\n  input x = { A: 1, B: 2 }\nblock c\n  y = sum(b.x over product)\n",
      ),
    ).toEqual(["model/unknown-axis"]);
    expect(
      codes("model a\nblock b by region\n  input x = { A: 1, B: 2 }\n  y = x[A]\nblock c\n  z = b.x\n"),
    ).toEqual(["model/unknown-axis"]);
    expect(codes("model a\ntime month 2026-01..2026-99\nblock b by month\n  x = x[t-1]  start 1\n")).toEqual([
      "model/bad-time",
    ]);
  });
});

describe("structure", () => {
  it("[LA14] time axes are called like their frequency", () => {
    for (const [line, name, count] of [
      ["day 2026-01-30..2026-02-02", "day", 4],
      ["week 2026-W01..2026-W03", "week", 3],
      ["month 2026-01..2026-12", "month", 12],
      ["quarter 2026-Q1..2027-Q4", "quarter", 8],
      ["year 2026..2030", "year", 5],
      ["step -2..2", "step", 5],
    ] as const) {
      const { time, axes } = model(`model a\ntime ${line}\nblock b by ${name}\n  x = 1\n`);
      expect(time?.name).toBe(name);
      expect(time?.labels.length).toBe(count);
      expect(axes).toEqual([time]);
    }
  });

  it("[LA15] members in order, quoted and numbered ones too", () => {
    const { axes } = model('model a\naxis s = B, A, "New York", 2..4\nblock b by s\n  x = 1\n');
    expect(axes[0]?.labels).toEqual(["B", "A", "New York", "2", "3", "4"]);
  });

  it("[LA16] an axis from a table has its columns as read-only inputs", () => {
    const checked = model(
      'model a\naxis player = table("players.csv", key id)\nblock b by player\n  x = player.minutes * 2\n',
      players,
    );
    expect(checked.axes[0]?.labels).toEqual(["ann", "bob"]);
    const minutes = checked.attributes.get("player.minutes");
    expect(minutes?.kind === "input" && [minutes.isReadOnly, minutes.column.get(1)]).toEqual([true, 40]);
  });

  it("[LA17] attributes have their block's axes, time last", () => {
    const checked = model(
      "model a\ntime year 2026..2027\naxis s = A, B\nblock b by year, s\n  x = 1\nblock c\n  y = 2\n",
    );
    expect(checked.attributes.get("b.x")?.axes.map(({ name }) => name)).toEqual(["s", "year"]);
    expect(checked.attributes.get("c.y")?.axes).toEqual([]);
    expect(checked.blocks.map(({ name, attributes }) => [name, attributes])).toEqual([
      ["b", ["b.x"]],
      ["c", ["c.y"]],
    ]);
  });

  it("[LA18] short names mean the own block", () => {
    const checked = model("model a\nblock b\n  x = 1\nblock c\n  x = 2\n  y = x + b.x\n");
    const y = checked.attributes.get("c.y");
    expect(y?.kind === "formula" && y.formula.references.map(({ attribute }) => attribute)).toEqual([
      "c.x",
      "b.x",
    ]);
    const [problem] = check("model a\nblock b\n  x = 1\nblock c\n  y = x\n").diagnostics;
    expect(problem?.hint).toBe("did you mean `b.x`?");
  });

  it("[LA18] a name near to it in the own block is meant first, then the same name in a block nearby", () => {
    const blocks = Array.from({ length: 6 }, (_, i) => `block b${i}\n  f7 = ${i}\n  last = f7\n`);
    const hint = (block: string): string | undefined =>
      check(`model a\n${blocks.join("")}${block}block z\n  f7 = 1\n`).diagnostics[0]?.hint;
    expect(hint("block c\n  f6 = 1\n  g7 = 1\n  f8 = f7 + 1\n")).toBe("did you mean `g7`?");
    expect(hint("block c\n  price = 1\n  row = f7 + 1\n")).toBe("did you mean `b5.f7`?");
    expect(hint("block c\n  price = 1\n  rent = lost + 1\n")).toBe("did you mean `b5.last`?");
  });

  it("[LA19] modules give functions", () => {
    const checked = model('model a\nuse "./f.ts" as f\nblock b\n  x = f.rate(1)\n');
    expect(checked.uses).toEqual([{ name: "f", path: "./f.ts" }]);
    const x = checked.attributes.get("b.x");
    expect(x?.kind === "formula" && x.formula.callsModule).toBe(true);
  });

  it("[LA20] checks run over the axes they read", () => {
    const { checks } = model(
      'model a\ntime year 2026..2027\naxis s = A, B\nblock b by s, year\n  x = 1\n  check x > 0\ncheck sum(b.x over s) > 1 "Enough"\ncheck 1 < 2\n',
    );
    expect(
      checks.map(({ name, text, formula }) => [name, text, formula.axes.map((axis) => axis.name)]),
    ).toEqual([
      ["check 1", "x > 0", ["s", "year"]],
      ["Enough", "sum(b.x over s) > 1", ["year"]],
      ["check 3", "1 < 2", []],
    ]);
  });

  it("[LA30] clauses behind formulas and inputs, in any order", () => {
    const checked = model(
      'model a\ntime year 2026..2028\nblock b by year\n  x: USD = x[t-1] + x0  "Grown"  format "0.0"  retry 2  timeout 5s  manual  heavy  start 10 USD\n  y = y[t+1]  end 0  light\n  input x0 = 3  "Step"  max 5  format "0"  min 0\n  input z = 3  range ..5\n',
    );
    expect(checked.attributes.get("b.x")).toMatchObject({
      label: "Grown",
      format: "0.0",
      retries: 2,
      timeoutMs: 5000,
      isManual: true,
      weight: "heavy",
    });
    expect(checked.attributes.get("b.y")).toMatchObject({ weight: "light", isManual: false });
    expect(checked.attributes.get("b.x0")).toMatchObject({ label: "Step", min: 0, max: 5, format: "0" });
    const z = checked.attributes.get("b.z");
    expect(z?.kind === "input" && [z.min, z.max]).toEqual([undefined, 5]);
  });

  it("[LA31] a wrong clause hides none behind it", () => {
    expect(codes("model a\nblock b\n  x = 1  statr 2  min 0  retry many  heavy  heavy\n")).toEqual([
      "model/unknown-clause",
      "model/misplaced-clause",
      "model/bad-clause",
      "model/repeated-clause",
    ]);
  });
});

describe("checking again", () => {
  const text =
    "model a\ntime year 2026..2028\naxis s = A, B\nblock b by s, year\n  input p: USD = { A: 1, B: 2 }\n  q = p * 2\n  r = r[t-1] + q  start 0\nblock c\n  total = sum(b.q over s, year)\n  check total > 0\n";

  function kept(changed: string): string[] {
    const document = parseModel("m.reckon", text);
    const before = checkModel(document, noTables).value as CheckedModel;
    const after = checkModel(parseModel("m.reckon", changed, document), noTables, before)
      .value as CheckedModel;
    const ids = [...after.attributes]
      .filter(([id, attribute]) => before.attributes.get(id) === attribute)
      .map(([id]) => id);
    return [
      ...ids,
      ...after.axes.filter((axis) => before.axes.includes(axis)).map(({ name }) => name),
      ...after.checks.filter((one) => before.checks.includes(one)).map(({ name }) => name),
    ];
  }
  const all = ["b.p", "b.q", "b.r", "c.total", "year", "s", "check 1"];

  it("[LA40] everything stays when nothing means anything else", () => {
    expect(kept(`# a comment\n\n${text}\n`)).toEqual(all);
  });

  it("[LA40] an edited formula is replaced, and nothing else", () => {
    expect(kept(text.replace("p * 2", "p * 3"))).toEqual(all.filter((id) => id !== "b.q"));
  });

  it("[LA40] another value, or a formula for an input, replaces only that", () => {
    expect(kept(text.replace("A: 1", "A: 5"))).toEqual(all.filter((id) => id !== "b.p"));
    expect(kept(text.replace("input p: USD = { A: 1, B: 2 }", "p: USD = 4"))).toEqual(
      all.filter((id) => id !== "b.p"),
    );
  });

  it("[LA40] another unit, or another axis, replaces what reads it", () => {
    expect(kept(text.replace("p: USD", "p: EUR"))).toEqual(all.filter((id) => id !== "b.p" && id !== "b.q"));
    expect(kept(text.replace("A, B\n", "A, B, C\n").replace("B: 2", "B: 2, C: 3"))).toEqual([
      "year",
      "check 1",
    ]);
  });

  it("[LA40] an input replaced by hand keeps what reads it", () => {
    const document = parseModel("m.reckon", text);
    const before = checkModel(document, noTables).value as CheckedModel;
    const p = before.attributes.get("b.p");
    const attributes = new Map(before.attributes);
    if (p?.kind === "input") attributes.set("b.p", { ...p, column: p.column.clone() });
    const after = checkModel(document, noTables, { ...before, attributes }).value;
    expect(after?.attributes.get("b.q")).toBe(before.attributes.get("b.q"));
    expect(after?.attributes.get("b.p")).toBe(attributes.get("b.p"));
  });
});

it("[LA41] the work grows like the file: chains of any length are checked without recursion", () => {
  const count = 20_000;
  const lines = Array.from({ length: count }, (_, i) => `  x${i + 1} = x${i} + 1`);
  const checked = model(`model a\nblock b\n  input x0 = 1\n${lines.join("\n")}\n`);
  expect(checked.attributes.size).toBe(count + 1);
  const backward = model(`model a\nblock b\n${lines.reverse().join("\n")}\n  input x0 = 1\n`);
  expect(backward.attributes.size).toBe(count + 1);
});

it("[LA59] a block or a check of too many cells is refused before anything is made of them", () => {
  const axes = "model m\naxis a = 1..100000\naxis c = 1..100000\n";
  const codesOf = (text: string) =>
    checkModel(parseModel("m.reckon", axes + text), noTables).diagnostics.map(({ code }) => code);
  expect(codesOf("block b by a, c\n  input x = 1\n  y = sum(x over a)\n")).toEqual(["model/too-many-cells"]);
  const apart = "block d by a\n  x = 1\nblock e by c\n  x = 1\n";
  expect(codesOf(`${apart}check d.x < e.x\n`)).toEqual(["model/too-many-cells"]);
  expect(codesOf(`${apart}check d.x < 2\n`)).toEqual([]);
});
