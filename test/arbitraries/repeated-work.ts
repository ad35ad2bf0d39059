/**
 * Models in which the same work is written several times: random models (model.ts) with twins of their formulas, in the
 * same block and in another one, formulas that hold another's text as a part, constants, and checks that do both; and
 * models of which some blocks are copied whole, each copy reading copies where there are any.
 *
 * A seed is a list of numbers (see `Choices`), so a failing case shrinks.
 */
import fc from "fast-check";
import { Choices } from "./choices.ts";
import { literal } from "./formula-text.ts";
import type { ModelText } from "./model.ts";

export type RepeatSeed = readonly number[];

export const repeatSeed: fc.Arbitrary<RepeatSeed> = fc.array(fc.nat(999), { minLength: 60, maxLength: 60 });

interface Line {
  readonly block: string;
  readonly head: string;
  readonly name: string;
  readonly type: string;
  readonly text: string;
  readonly clauses: string;
}

/** The model with some of its work written again. Names stay of the kinds that random edits know. */
export function withRepeatedWork({ text, scenarios }: ModelText, seed: RepeatSeed): ModelText {
  const choices = new Choices(seed);
  const blocks = text.split(/\n(?=block )/);
  const owners = new Map<string, string>();
  for (const part of blocks.slice(1)) for (const name of namesOf(part)) owners.set(name, nameOf(part));
  let count = 100;
  const far: string[] = [];
  const near = blocks.slice(1).map((part) => {
    const constant = `f_${++count}`;
    const added = [`  ${constant} = ${literal(choices)} * 2`, `  f_${++count} = ${constant} + 1`];
    for (const line of linesOf(part)) {
      if (choices.once(2)) added.push(twin(line, `f_${++count}`));
      if (choices.once(2)) added.push(...partsOf(line, choices, () => `f_${++count}`));
      if (choices.once(3)) far.push(farTwin(line, part, `f_${++count}`, owners));
      if (choices.once(4) && line.clauses === "" && line.type === "")
        far.push(`check ${fullNames(line.text, owners)} < ${literal(choices)}`);
    }
    return `${part.trimEnd()}\n${added.join("\n")}\n`;
  });
  return { text: [blocks[0], ...near, ...far.map((one) => `${one}\n`)].join("\n"), scenarios };
}

/** The model with copies of some of its blocks, and scenarios that pin here and there in the copies. */
export function withCopiedBlocks({ text, scenarios }: ModelText, seed: RepeatSeed): ModelText {
  const choices = new Choices(seed.toReversed());
  const blocks = text.split(/\n(?=block )/).slice(1);
  const copied = blocks.filter(() => !choices.once(3));
  const isCopied = new Set(copied.map(nameOf));
  const copies = copied.map((block) => copyOf(block, isCopied));
  const exact = copies.flatMap((copy) =>
    linesOf(copy).flatMap(({ block, name, type }) => (type === "" ? [`${block}.${name}`] : [])),
  );
  return {
    text: [text.trimEnd(), "", ...copies].join("\n"),
    scenarios: scenarios.map((scenario) => {
      const pins = exact.filter(() => choices.once(8)).map((name) => `  pin ${name} = ${literal(choices)}\n`);
      return { ...scenario, text: `${scenario.text}${pins.join("")}` };
    }),
  };
}

/** The formulas and loops of a block under another name; inputs are those of the block. */
function copyOf(block: string, isCopied: ReadonlySet<string>): string {
  const own = nameOf(block);
  const lines = block.split("\n").filter((line) => !/^ {2}input |^check /.test(line));
  return lines
    .join("\n")
    .replace(/^block /, "block copy_")
    .replaceAll(/(?<![\w.])in_\d+(?!\w)/g, (name) => `${own}.${name}`)
    .replaceAll(/(?<![\w.])(\w+)\.(?!in_)(?=[a-z])/g, (whole, read: string) =>
      isCopied.has(read) ? `copy_${whole}` : whole,
    );
}

function nameOf(block: string): string {
  return /^block (\w+)/.exec(block)?.[1] as string;
}

function namesOf(block: string): string[] {
  return [...block.matchAll(/^ {2}(?:input )?(\w+)(?:: \w+)? =/gm)].map((match) => match[1] as string);
}

/** The formulas of a block that are not members of a loop. */
function linesOf(block: string): Line[] {
  const head = block.split("\n")[0] as string;
  return [...block.matchAll(/^ {2}([fr]_\d+)(: \w+)? = (.*?)( {3}(?:start|end) .*)?$/gm)].map((match) => ({
    block: nameOf(block),
    head,
    name: match[1] as string,
    type: match[2] ?? "",
    text: match[3] as string,
    clauses: match[4] ?? "",
  }));
}

function twin({ name, type, text, clauses }: Line, other: string): string {
  return `  ${other}${type} = ${renamed(text, name, other)}${clauses}`;
}

/** Formulas that have the line's text inside: once plainly, once beside another, once twice. */
function partsOf({ name, type, text, clauses }: Line, choices: Choices, next: () => string): string[] {
  if (type !== "" || clauses !== "" || text.includes(name)) return [];
  const wrapped = `(${text})`;
  return [
    `  ${next()} = ${wrapped} * 2 + ${literal(choices)}`,
    `  ${next()} = ${literal(choices)} - ${wrapped}`,
    `  ${next()} = IFERROR(${wrapped} + 1, ${wrapped} + 2)`,
    // A truth value counts as an argument and not as a cell.
    `  ${next()} = SUM(${wrapped} > 1, 2) + (${wrapped} > 1)`,
  ].slice(choices.below(2));
}

/** The line again in a block of its own with the same axes. */
function farTwin(line: Line, part: string, other: string, owners: ReadonlyMap<string, string>): string {
  const head = (part.split("\n")[0] as string).replace(/^block \w+/, `block far_${other}`);
  const text = fullNames(renamed(line.text, line.name, other), owners);
  return `${head}\n  ${other}${line.type} = ${text}${line.clauses}`;
}

function renamed(text: string, name: string, other: string): string {
  return text.replaceAll(new RegExp(`(?<![\\w.])${name}(?!\\w)`, "g"), other);
}

function fullNames(text: string, owners: ReadonlyMap<string, string>): string {
  return text.replaceAll(/(?<![\w."])([a-z]+_\w+)(?![\w.(])/g, (name) => {
    const owner = owners.get(name);
    return owner === undefined ? name : `${owner}.${name}`;
  });
}
