/**
 * Random batches: a model over a table axis, its rows, a side table, a scenario, and how the rows are cut into chunks.
 *
 * Formulas read the attributes before them in their block, so every draw is a model that checks. Lines that read across entities
 * are marked: a sheet with one entity alone cannot have them.
 */
import type { Scalar } from "@reckon/value";
import fc from "fast-check";

export interface BatchCase {
  /** The lines of the model. */
  readonly lines: readonly BatchLine[];
  readonly scenario: string | undefined;
  readonly sets: readonly string[];
  readonly rows: readonly EntityRow[];
  /** Sizes of the chunks, taken in turn. */
  readonly cuts: readonly number[];
}

interface BatchLine {
  readonly text: string;
  readonly isAcross?: boolean;
}

export interface EntityRow {
  readonly key: string;
  readonly x: Scalar;
  readonly y: Scalar;
  readonly name: Scalar;
  /** Of the side table, by period. */
  readonly adds: readonly [number, number];
}

/** Of the file of entities. */
export const entityColumns = ["id", "x", "y", "name"] as const;

const number = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -4, max: 40 }) },
  { weight: 2, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(0, -0, 0.1, 1e-300) },
);
const cell: fc.Arbitrary<Scalar> = fc.oneof(
  { weight: 6, arbitrary: number },
  { weight: 1, arbitrary: fc.constantFrom<Scalar>(null, true, "none", "12") },
);

/** Of an entity: `$a` and `$b` stand for attributes before, in the block or of the table. */
const entityFormulas = [
  "$a + $b * league.rate",
  "$a - $b",
  "1 / $a",
  "SQRT($a)",
  "IF($a > $b, $a, levels.from[low])",
  "IFERROR($a / $b, -1)",
  "MIN($a, $b, 3)",
  'player.name & "/" & MEMBER(player)',
  "ROUND($a, 2) + f.twice($b)",
  "f.picky($a)",
  "SUM($a, $b)",
  "$a * f.base()",
  'IF(MEMBER(player) = "p1", $a, $b)',
  "LEN(player.name) + $a",
  "player.name & league.word",
  "league.owing * $a",
] as const;

/** These may only name attributes of the block. */
const acrossFormulas = [
  "$a[p0] + 1",
  "$a / sum(game.factor over player)",
  "MEMBER_INDEX(player) * $a",
] as const;

/** Over entities and months; `$own` is the attribute itself. */
const monthFormulas = [
  "$a * PERIOD_INDEX()",
  "$own[t-1] + $a start $b",
  "$own[t-1] * 0.5 + side.adds start $a",
  "side.adds + $a",
  "paths.path * $b",
  "paths.stock + paths.grown * $a",
  "integral(paths.stock * $a) start paths.grown",
  "integral($a - paths.path) start $b",
  "SMOOTH($a * PERIOD_INDEX(), 2)",
  "DELAY1($a + paths.path, 2)",
] as const;

const everyone = Array.from({ length: 12 }, (_, i) => `p${i}: ${i % 4}`).join(", ");

/** One of each may be in a scenario: of one attribute, the wider stand before the narrower. */
const overrides = [
  ["game.factor = 0.5", "game.factor *= 3", `game.factor = { ${everyone} }`],
  ["game.factor[p1] = 7", "game.factor[p2] += 1"],
  ["pin game.g0 = 2", "pin game.g0[p3] = 1"],
  ["league.base = 3", "league.base *= 2", "pin league.rate = 9"],
  ["levels.from[low] = 5", "pin paths.path[2026-02] = 4"],
] as const;

const scenario: fc.Arbitrary<string | undefined> = fc
  .tuple(...overrides.map((some) => fc.option(fc.constantFrom<string>(...some), { freq: 2 })))
  .map((chosen) => {
    const lines = chosen.filter((line) => line !== null);
    if (lines.length === 0) return undefined;
    return `scenario other of points\n${lines.map((line) => `  ${line}\n`).join("")}`;
  });

const seeds = fc.record({
  formula: fc.nat(),
  a: fc.nat(),
  b: fc.nat(),
  isAcross: fc.boolean(),
});

export const batchCase: fc.Arbitrary<BatchCase> = fc
  .record({
    game: fc.array(seeds, { minLength: 1, maxLength: 6 }),
    months: fc.array(seeds, { maxLength: 3 }),
    hasClub: fc.boolean(),
    hasLoop: fc.boolean(),
    hasAcross: fc.boolean(),
    scenario: fc.oneof(fc.constant(undefined), scenario),
    isSet: fc.boolean(),
    cells: fc.array(fc.tuple(cell, cell, fc.constantFrom<Scalar>("Ann", "Bo", "", null), number, number), {
      minLength: 1,
      maxLength: 12,
    }),
    cuts: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
  })
  .map(({ cells, cuts, isSet, scenario: written, ...parts }) => ({
    lines: linesOf(parts),
    scenario: written,
    sets: isSet ? ["league.base=1.25", "game.factor[p1]=4"] : [],
    rows: cells.map(([x, y, name, first, second], i) => ({
      key: `p${i}`,
      x,
      y,
      name,
      adds: [first, second] as const,
    })),
    cuts,
  }));

interface Seed {
  readonly formula: number;
  readonly a: number;
  readonly b: number;
  readonly isAcross: boolean;
}

interface ModelParts {
  readonly game: readonly Seed[];
  readonly months: readonly Seed[];
  readonly hasClub: boolean;
  readonly hasLoop: boolean;
  readonly hasAcross: boolean;
}

const head = `model points
use "./work.js" as f
time month 2026-01..2026-02
axis player = table("players.csv", key id)
axis level = low, high
axis club = A, B
block league
  input base = 2
  rate = base * f.base() + 0.1
  unused = base + 1
  word: text = IF(base > 2, "high", "low")
  debt = 5 + 0.25 * owing
  owing = debt * 0.5 + base
  loop debt tolerance 0.0000000001
block levels by level
  input from = { low: 1, high: 2 }
block paths by month
  path = league.rate * PERIOD_INDEX()
  grown = grown[t-1] + path start league.base
  stock = integral(path) start 1
block side by player, month
  input adds = table("adds.csv", by player, month, value adds)
block game by player
  input factor = 2`;

const loop = `  owed = 10 + 0.3 * kept + factor
  kept = owed * 0.5
  behind = kept + 1
  loop owed start 1 tolerance 0.0000000001`;

const club = `block wide by club, player, month
  each = game.g0 * MEMBER_INDEX(club) + PERIOD_INDEX()`;

function linesOf({ game, months, hasClub, hasLoop, hasAcross }: ModelParts): BatchLine[] {
  const written: BatchLine[] = [];
  const known = ["player.x", "player.y", "factor"];
  for (const [i, seed] of game.entries()) {
    const name = `g${i}`;
    if (hasAcross && seed.isAcross && i > 0)
      written.push({ text: `  ${name} = ${filled(acrossFormulas, seed, known.slice(2))}`, isAcross: true });
    else {
      written.push({ text: `  ${name} = ${filled(entityFormulas, seed, known)}` });
      known.push(name);
    }
  }
  const full = known.map((each) => (each.includes(".") ? each : `game.${each}`));
  const flows = months.map((seed, i) => ({
    text: `  m${i} = ${filled(monthFormulas, seed, full).replaceAll("$own", `m${i}`)}`,
  }));
  return [
    ...linesIn(head),
    ...written,
    ...(hasLoop ? linesIn(loop) : []),
    { text: "block flow by player, month" },
    ...flows,
    ...(hasClub ? linesIn(club) : []),
    { text: 'check game.factor < 4  "Factors are small"' },
    ...(hasAcross ? [{ text: 'check sum(game.factor over player) > 0  "Some play"', isAcross: true }] : []),
  ];
}

function linesIn(text: string): BatchLine[] {
  return text.split("\n").map((line) => ({ text: line }));
}

function filled(formulas: readonly string[], { formula, a, b }: Seed, known: readonly string[]): string {
  return (formulas[formula % formulas.length] as string)
    .replaceAll("$a", known[a % known.length] as string)
    .replaceAll("$b", known[b % known.length] as string);
}
