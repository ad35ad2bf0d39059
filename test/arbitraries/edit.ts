/**
 * Random edits of a live sheet. An edit is a list of numbers that is read against the sheet as it is when its turn
 * comes, so any list of edits can be played on any model, and a failing list shrinks.
 *
 * An edit may be refused (its diagnostics say why); it must then have changed nothing.
 */
import type { CheckedAttribute } from "@reckon/model";
import type { CellIndex, Sheet } from "@reckon/sheet";
import type { Axis } from "@reckon/value";
import fc from "fast-check";
import { Choices } from "./choices.ts";
import { formulaText, type KnownAttribute, type Surroundings } from "./formula-text.ts";

export type EditSeed = readonly number[];

export const editSeed: fc.Arbitrary<EditSeed> = fc.array(fc.nat(999), {
  minLength: 1,
  maxLength: 20,
  size: "max",
});

/** What was done, for the message of a failing case. */
export interface PlayedEdit {
  readonly text: string;
  readonly isAccepted: boolean;
}

/** Plays one edit on the sheet. */
export function playEdit(sheet: Sheet, seed: EditSeed): PlayedEdit {
  const choices = new Choices(seed);
  const [name, play] = choices.pick(edits);
  const outcome = play(choices, sheet);
  return { text: `${name} ${outcome.text}`, isAccepted: outcome.isAccepted };
}

type Play = (choices: Choices, sheet: Sheet) => PlayedEdit;

const nothing: PlayedEdit = { text: "(nothing to do)", isAccepted: false };

const edits: readonly (readonly [string, Play])[] = [
  ["set", set],
  ["set", set],
  ["set", set],
  ["set two at once", setTwo],
  ["set formula", setFormula],
  ["set formula", setFormula],
  ["add", add],
  ["remove", remove],
  ["pin", pin],
  ["drop override", dropOverride],
  ["undo", (_, sheet) => ({ text: sheet.undo() ?? "", isAccepted: true })],
  ["redo", (_, sheet) => ({ text: sheet.redo() ?? "", isAccepted: true })],
  ["reload the same text", reload],
];

function set(choices: Choices, sheet: Sheet): PlayedEdit {
  const attribute = pickAttribute(choices, sheet, ({ kind, type }) => kind === "input" && !isText(type));
  if (attribute === undefined) return nothing;
  const scenario = choices.pick(sheet.scenarios);
  const index = cellIndex(choices, attribute.axes);
  const value = choices.number();
  const { ok } = sheet.set(attribute.id, value, index, scenario);
  return { text: `${attribute.id} ${JSON.stringify(index)} = ${value} in ${scenario}`, isAccepted: ok };
}

function setTwo(choices: Choices, sheet: Sheet): PlayedEdit {
  return sheet.transaction("two at once", () => {
    const [first, second] = [set(choices, sheet), set(choices, sheet)];
    return { text: `${first.text}; ${second.text}`, isAccepted: first.isAccepted || second.isAccepted };
  });
}

function setFormula(choices: Choices, sheet: Sheet): PlayedEdit {
  // The members of a loop are left alone, so that it keeps contracting.
  const attribute = pickAttribute(
    choices,
    sheet,
    ({ kind, name }) => kind === "formula" && name.startsWith("f_"),
  );
  if (attribute === undefined) return nothing;
  const { text, isText: givesText, isLoose } = formulaText(choices, surroundings(sheet, attribute));
  // The declared type stays, so only formulas of the same kind fit. And what was exact stays exact: others may
  // branch on it.
  if (givesText !== isText(attribute.type) || isLoose) return nothing;
  const { ok } = sheet.setFormula(attribute.id, text);
  return { text: `${attribute.id} = ${text}`, isAccepted: ok };
}

function add(choices: Choices, sheet: Sheet): PlayedEdit {
  const block = choices.pick(sheet.model.blocks);
  const last = block?.attributes.at(-1);
  const attribute = last === undefined ? undefined : sheet.attribute(last);
  if (block === undefined || attribute === undefined) return nothing;
  const { text, isText: givesText } = formulaText(choices, surroundings(sheet, attribute));
  const line = `f_${choices.below(1000) + 100}${givesText ? ": text" : ""} = ${text}`;
  const { ok } = sheet.addAttribute(block.name, line);
  return { text: `${block.name}: ${line}`, isAccepted: ok };
}

function remove(choices: Choices, sheet: Sheet): PlayedEdit {
  const attribute = pickAttribute(choices, sheet, () => true);
  if (attribute === undefined) return nothing;
  return { text: attribute.id, isAccepted: sheet.removeAttribute(attribute.id).ok };
}

function pin(choices: Choices, sheet: Sheet): PlayedEdit {
  const attribute = pickAttribute(choices, sheet, ({ kind, name, type }) => {
    return kind === "formula" && /^[fr]_/.test(name) && !isText(type);
  });
  const scenario = choices.pick(sheet.scenarios.slice(1));
  if (attribute === undefined || scenario === undefined) return nothing;
  const index = cellIndex(choices, attribute.axes);
  const value = choices.number();
  const { ok } = sheet.pin(attribute.id, value, index, scenario);
  return { text: `${attribute.id} ${JSON.stringify(index)} = ${value} in ${scenario}`, isAccepted: ok };
}

function dropOverride(choices: Choices, sheet: Sheet): PlayedEdit {
  const scenario = choices.pick(sheet.scenarios.slice(1));
  if (scenario === undefined) return nothing;
  const attribute = pickAttribute(choices, sheet, ({ id }) => sheet.isOverridden(id, scenario));
  if (attribute === undefined) return nothing;
  const { ok } = sheet.dropOverride(attribute.id, scenario);
  return { text: `${attribute.id} in ${scenario}`, isAccepted: ok };
}

function reload(choices: Choices, sheet: Sheet): PlayedEdit {
  const scenario = choices.pick(sheet.scenarios);
  const { ok } = sheet.reload(sheet.sourceOf(scenario), sheet.text(scenario));
  return { text: scenario, isAccepted: ok };
}

function pickAttribute(
  choices: Choices,
  sheet: Sheet,
  isWanted: (attribute: CheckedAttribute) => boolean,
): CheckedAttribute | undefined {
  const wanted = [...sheet.model.attributes.values()].filter(isWanted);
  return wanted.length === 0 ? undefined : choices.pick(wanted);
}

/** All cells, or along each axis all or one of its labels. */
function cellIndex(choices: Choices, axes: readonly Axis[]): CellIndex | undefined {
  if (axes.length === 0 || choices.once(3)) return undefined;
  const chosen = axes.filter(() => choices.once(2));
  return Object.fromEntries(chosen.map((axis) => [axis.name, choices.pick(axis.labels)]));
}

function isText(type: CheckedAttribute["type"]): boolean {
  return type?.kind === "word" && type.word === "text";
}

/** What a formula of `attribute` may read: the attributes before it that stand before it in the file. */
function surroundings(sheet: Sheet, attribute: CheckedAttribute): Surroundings {
  const { model } = sheet;
  const known: KnownAttribute[] = [];
  const loose = looseAttributes(sheet);
  for (const [id, other] of model.attributes) {
    if (id === attribute.id) break;
    const axes = other.axes.map(({ name }) => name);
    known.push({ id, axes, isText: isText(other.type), isLoose: loose.has(id) });
  }
  return {
    block: attribute.block,
    axes: attribute.axes.map(({ name }) => name),
    labels: new Map(
      [...model.axes, ...(model.time === undefined ? [] : [model.time])].map(({ name, labels }) => [
        name,
        labels,
      ]),
    ),
    ...(model.time === undefined ? {} : { time: model.time.name }),
    known,
  };
}

/** Everything that depends on a declared loop: its values are known within the loop's tolerance only. */
export function looseAttributes({ model }: Pick<Sheet, "model">): ReadonlySet<string> {
  const loose = new Set(model.loops.map(({ attribute }) => attribute));
  for (let size = -1; size !== loose.size; ) {
    size = loose.size;
    for (const attribute of [...model.attributes.values(), ...model.stocks]) {
      if (attribute.kind !== "formula") continue;
      const { formula } = attribute;
      const parts = [formula, formula.integral?.initial, formula.delay?.initial, formula.delay?.time];
      const references = parts.flatMap((part) => part?.references ?? []);
      if (references.some((reference) => loose.has(reference.attribute))) loose.add(attribute.id);
    }
  }
  return loose;
}
