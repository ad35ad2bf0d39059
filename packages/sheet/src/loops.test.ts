import { describe, expect, it } from "vitest";
import { hostOf, opened } from "./fixtures/models.ts";

/** x = k · x + 1 in each month; where k is large a switch that no value satisfies takes its place. */
const feedback = `model feedback
time month 2026-01..2026-04
block b by month
  input k = [0.1, 0.99, 0.1, 0.1]
  input first = 3
  x: USD = IF(k > 0.5, IF(y > 1, 0, 2), k * y + 1)
  y: USD = x
  loop x  start first * 2  tolerance 0.001 USD  limit 6
  z = y * 2
  sum_z = sum_z[t-1] + z   start 0
block c
  total = sum(b.z over month)
  early = b.z[2026-01]
`;

const solvedLater = "scenario solved of feedback\n  b.k = 0.1\n";

function rangesOf(sheet: ReturnType<typeof opened>, scenario?: string): Record<string, string> {
  return Object.fromEntries(
    [...sheet.unconverged(scenario)].map(([id, ranges]) => [
      id,
      ranges.map(({ from, to }) => `${from}..${to}`).join(" "),
    ]),
  );
}

describe("loops of a sheet", () => {
  it("[FP13] forget the solves of each member when all are solved at once", () => {
    const text = (read: string) =>
      `model m\naxis s = A, B\ntime step 0..1\nblock b by s, step\n  i = ${read}\n  c = i + 1\n  loop c\n` +
      "block t by step\n  x = sum(b.c over s)\n";
    const apart = text("c");
    const joined = text("c * 0.5 + t.x[t-1] * 0.1  start 0");
    const sheet = opened(apart);
    for (const model of [joined, apart, joined]) {
      expect(sheet.reload("model.reckon", model).ok).toBe(true);
      const told = (of: typeof sheet) => of.loops().map(({ at, verdict }) => [at, verdict]);
      expect(told(sheet)).toEqual(told(opened(model)));
      expect(rangesOf(sheet)).toEqual(rangesOf(opened(model)));
    }
    expect(rangesOf(sheet)).toEqual({});
  });

  it("[IN14] say it where a step within a period was not solved, though its beginning was", () => {
    const sheet = opened(
      "model m\ntime step 0..2  dt 0.5\nblock b by step\n  level = integral(1 + 0 * x)  start 0\n" +
        "  x = IF(MOD(level, 1) > 0.25, IF(y > 1, 0, 2), y / 2)\n  y = x\n  loop x\n",
    );
    expect(sheet.loops().map(({ at, verdict }) => [at[0], verdict])).toEqual([
      ["0", "switching"],
      ["1", "switching"],
      ["2", "converged"],
    ]);
  });

  it("[FP28] with functions of modules start cold: these may make steps", () => {
    const host = hostOf({}, { module: () => ({ half: (x: unknown) => Math.round((x as number) * 4) / 8 }) });
    const started = (uses: string, half: string) => {
      const sheet = opened(`model m\n${uses}block b\n  input q = 3\n  x = ${half} + q\n  loop x  warm\n`, {
        host,
      });
      expect(sheet.loops().map(({ start }) => start)).toEqual(["cold"]);
      expect(sheet.set("b.q", 4).ok).toBe(true);
      expect(sheet.loops().map(({ verdict }) => verdict)).toEqual(["converged"]);
      return sheet.loops()[0]?.start;
    };
    expect(started("", "x / 2")).toBe("warm");
    expect(started('use "./f.ts" as f\n', "f.half(x)")).toBe("cold");
  });

  it("[FP5] say by how much the steps of a diverging one grow, unless they leave the numbers at once", () => {
    const sheet = opened(
      "model m\nblock b\n  x = 3 * y + 1\n  y = x\n  loop x  method plain\n" +
        "block c\n  x = 2 * y + 1\n  y = x * x\n  loop x  start 1000000\n" +
        "block d\n  x = y + 1\n  y = x\n  loop x\n",
    );
    const detail = (id: string): string => (sheet.get(id) as { detail?: string }).detail ?? "";
    expect(detail("b.x")).toMatch(
      /^does not converge: .* without end, each 3 times the one before \(\d+ iterations\)$/,
    );
    expect(detail("d.x")).toMatch(
      /^does not converge: .*, each as long as the one before \(\d+ iterations\)$/,
    );
    expect(detail("c.x")).toMatch(/^does not converge: .* without end \(\d+ iterations\)$/);
  });

  it("[SH6] tell their members, their place, and how they are declared", () => {
    const sheet = opened(feedback);
    const loops = sheet.loops();
    expect(loops.map(({ at }) => at)).toEqual([["2026-01"], ["2026-02"], ["2026-03"], ["2026-04"]]);
    expect(loops.map(({ verdict }) => verdict === "converged")).toEqual([true, false, true, true]);
    expect(loops[1]).toMatchObject({
      loop: "b.x",
      period: 1,
      attributes: expect.arrayContaining(["b.x", "b.y"]) as unknown,
      settings: {
        cuts: [{ attribute: "b.x", start: "first * 2" }],
        toleranceAbsolute: 0.001,
        iterationsMax: 6,
        method: "auto",
      },
    });
  });

  it("[SH37] tell in full where one began, what it gave, and how exact it had to be", () => {
    const sheet = opened(feedback);
    const outcome = sheet.loops()[1];
    if (outcome === undefined) throw new Error("the loop has no record");
    const solve = sheet.loopSolve(outcome);
    const value = sheet.get("b.x", { month: "2026-02" });
    expect(solve).toMatchObject({
      unit: "USD",
      cuts: [{ attribute: "b.x", at: ["2026-02"], start: 6, value }],
    });
    expect(solve.tolerance).toBeCloseTo(0.001 + 1e-9 * Number(value), 12);
  });

  it("[SH37] tell no first guess of a solve that began at the solution before", () => {
    const text = "model w\nblock b\n  input k = 0.5\n  x = k * y + 1\n  y = x\n  loop x start 3\n";
    const sheet = opened(text).reopen({ loops: { start: "warm" } });
    expect(sheet.why("b.x").loop).toMatchObject({ start: "cold", cuts: [{ start: 3 }] });
    sheet.set("b.k", 0.6);
    const { loop } = sheet.why("b.x");
    expect(loop?.start).toBe("warm");
    expect(loop?.cuts).toHaveLength(1);
    expect(loop?.cuts[0]).not.toHaveProperty("start");
    expect(sheet.get("b.x")).toBeCloseTo(2.5, 8);
  });

  it("[SH38] mark what is in, or behind, a solve that did not converge, in each scenario for itself", () => {
    const sheet = opened(feedback, { scenarios: [solvedLater] });
    expect(rangesOf(sheet)).toEqual({
      "b.x": "1..2",
      "b.y": "1..2",
      "b.z": "1..2",
      "b.sum_z": "1..4",
      "c.total": "0..1",
    });
    expect(rangesOf(sheet, "solved")).toEqual({});
    sheet.set("b.k", 0.1, { month: "2026-02" });
    expect(rangesOf(sheet)).toEqual({});
  });

  it("[SH38] are explained cell by cell: by which way the value depends on the loop", () => {
    const sheet = opened(feedback);
    const way = (id: string, month?: string) =>
      sheet
        .why(id, month === undefined ? {} : { month })
        .unconverged?.map(({ attribute, at }) => `${attribute} ${at.join(" ")}`.trim());
    expect(way("b.x", "2026-02")).toEqual(["b.x 2026-02"]);
    expect(way("c.total")).toEqual(["c.total", "b.z 2026-02", "b.y 2026-02"]);
    expect(way("b.sum_z", "2026-03")).toEqual([
      "b.sum_z 2026-03",
      "b.sum_z 2026-02",
      "b.z 2026-02",
      "b.y 2026-02",
    ]);
    expect([way("c.early"), way("b.z", "2026-03"), way("b.k", "2026-02")]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(sheet.why("b.y", { month: "2026-02" }).loop).toMatchObject({
      cuts: [{ attribute: "b.x", start: 6 }],
    });
  });

  it("[SH38] reach what integrates, delays or smooths them, later and by their way", () => {
    const sheet = opened(`model later
time year 2026..2031  dt 0.5
block b by year
  input asked = [0, 0, 1, 0, 0, 0]
  order = IF(asked > 0, IF(level > 10, 0, 20), 5)
  level = order
  loop order
  stored = integral(level - stored * 0.1)  start 7
  smooth = SMOOTH(level, 2)
  back = stored * 2
`);
    const found = rangesOf(sheet);
    expect(found["b.level"]).toBe("2..3");
    expect([found["b.stored"], found["b.smooth"], found["b.back"]]).toEqual(["3..6", "3..6", "3..6"]);
    const way = (id: string, year: string) =>
      sheet.why(id, { year }).unconverged?.map(({ attribute, at }) => `${attribute} ${at.join(" ")}`);
    expect(way("b.back", "2030")).toEqual(["b.back 2030", "b.stored 2030", "b.stored 2029", "b.level 2028"]);
    expect(way("b.smooth", "2031")).toEqual(["b.smooth 2031", "b.level 2028"]);
    expect(way("b.back", "2028")).toBeUndefined();
  });

  it("[SH38] [FP80] are told for each group of cells, though another with the same attributes is cut elsewhere", () => {
    const sheet = opened(`model across
time month 2026-01..2026-03
axis seg = A, B
block b by seg, month
  x = 0.1 * avg + 1
  avg = sum(x over month) / 3 + t2
  t2 = IF(MEMBER(seg) = "B", IF(x[2026-02] > 1.5, 0, 9), 0)
  loop avg
  loop t2
  y = x * 2
`);
    const verdicts = sheet.loops().map(({ loop, verdict }) => `${loop} ${verdict === "converged"}`);
    expect(verdicts.sort()).toEqual(["b.avg + b.t2 false", "b.avg true"]);
    expect(rangesOf(sheet)).toEqual({ "b.x": "3..6", "b.avg": "3..6", "b.t2": "3..6", "b.y": "3..6" });
    const cell = { seg: "B", month: "2026-02" };
    expect(sheet.why("b.avg", cell).loop?.cuts).toMatchObject([
      { attribute: "b.avg", at: ["B", "2026-02"] },
      { attribute: "b.t2", at: ["B", "2026-02"] },
    ]);
    expect(sheet.why("b.t2", { seg: "A", month: "2026-02" })).not.toHaveProperty("loop");
    sheet.setFormula("b.t2", "0");
    expect(sheet.unconverged().size).toBe(0);
  });

  it("[FP10] [FP20] a line over ten years between its two ends is solved, each month half of its neighbours", () => {
    const sheet = opened(
      "model line\ntime month 2026-01..2035-12\nblock w by month\n  x = (x[t-1] + x[t+1]) / 2  start 0  end 9\n  loop x\n",
    );
    expect(sheet.loops().map(({ verdict, period }) => [verdict, period])).toEqual([["converged", -1]]);
    const { numbers } = sheet.column("w.x");
    for (let t = 0; t < 120; t++) expect(numbers[t]).toBeCloseTo((9 * (t + 1)) / 121, 8);
  });

  it("[SH39] begin elsewhere, all of them, where a sheet is opened again so", () => {
    const sheet = opened(
      "model two\nblock b\n  x = 3 * y / (1 + y * y)\n  y = x\n  loop x start 1 limit 100\n",
    );
    expect(sheet.get("b.x")).toBeCloseTo(Math.SQRT2, 6);
    const other = sheet.reopen({ loops: { from: -1 } });
    expect(other.get("b.x")).toBeCloseTo(-Math.SQRT2, 6);
    other.setFormula("b.x", "4 * y / (1 + y * y)");
    expect(other.get("b.x")).toBeCloseTo(-Math.sqrt(3), 6);
    expect(sheet.get("b.x")).toBeCloseTo(Math.SQRT2, 6);
  });
});
