/**
 * Joint functions of many members in chunks: functions above a certain size are never optimised, so the blocks of a period
 * are written as several functions, each with some of them.
 *
 *   chunk0 = (w, N, m, t, from, Z) => {          walk: for (t …) {
 *     let c0 = Z[0], e0 = Z[1], p = 0;              p = chunk0(w, N, m, t, from, Z);
 *     const x4 = n4[b0 + t], …;                     if (p < 0) p = chunk1(…);
 *     walk: { blocks; p = -1; }                     what changed is taken from Z
 *     Z[0] = c0; Z[1] = e0;                         if (p >= 0) break walk;
 *     return p;                                     …
 *   };
 *
 * A member that another chunk computes is read from its column, which holds the newest value.
 */
import type { LoopJoint } from "./loop-part.ts";

/** Blocks of so much text make a function. */
const chunkLength = 8_000;

interface ChunkRequest {
  /** The lines of each block. */
  readonly blocks: readonly (readonly string[])[];
  readonly joint: LoopJoint;
  readonly words: number;
  /** The place of a word of the tables of bits, behind `t * words`. */
  readonly pad: (word: number) => number;
}

interface WrittenChunks {
  /** Functions and tables, made once. */
  readonly made: readonly string[];
  /** In place of the blocks of a period. */
  readonly lines: readonly string[];
}

/** Nothing where the blocks are small enough for one function. */
export function writeChunks(request: ChunkRequest): WrittenChunks | undefined {
  const chunks: string[][] = [[]];
  let length = 0;
  for (const block of request.blocks) {
    if (length > chunkLength) {
      chunks.push([]);
      length = 0;
    }
    chunks.at(-1)?.push(...block);
    for (const line of block) length += line.length;
  }
  if (chunks.length === 1) return undefined;
  const { words } = request;
  const all = [...Array(words).keys()];
  const calls = chunks.map((_, i) => `${i === 0 ? "" : "if (p < 0) "}p = chunk${i}(w, N, m, t, from, Z);`);
  return {
    made: [
      `const Z = new Int32Array(${2 * words});`,
      ...chunks.flatMap((lines, i) => chunkCode(request, lines, i)),
    ],
    lines: [
      "Z.fill(0);",
      ...calls,
      ...all.map((i) => `c${i} = Z[${i}]; e${i} = Z[${words + i}];`),
      "if (p >= 0) break walk;",
    ],
  };
}

function chunkCode({ joint, words, pad }: ChunkRequest, lines: readonly string[], number: number): string[] {
  const all = [...Array(words).keys()];
  return [
    `const chunk${number} = (w, N, m, t, from, Z) => {`,
    "const D = w.dirty, C = w.changed;",
    ...all.map((i) => `const d${i} = D[t * ${words} + ${pad(i)}], f${i} = w.fresh[${i}];`),
    ...all.map((i) => `let c${i} = Z[${i}], e${i} = Z[${words + i}];`),
    "let p = 0;",
    ...namesOf(joint, lines),
    "walk: {",
    ...lines,
    "p = -1;",
    "}",
    ...all.map((i) => `Z[${i}] = c${i}; Z[${words + i}] = e${i};`),
    "return p;",
    "};",
  ];
}

/**
 * What statements name and do not make: columns, places in them, and members as they stand in their columns. `variables`:
 * members that the caller declares from their columns.
 */
export function namesOf(
  joint: LoopJoint,
  lines: readonly string[],
  variables: readonly number[] = [],
): string[] {
  const text = lines.join("\n");
  const used = (letter: string): Set<string> => new Set(text.match(new RegExp(`\\b${letter}\\d+\\b`, "g")));
  const made = new Set([...text.matchAll(/\blet (x\d+) =/g)].map(([, name]) => name as string));
  const still = [...used("x")].filter((name) => !made.has(name));
  const columns = used("n");
  for (const name of still) columns.add(`n${name.slice(1)}`);
  for (const index of variables) columns.add(`n${index}`);
  const places = used("b").add("b0");
  return [
    ...[...columns].map((name) => `const ${name} = N[${name.slice(1)}];`),
    ...joint.memberLines.filter((line) => places.has(/^const (\w+)/.exec(line)?.[1] ?? "")),
    ...still.map((name) => `const ${name} = n${name.slice(1)}[b0 + t];`),
  ];
}
