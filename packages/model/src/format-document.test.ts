import { expect, it } from "vitest";
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
  input price: USD / seat = {SMB:20,Mid : 45, "New  York":90}  min 0  "List  price"
  input churn             = 2.5%                               range 0..1  # share
  # formulas
  seats: seat = seats[t-1]*(1-churn)  start 100  "Seats"
  mrr:USD = seats *
      price
  long = MAX(
    1,
        2
  )
  x = 1 +

check revenue.mrr>=0  "Never   negative"
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

it("[SL14] overrides align their operators, records stay", () => {
  expect(
    format('scenario a of b   extends c  "L"\n a.b=1 # one\n\ta.bc[X] *= 2\npin a.d=3\n\n\n  a.e = 1\n'),
  ).toBe(
    'scenario a of b extends c  "L"\n  a.b     = 1  # one\n  a.bc[X] *= 2\n  pin a.d = 3\n\n  a.e = 1\n',
  );
  const yaml = "scenario:   a\nmodel: b\n";
  expect(printDocument(formatDocument(parseScenario("s.yaml", yaml)))).toBe(yaml);
});
