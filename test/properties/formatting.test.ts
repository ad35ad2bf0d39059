/** `fmt` moves tokens and changes none, whatever the spacing it finds, right or wrong. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { tokenize } from "@reckon/formula";
import { diagnosticsOf, formatDocument, parseModel, parseScenario, printDocument } from "@reckon/model";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Choices } from "../arbitraries/choices.ts";
import { mangled } from "../arbitraries/mangled-text.ts";
import { modelSeed, modelText } from "../arbitraries/model.ts";
import { cases } from "./cases.ts";

type Kind = "model" | "scenario";

const parse = (kind: Kind, text: string) =>
  kind === "scenario" ? parseScenario("random.reckon", text) : parseModel("random.reckon", text);

const formatted = (kind: Kind, text: string): string => printDocument(formatDocument(parse(kind, text)));

const tokensOf = (text: string): string[] => tokenize(text).tokens.map((token) => token.text);

/** What the lines declare, without the places, and the codes of their problems. */
function meaningOf(kind: Kind, text: string): unknown {
  const document = parse(kind, text);
  const declared = document.items.flatMap((item): unknown[] => (item.declaration ? [item.declaration] : []));
  const meaning = [declared, diagnosticsOf(document).map(({ code }) => code)];
  return JSON.parse(
    JSON.stringify(meaning, (key, value: unknown) => (/^(?:span|\w+Span)$/.test(key) ? undefined : value)),
  );
}

function expectKept(kind: Kind, text: string): void {
  const once = formatted(kind, text);
  expect(tokensOf(once)).toEqual(tokensOf(text));
  expect(meaningOf(kind, once)).toEqual(meaningOf(kind, text));
  expect(formatted(kind, once)).toBe(once);
}

/** The text with spaces put in and taken out at random within its lines. */
function respaced(text: string, numbers: readonly number[]): string {
  const choices = new Choices(numbers);
  return text.replace(/(?<=\S) +|(?<=[^\w"\s]|\w(?=[^\w\s]))(?=\S)/g, (gap) =>
    choices.below(3) > 0 ? gap : choices.pick(["", " ", "  ", "\t"]),
  );
}

const someNumbers = fc.array(fc.nat(999), { maxLength: 400, size: "max" });

it("[LA57] tokens, declarations and problems stay, whatever the spacing, and formatting again changes nothing", () => {
  fc.assert(
    fc.property(modelSeed, someNumbers, someNumbers, (seed, spaces, damage) => {
      const { text, scenarios } = modelText(seed);
      const files = [{ kind: "model" as Kind, text }].concat(
        scenarios.map((scenario) => ({ kind: "scenario", text: scenario.text })),
      );
      for (const { kind, text: whole } of files) {
        expectKept(kind, whole);
        expectKept(kind, respaced(whole, spaces));
        expectKept(kind, respaced(mangled(whole, damage.slice(0, 20)), spaces));
      }
    }),
    cases(100),
  );
});

describe("[LA57] the examples are spaced as `fmt` spaces them", () => {
  const folder = join(import.meta.dirname, "../../docs/examples");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".reckon"),
  );
  it.each(files)("%s", (file) => {
    const text = readFileSync(join(folder, file), "utf8");
    const kind = text.startsWith("scenario") ? "scenario" : "model";
    expectKept(kind, text);
    // Columns are aligned in another way there; the tokens of a value or formula have the same spaces.
    const collapsed = (whole: string): string => whole.replaceAll(/ +/g, " ").replaceAll(/^ /gm, "");
    expect(collapsed(formatted(kind, text))).toBe(collapsed(text));
  });
});
