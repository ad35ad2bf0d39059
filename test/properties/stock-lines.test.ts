/**
 * A file of stocks, delays, curves and loops whose lines are exchanged one by one, right and wrong ones: after each
 * reload the sheet says and holds what a sheet that is opened from the text does, and every right text keeps its
 * meaning through `fmt` and JSON.
 */
import {
  checkModel,
  formatDocument,
  modelFromJson,
  modelToJson,
  parseModel,
  printDocument,
} from "@reckon/model";
import { openSheet, type Sheet } from "@reckon/sheet";
import fc from "fast-check";
import { expect, it } from "vitest";
import { cases } from "./cases.ts";
import { emptyHost } from "./open-text.ts";

const choices: readonly (readonly string[])[] = [
  ["time step 0..4", "time step 0..4  dt 0.5", "time step 0..4  dt 0.5  method rk4", "time step 0..5"],
  ["  input x = 2", "  input x = 3", "  x = 2"],
  [
    "  curve c = (0, 1) (2, 3)",
    "  curve c = (0, 1) (2, 2.5)",
    "  curve d = (0, 1) (2, 4)",
    "  curve x = (0, 1) (2, 4)",
  ],
  [
    "  a = integral(x - b)  start 1",
    "  a = SMOOTH(b, 2)",
    "  a = x",
    "  a = integral(c(a) - b)  start b",
    "  a = b",
    "  a = a[t-1] + b  start 1",
    "  a = DELAY_FIXED(b, x, 1)",
  ],
  [
    "  b = SMOOTH(x, 2, 0) + c(x)",
    "  b = x * 2",
    "  b = DELAY3(a, 4)",
    "  b = SMOOTH3(SMOOTH(a, 4), 3 * x)",
    "  b = integral(-a)  start a",
    "  b = b.c(a)",
    "  b = a / 2 + 1",
  ],
  ["  e = a + b", "  e = SMOOTH(a, 2, 1)", "  e = nope(a)", "  e = LET(y, a, y + 1)", ""],
  ["", "  loop a", "  loop b  method newton", "  loop e"],
];
const first = choices.map((lines) => lines[0] as string);

function textOf([time = "", ...lines]: readonly string[]): string {
  return `model m\n${time}\nblock b by step\n${lines.filter((line) => line !== "").join("\n")}\n`;
}

function open(text: string): Sheet | undefined {
  const opened = openSheet({ model: { source: "m.reckon", text }, host: emptyHost });
  return opened.ok ? opened.value : undefined;
}

/** All values, and the hidden stocks that they stand on. */
function contentOf(sheet: Sheet): unknown {
  const { attributes, stocks, integration } = sheet.model;
  const columns = [...attributes.keys()].map((id) => [id, ...sheet.column(id).numbers]);
  return [columns, stocks.map(({ id }) => id), integration];
}

function expectRoundTrip(text: string): void {
  const document = parseModel("m.reckon", text);
  const formatted = printDocument(formatDocument(document));
  expect(printDocument(formatDocument(parseModel("m.reckon", formatted)))).toBe(formatted);
  const json = modelToJson(document).value ?? expect.fail();
  expect(modelToJson(parseModel("m.reckon", formatted)).value).toEqual(json);
  expect(modelToJson(modelFromJson(json).value ?? expect.fail()).value).toEqual(json);
}

const exchange = fc.tuple(fc.nat(choices.length - 1), fc.nat(99));

it("[LA84] lines exchanged in a live sheet give what opening the text gives", () => {
  fc.assert(
    fc.property(fc.array(exchange, { minLength: 1, maxLength: 12 }), (exchanges) => {
      const lines = [...first];
      const sheet = open(textOf(lines)) ?? expect.fail();
      for (const [at, pick] of exchanges) {
        const options = choices[at] as readonly string[];
        lines[at] = options[pick % options.length] as string;
        const text = textOf(lines);
        const reloaded = sheet.reload("m.reckon", text);
        const fresh = checkModel(parseModel("m.reckon", text), emptyHost.table as never);
        expect(reloaded.ok, text).toBe(fresh.value !== undefined);
        if (!reloaded.ok) continue;
        expect(sheet.diagnostics, text).toEqual(fresh.diagnostics);
        sheet.engine.checkInvariants();
        expect(contentOf(sheet), text).toEqual(contentOf(open(text) ?? expect.fail(text)));
        expectRoundTrip(text);
      }
    }),
    cases(40),
  );
});
