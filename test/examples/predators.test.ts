/**
 * Hare and lynx against what is known of the Lotka–Volterra equations: V = δx − γ ln x + βy − α ln y does not change
 * along a motion, and over whole periods the populations average to the equilibrium (γ/δ, α/β), Volterra's second
 * law. And against a Runge–Kutta solution with a step so small that its error does not count.
 */
import { expect, it } from "vitest";
import { numberAt, numbersOf, openExample } from "./example-sheet.ts";

const rates = { births: 1.1, predation: 0.4, deaths: 0.4, conversion: 0.1 };
const dt = 0.05;

function slope([x, y]: readonly [number, number]): readonly [number, number] {
  return [x * (rates.births - rates.predation * y), y * (rates.conversion * x - rates.deaths)];
}

/** Fourth-order Runge–Kutta, `parts` small steps for each step of the model. */
function rungeKutta(steps: number, parts: number): (readonly [number, number])[] {
  const h = dt / parts;
  let at: readonly [number, number] = [10, 5];
  const shift = (by: readonly [number, number], k: number): readonly [number, number] => [
    at[0] + k * by[0],
    at[1] + k * by[1],
  ];
  return Array.from({ length: steps }, () => {
    for (let part = 0; part < parts; part++) {
      const a = slope(at);
      const b = slope(shift(a, h / 2));
      const c = slope(shift(b, h / 2));
      const d = slope(shift(c, h));
      at = [
        at[0] + (h / 6) * (a[0] + 2 * b[0] + 2 * c[0] + d[0]),
        at[1] + (h / 6) * (a[1] + 2 * b[1] + 2 * c[1] + d[1]),
      ];
    }
    return at;
  });
}

it("the conserved quantity stays within the square of the step, without drift", async () => {
  const sheet = await openExample("predators");
  const start =
    rates.conversion * 10 - rates.deaths * Math.log(10) + rates.predation * 5 - rates.births * Math.log(5);
  const energy = numbersOf(sheet, "field.energy");
  for (const value of energy) expect(Math.abs(value - start)).toBeLessThan(0.005);
  const worst = (from: number, to: number) =>
    Math.max(...energy.slice(from, to).map((value) => Math.abs(value - start)));
  expect(worst(700, 1001) / worst(0, 300)).toBeLessThan(1.1);
});

it("follows the continuous motion", async () => {
  const sheet = await openExample("predators");
  const [hares, lynx] = [numbersOf(sheet, "field.hares"), numbersOf(sheet, "field.lynx")];
  // Over the first period; later the tiny difference in the period's length adds up.
  rungeKutta(240, 50).forEach(([x, y], step) => {
    expect(Math.abs((hares[step] as number) - x)).toBeLessThan(0.05);
    expect(Math.abs((lynx[step] as number) - y)).toBeLessThan(0.05);
  });
});

it.each(["base", "hunting"])("%s: over whole periods the means are the equilibrium", async (scenario) => {
  const sheet = await openExample("predators");
  const hares = numbersOf(sheet, "field.hares", scenario);
  const lynx = numbersOf(sheet, "field.lynx", scenario);
  const middle = numberAt(sheet, "balance.hares", undefined, scenario);
  const rising = hares.flatMap((x, i) =>
    i > 0 && (hares[i - 1] as number) < middle && x >= middle ? [i] : [],
  );
  expect(rising.length).toBeGreaterThan(3);
  const [from, to] = [rising[0] as number, rising.at(-1) as number];
  const mean = (values: readonly number[]) =>
    values.slice(from, to).reduce((sum, x) => sum + x, 0) / (to - from);
  expect(Math.abs(mean(hares) / middle - 1)).toBeLessThan(0.02);
  expect(Math.abs(mean(lynx) / numberAt(sheet, "balance.lynx", undefined, scenario) - 1)).toBeLessThan(0.02);
});

it("hunting both helps the hares: Volterra's third law", async () => {
  const sheet = await openExample("predators");
  const balance = (id: string, scenario: string) => numberAt(sheet, `balance.${id}`, undefined, scenario);
  expect(balance("hares", "base")).toBeCloseTo(4, 12);
  expect(balance("hares", "hunting")).toBeCloseTo(7, 12);
  expect(balance("lynx", "base")).toBeCloseTo(2.75, 12);
  expect(balance("lynx", "hunting")).toBeCloseTo(2, 12);
});
