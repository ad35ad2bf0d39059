import { renderDiagnostic } from "@reckon/formula";
import { describe, expect, it } from "vitest";
import { buildModel } from "./build-model.ts";
import { checkModel } from "./check-model.ts";
import type { CheckedFormula, CheckedModel } from "./declarations.ts";
import { parseModel, printDocument } from "./document.ts";
import { formatDocument } from "./format-document.ts";
import { modelFromJson } from "./model-from-json.ts";
import { modelToJson } from "./model-json.ts";

const noTables = (): { problem: string } => ({ problem: "there is none" });

const world = `model world

time year 1900..1910  dt 0.5  method rk4

block people by year
  input fertility = 4%
  curve crowding = (0, 1) (10, 0.5)  "By people"
  count: person = integral(births - deaths)  start 1.6
  births        = count * fertility * crowding(count)
  deaths        = SMOOTH(count, 5, 2) / 65 + DELAY3(births, 3)

block other by year
  late = DELAY_FIXED(people.births, 2, 0)
  x    = people.crowding(people.count) + 2 * SMOOTH3(SMOOTH(people.births, 2), 4)
`;

function checked(text: string, previous?: CheckedModel): CheckedModel {
  const { value, diagnostics } = checkModel(parseModel("m.reckon", text), noTables, previous);
  expect(diagnostics).toEqual([]);
  return value ?? expect.fail();
}

/** Codes with what they are about. */
function problems(text: string): string[] {
  const { diagnostics } = checkModel(parseModel("m.reckon", text), noTables);
  return diagnostics.map(({ code, span }) => `${code} ${text.slice(span.start, span.end)}`);
}

const inBlock = (lines: string, time = "time step 1..9"): string =>
  `model m\n${time}\nblock b by step\n  input x = 2\n${lines}\n`;

function formulaOf(model: CheckedModel, id: string): CheckedFormula {
  return model.attributes.get(id) as CheckedFormula;
}

describe("the time line", () => {
  it("[LA71] says the step and the method of stocks, and without clauses a step is a period", () => {
    expect(checked(world).integration).toEqual({ method: "rk4", stepsPerPeriod: 2 });
    expect(checked(inBlock("")).integration).toEqual({ method: "euler", stepsPerPeriod: 1 });
    for (const [dt, steps] of [
      ["1", 1],
      ["0.125", 8],
      ["1/3", 3],
      ["0.1", 10],
    ] as const)
      expect(checked(inBlock("", `time step 1..9  dt ${dt}`)).integration.stepsPerPeriod).toBe(steps);
    for (const dt of ["0.3", "2", "0", "-1", "x", "1/0", "10%", ""])
      expect(problems(inBlock("", `time step 1..9 dt ${dt}`))[0], dt).toMatch(/model\/bad-clause|formula/);
    expect(problems(inBlock("", "time step 1..9  heavy"))).toEqual(["model/misplaced-clause heavy"]);
  });
});

describe("loops", () => {
  it("[LA70] have a method, a damping, and start warm or cold", () => {
    const text = inBlock("  a = b / 2\n  b = a / 2\n  loop a  method damped  damping 0.5  warm  limit 9");
    expect(checked(text).loops[0]).toMatchObject({
      method: "damped",
      damping: 0.5,
      begin: "warm",
      iterationsMax: 9,
    });
    expect(problems(text.replace("damped", "newton"))).toEqual(["model/exclusive-clauses a"]);
    expect(problems(text.replace("damped", "auto"))).toEqual(["model/exclusive-clauses a"]);
    expect(checked(text.replace("method damped", "")).loops[0]).toMatchObject({
      method: "damped",
      damping: 0.5,
    });
    expect(problems(text.replace("damping 0.5", "damping 1.5"))).toEqual(["model/bad-clause damping"]);
    expect(problems(text.replace("warm", "warm cold"))).toEqual(["model/exclusive-clauses cold"]);
    expect(problems(text.replace("limit", "lmit"))).toEqual(["model/unknown-clause lmit"]);
  });

  it("[LA88] are told how they are written, and count nevertheless", () => {
    const ring = (line: string): string => inBlock(`  a = b / 2\n  b = a / 2\n  ${line}`);
    expect(problems(ring("loop b.a  start 1"))).toEqual(["model/unexpected b.a"]);
    expect(problems(ring("loop a  start = 1, limit: 40"))).toEqual([
      "model/unexpected =",
      "model/unexpected :",
    ]);
    expect(problems(ring("loop a  start { A: 1, B: 2 }  limit 0"))).toEqual([
      "model/bad-clause start",
      "model/bad-clause limit",
    ]);
    expect(problems(ring("loop a  start [1, 2]"))).toEqual(["model/bad-clause start"]);
    expect(problems(ring("loop a  guess 3"))).toEqual(["model/unknown-clause guess"]);
    expect(problems(ring("loop a  start x = 1"))).toEqual([]);
  });

  it("[LA70] leave their words to attributes", () => {
    const text = inBlock(
      "  warm = x\n  method = warm + 1\n  dt = method * 2\n  cold = 3 + dt  start 1\n  damping = cold",
    );
    expect(checked(text).attributes.size).toBe(6);
  });
});

describe("stocks", () => {
  it("[LA72] a stock is a whole formula over time with a start", () => {
    const stock = formulaOf(checked(world), "people.count");
    expect(stock.formula.integral?.initial.root).toEqual({ kind: "literal", value: 1.6 });
    expect(stock.formula.references.map(({ attribute }) => attribute)).toEqual([
      "people.births",
      "people.deaths",
    ]);
    expect(stock.integration).toEqual({ method: "rk4", stepsPerPeriod: 2 });
    expect(problems(inBlock("  a = integral(x)"))).toEqual(["formula/stock-no-start integral"]);
    expect(problems(inBlock("  a = 1 + integral(x)  start 1"))).toEqual(["formula/stock-inside integral"]);
    expect(problems(inBlock("  a = integral(x)  start 1  end 2"))).toEqual(["formula/stock-end 2"]);
    expect(problems("model m\nblock b\n  a = integral(1)  start 1\n")).toEqual([
      "formula/stock-no-time integral",
    ]);
    expect(checked(inBlock("  a = (INTEGRAL(x))  start 1")).stocks).toHaveLength(1);
  });

  it("[LA90] wait for nothing that waits for them, with what moves them within a period", () => {
    const lines = "  a = integral(c)  start 1\n  z = a[t+1]  end 0\n  c = integral(y)  start 1\n  y = z + c";
    const messages = (text: string) =>
      checkModel(parseModel("m.reckon", text), noTables).diagnostics.map(({ code, message }) => [
        code,
        message.split(":")[0],
      ]);
    const path = "b.a[2] → b.c[1] → b.y[1] → b.z[1] → b.a[2]";
    for (const time of ["dt 0.5", "method rk4", "dt 0.5  method rk4"]) {
      const text = inBlock(lines, `time step 1..9  ${time}`);
      expect(messages(text), time).toEqual([["model/stock-cycle", path]]);
      expect(messages(`${text}  loop z\n`)[0], time).toEqual(["model/stock-cycle", path]);
    }
    // In whole steps each is where it is published.
    expect(problems(inBlock(lines))).toEqual([]);
    expect(messages(inBlock("  a = integral(z)  start 1\n  z = a[5] * 0.1\n  loop z"))).toEqual([
      ["model/stock-cycle", "b.a[2] → b.z[1] → b.a[5] → b.a[4] → b.a[3] → b.a[2]"],
    ]);
    // What reads ahead moves nothing that it waits for.
    expect(
      problems(inBlock("  a = integral(1)  start 1\n  z = a[t+1]  end 0\n  c = integral(z)  start 1")),
    ).toEqual([]);
  });

  it("[LA90] of all members wait for what moves one of them", () => {
    const text = (time: string) => `model m
time step 1..9${time}
axis s = A, B
block b by s, step
  a = integral(total)  start 1
  z = a[t+1]  end 0
  c = integral(IF(MEMBER(s) = "A", 1, z))  start 1
block sums by step
  total = sum(b.c over s)
`;
    const codes = (time: string) => problems(text(time).replaceAll("total)", "sums.total)"));
    expect(codes("")).toEqual([]);
    expect(codes("  dt 0.5")).toEqual(["model/stock-cycle a"]);
  });

  it("[LA91] warn where a smoothing or delay is shorter than a step", () => {
    const told = (line: string, time = "dt 0.5") => problems(inBlock(line, `time step 1..9  ${time}`));
    for (const [call, isShort] of [
      ["SMOOTH(x, 0.5)", false],
      ["SMOOTH(x, 0.49)", true],
      ["SMOOTH(x, x / 8)", true],
      ["DELAY1(x, 0.4, 1)", true],
      ["SMOOTH3(x, 1.5)", false],
      ["SMOOTH3(x, 1.4)", true],
      ["DELAY3(x, 1.4)", true],
      ["DELAY_FIXED(x, 0.5, 1)", false],
      ["DELAY_FIXED(x, 0.4, 1)", true],
      ["DELAY_FIXED(x, 0, 1)", true],
      // Errors say so themselves; what is computed is not known here.
      ["SMOOTH(x, 0)", false],
      ["SMOOTH(x, -1)", false],
      ["SMOOTH(x, y)", false],
    ] as const)
      expect(told(`  y = x / 9\n  a = 1 + ${call}`), call).toEqual(
        isShort ? [`model/short-time ${call}`] : [],
      );
    expect(told("  a = SMOOTH(x, 1/49)", "dt 1/49")).toEqual([]);
    const series = "  input late = [1, 0.1, 1, 1, 1, 1, 1, 1, 1]\n  a = SMOOTH(x, late)";
    expect(told(series)).toEqual(["model/short-time SMOOTH(x, late)"]);
    // A fixed delay has the time of the first period.
    expect(told(series.replace("SMOOTH(x, late)", "DELAY_FIXED(x, late, 0)"))).toEqual([]);
  });

  it("[LA91] tell it when an edit makes a time short, and no more when it is long enough", () => {
    const document = parseModel("m.reckon", inBlock("  input late = 3\n  a = SMOOTH(x, late)"));
    const first = checkModel(document, noTables).value as CheckedModel;
    const set = (from: typeof document, text: string) =>
      parseModel("m.reckon", printDocument(from).replace(/late = .*/, `late = ${text}`), from);
    const short = checkModel(set(document, "0.5"), noTables, first);
    expect(short.diagnostics.map(({ code }) => code)).toEqual(["model/short-time"]);
    expect(short.diagnostics.map(({ hint }) => hint)).toEqual(["choose a `dt` of at most 0.5"]);
    expect(checkModel(set(set(document, "0.5"), "2"), noTables, short.value).diagnostics).toEqual([]);
  });

  it("[LA73] first values may be formulas, but not in a circle", () => {
    expect(
      checked(inBlock("  a = integral(b)  start c\n  c = b * 2\n  b = integral(a)  start 1")).stocks,
    ).toHaveLength(2);
    const circle = inBlock("  a = integral(1)  start c\n  c = a * 2");
    expect(problems(circle)).toEqual(["model/initial-cycle a"]);
    expect(problems(`${circle}  loop c\n`)[0]).toBe("model/initial-cycle a");
    const byPeriod = (first: string) =>
      inBlock(`  a = integral(1)  start c\n  c = IF(PERIOD_INDEX() = ${first}, 5, a)`);
    expect(problems(byPeriod("1"))).toEqual([]);
    expect(problems(byPeriod("2"))[0]).toMatch(/^model\/initial-cycle/);
    expect(problems(`${byPeriod("2")}\n  loop c\n`)[0]).toMatch(/^model\/initial-cycle/);
    expect(problems(inBlock("  a = integral(1)  start x[t-1]"))).toEqual(["formula/lag-in-start t-1"]);
  });

  it("[LA74] a cycle through a stock is no loop, and a loop line on one is an error", () => {
    const text = inBlock("  a = integral(b - a)  start 1\n  b = a * 2");
    expect(checked(text).loops).toEqual([]);
    expect(problems(`${text}  loop a\n`)).toEqual(["model/loop-on-stock a"]);
    expect(problems(`${text}  loop b\n`)).toEqual(["model/needless-loop loop b"]);
    expect(problems(`${text}\n  c = SMOOTH(b, 2)\n  loop b\n`)).toEqual(["model/needless-loop loop b"]);
    expect(problems(inBlock("  a = integral(x[t-1])  start 1"))).toEqual(["formula/lag-in-stock t-1"]);
    expect(checked(inBlock("  a = integral(sum(x[t-2..t clip]))  start 1")).stocks).toHaveLength(1);
  });

  it("[LA75] smoothing and delays stand on hidden stocks, in order of what reads what", () => {
    const model = checked(world);
    expect(model.stocks.map(({ id }) => id)).toEqual([
      "people.count",
      "people.deaths SMOOTH 1",
      "people.deaths DELAY3 2.1",
      "people.deaths DELAY3 2.2",
      "people.deaths DELAY3 2.3",
      "people.deaths DELAY3 2",
      "other.late DELAY_FIXED 1",
      "other.x SMOOTH 1",
      "other.x SMOOTH3 2.1",
      "other.x SMOOTH3 2.2",
      "other.x SMOOTH3 2",
    ]);
    const { references } = formulaOf(model, "people.deaths").formula;
    expect(references.map(({ attribute }) => attribute)).toEqual([
      "people.deaths SMOOTH 1",
      "people.deaths DELAY3 2",
    ]);
    expect(model.stocks.filter(({ partOf }) => partOf === "other.x")).toHaveLength(4);
  });

  it("[LA76] a fixed delay needs what comes out first", () => {
    const delay = checked(world).stocks.find(({ formula }) => formula.delay !== undefined);
    expect(delay?.formula.delay).toMatchObject({
      time: { root: { value: 2 } },
      initial: { root: { value: 0 } },
    });
    expect(problems(inBlock("  a = DELAY_FIXED(x, 2)"))).toEqual(["formula/too-few-arguments DELAY_FIXED"]);
  });

  it("[LA77] delays get an attribute of their own where they would be something else", () => {
    const wrong = (line: string): string[] => problems(inBlock(`  ${line}`));
    expect(wrong("a = sum(SMOOTH(x, 3) over step)")).toEqual(["formula/stock-place SMOOTH"]);
    expect(wrong("a = LET(y, 2, DELAY1(y, 3))")).toEqual(["formula/stock-place DELAY1"]);
    expect(wrong("a = a[t-1]  start SMOOTH(x, 3)")).toEqual(["formula/stock-place SMOOTH"]);
    expect(wrong("a = SMOOTH(x, 3, SMOOTH(x, 2))")).toEqual(["formula/stock-place SMOOTH"]);
    expect(problems(`${inBlock("")}check SMOOTH(b.x, 2) > 0\n`)).toEqual(["formula/stock-place SMOOTH"]);
    expect(wrong("a = IF(FALSE, SMOOTH(x, 3), 1)")).toEqual([]);
    expect(wrong("a = SMOOTH(DELAY1(x, 2), DELAY_FIXED(x, 1, 1))")).toEqual([]);
  });

  it("[LA75] problems in the arguments are told once", () => {
    expect(problems(inBlock("  a = DELAY3(nothing, nowhere)"))).toEqual([
      "formula/unknown-name nothing",
      "formula/unknown-name nowhere",
    ]);
  });

  it("[LA78] hidden stocks are no attributes", () => {
    const model = checked(world);
    expect([...model.attributes.keys()].filter((id) => id.includes(" "))).toEqual([]);
    expect(model.blocks.flatMap(({ attributes }) => attributes)).toHaveLength(model.attributes.size);
  });
});

describe("checking again", () => {
  it("[LA79] another step makes the stocks anew, and what stands on them, and nothing else", () => {
    const before = checked(world);
    const after = checked(world.replace("dt 0.5", "dt 0.25"), before);
    const kept = [...after.attributes].filter(([id, attribute]) => before.attributes.get(id) === attribute);
    expect(kept.map(([id]) => id)).toEqual(["people.fertility", "people.births"]);
    const again = checked(`${world.replace("dt 0.5", "dt 0.25")}# the end\n`, after);
    expect(again.stocks.every((stock, i) => stock === after.stocks[i])).toBe(true);
  });

  it("[LA82] another point concerns the formulas that call the curve", () => {
    const before = checked(world);
    const after = checked(world.replace("(10, 0.5)", "(10, 0.4)"), before);
    const changed = [...after.attributes].filter(
      ([id, attribute]) => before.attributes.get(id) !== attribute,
    );
    expect(changed.map(([id]) => id)).toEqual(["people.births", "other.x"]);
    const same = checked(world.replace("(10, 0.5)", "( 10 , .5 )"), before);
    expect(
      [...same.attributes.values()].every((attribute) => before.attributes.get(attribute.id) === attribute),
    ).toBe(true);
  });

  it("[LA40] a formula that becomes a stock, or is none any more, checks as the whole does", () => {
    const texts = ["  a = integral(x)  start 1", "  a = x  start 1", "  a = SMOOTH(x, 2) + a[t-1]  start 1"];
    let model = checked(inBlock(texts[0] as string));
    for (const from of texts)
      for (const to of texts) {
        model = checked(inBlock(from), model);
        model = checked(inBlock(to), model);
        expect(model.stocks.map(({ id }) => id)).toEqual(checked(inBlock(to)).stocks.map(({ id }) => id));
      }
  });
});

describe("edits", () => {
  it("[LA73] a circle of first values that an edit makes is told", () => {
    const first = parseModel("m.reckon", inBlock("  a = x\n  b = SMOOTH(a, 2)\n  c = b + 1"));
    const before = checkModel(first, noTables).value ?? expect.fail();
    const readers: Readonly<Record<string, string[]>> = { "b.a": ["b.b"], "b.b": ["b.c"] };
    const graph = {
      isWhole: true,
      isRead: () => true,
      readersOf: (id: string) => readers[id] ?? [],
      levelOf: () => 0,
    };
    const again = (a: string, known?: typeof graph): ReturnType<typeof checkModel> => {
      const text = inBlock(`  a = ${a}\n  b = SMOOTH(a, 2)\n  c = b + 1`);
      return checkModel(parseModel("m.reckon", text, first), noTables, before, known);
    };
    for (const known of [undefined, graph]) {
      expect(again("c", known).diagnostics.map(({ code }) => code)).toEqual(["model/initial-cycle"]);
      // Looked at alone: the list of stocks is the one there was.
      expect(again("x * 2", known).value?.stocks).toBe(before.stocks);
    }
  });
});

describe("curves", () => {
  it("[LA80] a curve is called by its short name in its block, and with the block's elsewhere", () => {
    const model = checked(world);
    expect(model.curves).toMatchObject([
      {
        id: "people.crowding",
        points: [
          { x: 0, y: 1 },
          { x: 10, y: 0.5 },
        ],
      },
    ]);
    expect(problems(`${world}  y = crowding(2)\n`)).toEqual(["formula/unknown-function crowding"]);
    const text = checkModel(parseModel("m", `${world}  y = crowding(2)\n`), noTables).diagnostics;
    expect(text.map((one) => renderDiagnostic(one, () => world)).join()).toContain(
      "did you mean `people.crowding`",
    );
  });

  it("[LA80] points go on behind a comma, in any spelling of numbers", () => {
    const text = inBlock(
      '  curve c = (-1e3, 5%), # from here\n    (1_000, -.5)\n    (+2e3,1.)  "Label"\n  y = c(x)',
    );
    expect(problems(text)).toEqual(["model/expected ("]);
    const whole = checked(text.replace("-.5)\n", "-.5),\n"));
    expect(whole.curves[0]?.points).toEqual([
      { x: -1000, y: 0.05 },
      { x: 1000, y: -0.5 },
      { x: 2000, y: 1 },
    ]);
    expect(whole.curves[0]?.label).toBe("Label");
  });

  it("[LA81] x ascends, names are free, and the curve is there whatever is wrong with it", () => {
    expect(problems(inBlock("  curve c = (0, 1) (0, 2)\n  y = c(x)"))).toEqual(["model/curve-order (0, 2)"]);
    expect(problems(inBlock("  curve c = (0, 1)\n  y = c(x)"))).toEqual(["model/short-curve (0, 1)"]);
    expect(problems(inBlock("  curve c = (0, one)\n  y = c(x)"))).toEqual(["model/expected one"]);
    expect(problems(inBlock("  curve x = (0, 1) (1, 1)"))).toEqual(["model/duplicate-name x"]);
    expect(problems(inBlock("  curve c = (0, 1) (1, 1)\n  c = 2"))).toEqual(["model/duplicate-name c"]);
    expect(problems(inBlock("  curve sum = (0, 1) (1, 1)"))).toEqual(["model/curve-name sum"]);
    expect(problems(inBlock("  curve over = (0, 1) (1, 1)"))).toEqual(["model/reserved-word over"]);
    expect(problems("model m\ncurve c = (0, 1) (1, 1)\n")).toEqual(["model/outside-block c"]);
  });
});

describe("other programs' names", () => {
  it("[LA83] are told with what to write here", () => {
    const hint = (line: string): string =>
      checkModel(parseModel("m", inBlock(`  ${line}`)), noTables)
        .diagnostics.map(({ hint: one }) => one ?? "")
        .join();
    expect(hint("a = INTEG(x, 1)")).toContain("integral(flow)  start first");
    expect(hint("a = smoothi(x, 2, 1)")).toContain("SMOOTH(input, time, first)");
    expect(hint("a = DELAY FIXED(x, 2, 1)")).toContain("DELAY_FIXED(input, time, first)");
    expect(hint("a = WITH LOOKUP(x, (0,1))")).toContain("curve name = (0, 1)");
    expect(hint("TIME STEP = 0.25")).toContain("dt 0.5");
  });
});

describe("layout and other forms", () => {
  const untidy = `model   m
time step 1..9   dt  .5    method   rk4
block b by step
 curve  c=(0,1)(2 , 3),   (4,5)"Label"
 curve longer = (0,1) (2,3) # a comment
 s:USD=integral( 1-SMOOTH( s,2 ) )   start   0
 loop s  method   newton   limit 5  warm
`;

  it("[LA42] curves stand in columns, clauses two spaces apart", () => {
    const formatted = formatDocument(parseModel("m.reckon", untidy));
    expect(printDocument(formatted)).toBe(`model m
time step 1..9  dt .5  method rk4
block b by step
  curve c      = (0, 1) (2, 3), (4, 5)  "Label"
  curve longer = (0, 1) (2, 3)  # a comment
  s: USD = integral(1 - SMOOTH(s, 2))  start 0
  loop s  method newton  limit 5  warm
`);
    expect(printDocument(formatDocument(formatted))).toBe(printDocument(formatted));
  });

  it("[LA45] text to JSON to text reads as the same declarations", () => {
    const text = world.replace(
      "block other",
      "  loop births  method damped  damping 0.5  cold\n\nblock other",
    );
    const json = modelToJson(parseModel("m.reckon", text)).value ?? expect.fail();
    const back = modelFromJson(JSON.parse(JSON.stringify(json))).value ?? expect.fail();
    expect(modelToJson(back).value).toEqual(json);
    expect(json.time).toEqual({ frequency: "year", from: "1900", to: "1910", steps: 2, method: "rk4" });
    expect(printDocument(back)).toContain("  loop births  method damped  damping 0.5  cold\n");
    expect(printDocument(back)).toContain('  curve crowding = (0, 1) (10, 0.5)  "By people"\n');
  });

  it("[LA46] the builder makes curves, stocks and steps", () => {
    const built = buildModel("m")
      .time("year", 1900, 1910, { steps: 4, method: "rk4" })
      .block("b", ["year"], (block) =>
        block
          .curve("c", [
            [0, 1],
            [1, 0.5],
          ])
          .formula("s", "integral(c(s))", { start: 0 })
          .loop("s", { method: "newton" }),
      );
    expect(built.toText()).toBe(`model m
time year 1900..1910  dt 0.25  method rk4

block b by year
  curve c = (0, 1) (1, 0.5)
  s = integral(c(s))  start 0
  loop s  method newton
`);
  });
});
