/** Expected points: the module's factors must solve the equations they are defined by, the rest is a product. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root } from "../tidy/repository.ts";
import { numberAt, numbersOf, openExample } from "./example-sheet.ts";

interface Player {
  readonly id: string;
  readonly opponent: string;
  readonly minutes: number;
  readonly rate: number;
}

const folder = join(root, "docs/examples/points");
/** Imported by its path, as a model's `use` does: the examples belong to no package. */
const { defence }: { defence: (opponent: string) => number } = await import(join(folder, "opponent.ts"));
const players: Player[] = readFileSync(join(folder, "players.csv"), "utf8")
  .trim()
  .split("\n")
  .slice(1)
  .map((line) => {
    const [id = "", , opponent = "", minutes, rate] = line.split(",");
    return { id, opponent, minutes: Number(minutes), rate: Number(rate) };
  });

it("has 200 players, whose points are minutes × rate × defence", async () => {
  const sheet = await openExample("points");
  expect(players.length).toBe(200);
  const points = numbersOf(sheet, "game.points");
  players.forEach(({ minutes, rate, opponent }, i) => {
    expect(points[i]).toBeCloseTo(minutes * rate * defence(opponent), 10);
  });
  expect(numberAt(sheet, "round.total")).toBeCloseTo(
    points.reduce((sum, x) => sum + x, 0),
    8,
  );
  expect(numberAt(sheet, "round.best")).toBe(Math.max(...points));
});

it("the rotation rests everybody a tenth and two altogether", async () => {
  const sheet = await openExample("points");
  const [base, rotation] = [numbersOf(sheet, "game.points"), numbersOf(sheet, "game.points", "rotation")];
  players.forEach(({ id }, i) => {
    const share = id === "p017" || id === "p101" ? 0 : 0.9;
    expect(rotation[i]).toBeCloseTo((base[i] as number) * share, 10);
  });
});

it("the module's factors average to 1 and solve their own equations", () => {
  const source = readFileSync(join(folder, "opponent.ts"), "utf8");
  const clubs = Array.from(source.matchAll(/^ {2}"(\w+)",$/gm), (match) => match[1] as string);
  const conceded = Array.from(source.matchAll(/^ {2}\[([\d, ]+)\],$/gm), (match) =>
    (match[1] as string).split(",").map(Number),
  );
  expect(clubs.length).toBe(12);
  const own = clubs.map((club) => defence(club));
  const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
  const normalised = (values: readonly number[]) => values.map((x) => x / mean(values));
  const others = (i: number) => clubs.map((_, j) => j).filter((j) => j !== i);
  const attack = normalised(
    clubs.map((_, j) =>
      others(j).reduce((sum, i) => sum + (conceded[i]?.[j] as number) / (own[i] as number), 0),
    ),
  );
  const again = normalised(
    clubs.map((_, i) =>
      others(i).reduce((sum, j) => sum + (conceded[i]?.[j] as number) / (attack[j] as number), 0),
    ),
  );
  expect(mean(own)).toBeCloseTo(1, 12);
  again.forEach((value, i) => {
    expect(value).toBeCloseTo(own[i] as number, 12);
  });
  expect(defence("nobody")).toBe(1);
});
