import { describe, expect, it } from "vitest";
import { cutTo, foldCandidates, foldColumns, foldRows, layTable, tablePieces } from "./text-table.ts";

describe("foldColumns", () => {
  it("[CL12] shows all columns that fit, else the first ones, a fold and the last", () => {
    expect(foldColumns([3, 3, 3], 15).shown).toEqual([0, 1, 2]);
    expect(foldColumns([3, 3, 3, 3, 3], 18).shown).toEqual([0, 1, null, 4]);
    expect(foldColumns([3, 3, 3, 3, 3], 12).shown).toEqual([null, 4]);
    expect(foldColumns([50], 10).shown).toEqual([0]);
    expect(foldColumns([], 10).shown).toEqual([]);
  });

  it("folds nothing for the sake of a fold as wide as what it hides", () => {
    expect(foldColumns([3, 1, 3], 13).shown).toEqual([0, 1, 2]);
  });

  it("never needs more room than there is, as long as one column and the fold fit", () => {
    for (let room = 12; room < 80; room++) {
      const widths = Array.from({ length: 20 }, (_, i) => 3 + (i % 5));
      const { shown } = foldColumns(widths, room);
      const needed = shown.reduce<number>(
        (sum, at) => sum + 2 + (at === null ? 1 : (widths[at] as number)),
        0,
      );
      expect(needed).toBeLessThanOrEqual(room);
    }
  });
});

describe("foldCandidates", () => {
  it("[CL12] leaves out only what would be folded away", () => {
    const widths = Array.from({ length: 60 }, (_, i) => 1 + ((i * 7) % 5));
    for (let count = 0; count <= 60; count++) {
      for (let room = 0; room <= 200; room += 3) {
        const all = widths.slice(0, count);
        const candidates = foldCandidates(count, room);
        const { shown } = foldColumns(
          candidates.map((at) => all[at] as number),
          room,
        );
        expect(shown.map((at) => (at === null ? null : candidates[at]))).toEqual(
          foldColumns(all, room).shown,
        );
      }
    }
  });

  it("are few, however many columns there are, and all where nothing is folded", () => {
    expect(foldCandidates(1_000_000, 80)).toHaveLength(28);
    expect(foldCandidates(1_000_000, 80).at(-1)).toBe(999_999);
    expect(foldCandidates(50, Number.POSITIVE_INFINITY)).toHaveLength(50);
  });
});

describe("foldRows", () => {
  it("keeps the first rows and the last few", () => {
    expect(foldRows(4, 5).shown).toEqual([0, 1, 2, 3]);
    expect(foldRows(100, 6).shown).toEqual([0, 1, 2, 3, null, 99]);
    expect(foldRows(100, Number.POSITIVE_INFINITY).shown).toHaveLength(100);
  });
});

describe("layTable", () => {
  it("[CL13] aligns values to the right under their headers", () => {
    const lines = [
      { label: "  price", cells: ["20.00", "1,020.00"] },
      { label: "  churn rate", cells: [] },
    ];
    expect(layTable(["2026-01", "2026-02"], lines, 80)).toEqual([
      "              2026-01   2026-02",
      "  price         20.00  1,020.00",
      "  churn rate",
    ]);
  });

  it("counts wide characters as two cells", () => {
    const lines = [
      { label: "東京", cells: ["1"] },
      { label: "ab", cells: ["2"] },
    ];
    expect(layTable(["x"], lines, 80)).toEqual(["      x", "東京  1", "ab    2"]);
    expect(cutTo("東京都", 5)).toBe("東京…");
  });

  it("puts a fold into every line with values", () => {
    const lines = [{ label: "a", cells: ["1", "2", "3", "4"] }];
    expect(layTable(["h1", "h2", "h3", "h4"], lines, 13)).toEqual(["   h1  …  h4", "a   1  …   4"]);
  });

  it("makes a text when it is written, and asks for no more than widths before", () => {
    const columns = 100_000;
    const asked: number[] = [];
    const cells = {
      length: columns,
      textAt: (at: number) => {
        asked.push(at);
        return at % 3 === 0 ? "" : `${at}`;
      },
      widthAt: () => 7,
    };
    const header = { length: columns, textAt: () => "", widthAt: () => 0 };
    const pieces = tablePieces({ header, lines: () => [{ label: "a", cells }] }, Number.POSITIVE_INFINITY);
    const [first = "", ...others] = [pieces.next().value, pieces.next().value] as string[];
    expect(first.slice(0, 30)).toBe(
      `a${" ".repeat(17)}1        2${" ".repeat(2)}`.trimEnd().padEnd(30).slice(0, 30),
    );
    expect(asked.length).toBeLessThan(columns / 5);
    const rest = [...others, ...pieces];
    expect(Math.max(first.length, ...rest.map(({ length }) => length))).toBeLessThan(40_000);
    const line = [first, ...rest].join("");
    expect(line).toHaveLength(1 + columns * 9 - 9 + 1);
    expect(line.endsWith("   99998\n")).toBe(true);
  });
});
