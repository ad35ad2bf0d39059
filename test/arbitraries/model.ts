/**
 * Random models with scenarios, as text. A model is right by construction (it parses, checks and opens), small, and
 * has a bit of everything: axes, time, inputs in every form, formulas that read across blocks and axes, recurrences
 * forward and backward, a pair that feeds back over one period, declared loops that contract, errors and texts.
 *
 * A seed is lists of numbers (see `Choices`), so a failing case shrinks to few attributes with simple formulas.
 */
import fc from "fast-check";
import { Choices } from "./choices.ts";
import { exactTerm, formulaText, type KnownAttribute, literal, type Surroundings } from "./formula-text.ts";

export interface ModelSeed {
  readonly axes: readonly number[];
  /** One list an attribute or group of attributes. */
  readonly attributes: readonly (readonly number[])[];
  /** One list a scenario; a list's numbers are its overrides. */
  readonly scenarios: readonly (readonly number[])[];
}

export interface ModelText {
  readonly text: string;
  readonly scenarios: readonly { readonly source: string; readonly text: string }[];
}

/** Always as many as are wanted, so that decisions do not run out; a case shrinks by its numbers becoming 0. */
const numbers = (count: number): fc.Arbitrary<number[]> =>
  fc.array(fc.nat(999), { minLength: count, maxLength: count });

export const modelSeed: fc.Arbitrary<ModelSeed> = fc.record({
  axes: numbers(6),
  attributes: fc.array(numbers(18), { minLength: 1, maxLength: 14, size: "max" }),
  scenarios: fc.array(numbers(40), { maxLength: 2 }),
});

interface Written {
  readonly labels: Map<string, readonly string[]>;
  readonly time: string | undefined;
  readonly blocks: { readonly name: string; readonly axes: readonly string[]; readonly lines: string[] }[];
  readonly known: KnownAttribute[];
  readonly inputs: { readonly id: string; readonly axes: readonly string[] }[];
}

/** The texts that a seed stands for. */
export function modelText(seed: ModelSeed): ModelText {
  const choices = new Choices(seed.axes);
  const segments = ["north", "south", "west"].slice(0, choices.below(4));
  const kinds = ["plain", "fancy"].slice(0, choices.below(3));
  const time = timeOf(choices);
  const written: Written = {
    labels: new Map(),
    time: time?.axis,
    blocks: [],
    known: [],
    inputs: [],
  };
  const head = ["model random", ""];
  if (time !== undefined) {
    head.push(`time ${time.axis} ${time.labels[0]}..${time.labels.at(-1)}`);
    written.labels.set(time.axis, time.labels);
  }
  for (const [axis, members] of [
    ["segment", segments],
    ["kind", kinds],
  ] as const) {
    if (members.length === 0) continue;
    head.push(`axis ${axis} = ${members.join(", ")}`);
    written.labels.set(axis, members);
  }
  for (const attribute of seed.attributes) addAttributes(new Choices(attribute), written);
  const body = written.blocks.map(
    ({ name, axes, lines }) =>
      `\nblock ${name}${axes.length > 0 ? ` by ${axes.join(", ")}` : ""}\n${lines.map((line) => `  ${line}\n`).join("")}`,
  );
  const scenarios = seed.scenarios.map((overrides, i) => scenarioText(new Choices(overrides), i, written));
  return { text: `${head.join("\n")}\n${body.join("")}`, scenarios };
}

/**
 * No time, a few months, some years of months, or so many steps that recurrences run in several pieces and sums in
 * several blocks.
 */
function timeOf(choices: Choices): { axis: string; labels: string[] } | undefined {
  const months = choices.below(8);
  if (months === 0) return undefined;
  if (choices.once(20)) return { axis: "step", labels: Array.from({ length: 300 }, (_, i) => `${i}`) };
  const label = (i: number) => `${2026 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, "0")}`;
  const count = choices.once(4) ? months * 6 : months;
  return { axis: "month", labels: Array.from({ length: count }, (_, i) => label(i)) };
}

/** Adds an attribute, or a group that belongs together, to the last block or to one begun for it. */
function addAttributes(choices: Choices, written: Written): void {
  const kind = choices.below(8);
  let block = written.blocks.at(-1);
  if (block === undefined || choices.once(3)) {
    const axes = [...written.labels.keys()].filter(() => choices.once(2));
    block = { name: `block_${written.blocks.length}`, axes, lines: [] };
    written.blocks.push(block);
  }
  const at: Surroundings = {
    block: block.name,
    axes: block.axes,
    labels: written.labels,
    ...(written.time === undefined ? {} : { time: written.time }),
    known: written.known,
  };
  const count = written.known.length;
  const hasTime = written.time !== undefined && block.axes.includes(written.time);
  if (kind <= 2) addInput(choices, `in_${count}`, at, block.lines, written);
  else if (kind === 6 && hasTime) addRecurrence(choices, `r_${count}`, at, block.lines, written);
  else if (kind === 7) addLoop(choices, `l_${count}`, at, block.lines, written);
  else {
    const { text, isText, isLoose } = formulaText(choices, at);
    block.lines.push(`f_${count}${isText ? ": text" : ""} = ${text}`);
    written.known.push({ id: `${block.name}.f_${count}`, axes: block.axes, isText, isLoose });
  }
}

function addInput(choices: Choices, name: string, at: Surroundings, lines: string[], written: Written): void {
  const isText = choices.once(8);
  const id = `${at.block}.${name}`;
  const value = isText ? `"${choices.pick(["north", "a b", ""])}"` : inputValue(choices, at, at.axes);
  lines.push(`input ${name}${isText ? ": text" : ""} = ${value}`);
  written.known.push({ id, axes: at.axes, isText, isLoose: false });
  if (!isText) written.inputs.push({ id, axes: at.axes });
}

/** A scalar, a member list for the first axis, or a list along time. */
function inputValue(choices: Choices, at: Surroundings, axes: readonly string[]): string {
  const [axis, ...rest] = axes.toSorted((a, b) => Number(a === at.time) - Number(b === at.time));
  if (axis === undefined || !choices.once(2)) return literal(choices);
  const labels = at.labels.get(axis) as readonly string[];
  if (axis === at.time) return `[${labels.map(() => literal(choices)).join(", ")}]`;
  return `{ ${labels.map((label) => `${label}: ${inputValue(choices, at, rest)}`).join(", ")} }`;
}

/** A stock with its flow, forward or backward, or a pair of which one reads the other a period ago. */
function addRecurrence(
  choices: Choices,
  name: string,
  at: Surroundings,
  lines: string[],
  written: Written,
): void {
  const exact: Surroundings = { ...at, known: at.known.filter(({ isLoose }) => !isLoose) };
  const flow = formulaText(choices, exact);
  // A clause of the flow would belong to the whole formula: only plain flows can be added to.
  const added = flow.isText || /\b(?:start|end)\b/.test(flow.text) ? literal(choices) : `(${flow.text})`;
  const id = `${at.block}.${name}`;
  switch (choices.below(3)) {
    case 0:
      lines.push(`${name} = ${name}[t-1] * 0.5 + ${added}   start ${literal(choices)}`);
      break;
    case 1:
      lines.push(`${name} = ${name}[t+1] * 0.25 + ${added}   end ${literal(choices)}`);
      break;
    default:
      lines.push(`${name}_before = ${name}[t-1]   start ${literal(choices)}`);
      lines.push(`${name} = ${name}_before - MIN(${name}_before, ${added}) / 2`);
      written.known.push({ id: `${id}_before`, axes: at.axes, isText: false, isLoose: false });
  }
  written.known.push({ id, axes: at.axes, isText: false, isLoose: false });
}

/** Two attributes that need each other within one cell; the feedback is a fifth, so iteration settles. */
function addLoop(choices: Choices, name: string, at: Surroundings, lines: string[], written: Written): void {
  lines.push(`${name}_cost = ${name} * 0.4 + ${literal(choices)}`);
  lines.push(`${name} = ${exactTerm(choices, at)} - ${name}_cost * 0.5`);
  lines.push(`loop ${name}  start ${literal(choices)}  tolerance 0.00000000001  limit 200`);
  for (const id of [`${at.block}.${name}_cost`, `${at.block}.${name}`]) {
    written.known.push({ id, axes: at.axes, isText: false, isLoose: true });
  }
}

function scenarioText(choices: Choices, i: number, written: Written): { source: string; text: string } {
  const name = `scenario_${i}`;
  const lines = [`scenario ${name} of random${i > 0 && choices.once(2) ? " extends scenario_0" : ""}`];
  for (const { id, axes } of written.inputs) {
    if (!choices.once(2)) continue;
    const operator = choices.pick(["=", "*=", "+=", "-="]);
    lines.push(`  ${id} ${operator} ${literal(choices)}`);
    if (axes.length === 0 || !choices.once(2)) continue;
    const axis = choices.pick(axes);
    const labels = written.labels.get(axis) as readonly string[];
    // The narrow override must be narrower than the wide one above it.
    if (labels.length < 2) continue;
    const label = labels[1 + choices.below(labels.length - 1)] as string;
    const index = axis === written.time && choices.once(2) ? `${label}..` : label;
    lines.push(`  ${id}[${index}] ${choices.pick(["=", "+="])} ${literal(choices)}`);
  }
  for (const { id, isText, isLoose } of written.known) {
    const isFormula = !isText && !isLoose && /\.[fr]_\d+$/.test(id);
    if (isFormula && choices.once(6)) lines.push(`  pin ${id} = ${literal(choices)}`);
  }
  return { source: `${name}.reckon`, text: `${lines.join("\n")}\n` };
}
