import { describe, expect, it } from "vitest";
import { parseModel, parseScenario, printDocument } from "./document.ts";
import { formatDocument } from "./format-document.ts";
import { modelToJson } from "./model-json.ts";

const messy = `model   saas     "Subscription   business"
# top


time month 2026-01 .. 2026-06
axis segment=SMB,Mid , "New  York"
\tblock revenue by segment,month
input price :USD / seat={SMB:20,Mid : 45,  "New  York":90}   min 0    "List  price"
      input churn=2.5%     range 0..1   # share
  # formulas
\tseats : seat = seats[t-1]*(1-churn)   start   100  "Seats"
  mrr:USD = seats *
        price
  long = MAX(
      1,
          2
    )
  x = 1 +

check revenue.mrr>=0   "Never   negative"


`;

const neat = `model saas  "Subscription   business"
# top

time month 2026-01..2026-06
axis segment = SMB, Mid, "New  York"
block revenue by segment, month
  input price: USD / seat = { SMB: 20, Mid: 45, "New  York": 90 }  min 0  "List  price"
  input churn             = 2.5%                                   range 0..1  # share
  # formulas
  seats: seat = seats[t-1] * (1 - churn)  start 100  "Seats"
  mrr: USD = seats *
      price
  long = MAX(
    1,
        2
  )
  x = 1 +

check revenue.mrr >= 0  "Never   negative"
`;

const format = (text: string, source = "m.reckon"): string =>
  printDocument(
    /^scenario/.test(text)
      ? formatDocument(parseScenario(source, text))
      : formatDocument(parseModel(source, text)),
  );

it("[LA42] columns, indentation, blank lines, comments", () => {
  expect(format(messy)).toBe(neat);
});

it("[LA43] formatting again changes nothing, and the model means the same", () => {
  expect(format(neat)).toBe(neat);
  const valid = messy.replace("  x = 1 +\n", "");
  expect(modelToJson(parseModel("m.reckon", format(valid))).value).toEqual(
    modelToJson(parseModel("m.reckon", valid)).value,
  );
});

it("[LA43] line ends and the byte order mark stay, ids too", () => {
  expect(format("\uFEFFmodel a\r\nblock b\r\n x=1\r\n y =2")).toBe(
    "\uFEFFmodel a\r\nblock b\r\n  x = 1\r\n  y = 2\r\n",
  );
  const document = parseModel("m.reckon", "model a\nblock b\n x=1\n yy =2\n");
  const ids = new Map(
    document.items.map(({ id, declaration }) => [
      declaration?.kind === "formula" && declaration.name.text,
      id,
    ]),
  );
  for (const { id, declaration } of formatDocument(document).items) {
    if (declaration?.kind === "formula") expect(id).toBe(ids.get(declaration.name.text));
  }
});

it("[LA44] a line with a problem keeps its layout", () => {
  const text = "model a\nblock b\n      input   x  =  (1  \n  y = 2\n";
  expect(format(text)).toBe("model a\nblock b\n      input   x  =  (1\n  y = 2\n");
});

it("[LA44] blanks at the end of a text that is not closed stay", () => {
  const text = 'model a\nblock b\n  input x = "loop \n';
  expect(format(text)).toBe(text);
});

it("[LA43] what follows an unclosed bracket is not swallowed by it", () => {
  const text = "model a\nblock b\nx = (1\ny=2\nz=3\n";
  expect(format(text)).toBe("model a\nblock b\nx = (1\ny = 2\n  z = 3\n");
});

it("[SL14] overrides align their operators, records stay", () => {
  expect(
    format('scenario a of b   extends c  "L"\n a.b=1 # one\n\ta.bc[X] *= 2\npin a.d=3\n\n\n  a.e = 1\n'),
  ).toBe(
    'scenario a of b extends c  "L"\n  a.b     = 1  # one\n  a.bc[X] *= 2\n  pin a.d = 3\n\n  a.e = 1\n',
  );
  const yaml = "scenario:   a\nmodel: b\n";
  expect(printDocument(formatDocument(parseScenario("s.yaml", yaml)))).toBe(yaml);
});

describe("[LA57] spaces between tokens", () => {
  const inModel = (line: string): string => format(`model m\nblock b\n  ${line}\n`).split("\n")[2] as string;

  it.each([
    ["x=p*q-1", "x = p * q - 1"],
    ["x = a>=b", "x = a >= b"],
    ["x = a  =b", "x = a = b"],
    ["x = -a*- b^-2", "x = -a * -b ^ -2"],
    ["x = 2- -3", "x = 2 - -3"],
    ["x = IF( a ,1 ,- 2 )", "x = IF(a, 1, -2)"],
    ["x = if(a,,b)", "x = if(a,, b)"],
    ["x = SUM (a,b)", "x = SUM(a, b)"],
    ["x = 5 % *a", "x = 5% * a"],
    ['x = a&"b  c"& d', 'x = a & "b  c" & d'],
    ["x = {1,2;3,-4}", "x = {1, 2; 3, -4}"],
    ["x = { 1 , 2 }", "x = {1, 2}"],
    ["x = sum( a  over  b,c )", "x = sum(a over b, c)"],
    ["x = LAMBDA(y,y*2) (3)", "x = LAMBDA(y, y * 2)(3)"],
    ["x = IFERROR(a,#N/A)", "x = IFERROR(a, #N/A)"],
    ["x = a [ t - 1 ]", "x = a[t-1]"],
    ["x = SUM(a[t - 11 .. t  clip])", "x = SUM(a[t-11..t clip])"],
    [
      "x = SUM(a[ .. t ]) + SUM(a[t - 1 .. ,*]) + SUM(a[..t  clip])",
      "x = SUM(a[..t]) + SUM(a[t-1.., *]) + SUM(a[..t clip])",
    ],
    ["x = a[2026-01 .. 2026-03,*]", "x = a[2026-01..2026-03, *]"],
    ["x = a[2026-1]", "x = a[2026 - 1]"],
    ["x = a[MATCH(b,c)+1]", "x = a[MATCH(b, c) + 1]"],
    ['x = a["New  York"  ]', 'x = a["New  York"]'],
    ["x = 20 USD/seat*seats", "x = 20 USD/seat*seats"],
    ["x = 20  USD / seats", "x = 20 USD / seats"],
    ["x = 1_000USD+.5", "x = 1_000USD + .5"],
    ["x = a start -1 USD heavy  timeout 5s   retry 2", "x = a  start -1 USD  heavy  timeout 5s  retry 2"],
    ["x = a start (b+1) end -( 2 )", "x = a  start (b + 1)  end -(2)"],
    ["input x = {a:1,b:{ 2026-01: 4, 2026-02..: 5}}", "input x = { a: 1, b: { 2026-01: 4, 2026-02..: 5 } }"],
    ["input x = {a:1,}", "input x = { a: 1, }"],
    ["input x = [1,2 ,-3]", "input x = [1, 2, -3]"],
    ['input x = table( "a.csv",by b,c,value  d )', 'input x = table("a.csv", by b, c, value d)'],
    ["input x = 1 range -1 .. 1.", "input x = 1  range -1..1."],
    ["input x = 1 range 1. .. 2", "input x = 1  range 1. ..2"],
    ["input x = 1 range 0.. min 3", "input x = 1  range 0..  min 3"],
    [
      "loop x start b+1 tolerance 0.01 USD/seat limit 50",
      "loop x  start b + 1  tolerance 0.01 USD/seat  limit 50",
    ],
  ])("%s", (line, wanted) => {
    expect(inModel(line)).toBe(`  ${wanted}`);
    expect(inModel(wanted)).toBe(`  ${wanted}`);
  });

  it("in a declaration over several lines, whose lines stay", () => {
    const text = 'model m\nblock b\n  x:USD=MAX(a*b,  # one\n    "a\tb"&c, {1,2} )*2   heavy "L"\n';
    expect(format(text)).toBe(
      'model m\nblock b\n  x: USD = MAX(a * b,  # one\n      "a\tb" & c, {1, 2}) * 2  heavy  "L"\n',
    );
  });

  it("of overrides", () => {
    expect(format("scenario a of b\n  a.b [ * ,2027-01.. ]  *=1-2%\n")).toBe(
      "scenario a of b\n  a.b[*, 2027-01..] *= 1 - 2%\n",
    );
  });
});

it("[LA43] a byte order mark inside a file goes, and its line is laid out like the others", () => {
  const text = "model m\n\nblock b\n  x = 1\n\uFEFF  longer = 2\n";
  const formatted = printDocument(formatDocument(parseModel("m.reckon", text)));
  expect(formatted).toBe("model m\n\nblock b\n  x      = 1\n  longer = 2\n");
});
