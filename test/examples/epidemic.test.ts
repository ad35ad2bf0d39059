/**
 * The epidemic against Kermack and McKendrick. Because the susceptible decay by exp(−transmission × infected × dt) in
 * each step, their final size relation holds in steps exactly, whatever the step:
 *   ln(s∞ / s0) = −R0 (r∞ − r0)        with R0 = transmission / recovery
 * The peak follows their continuous formula up to the size of a step.
 */
import { expect, it } from "vitest";
import { numberAt, numbersOf, openExample } from "./example-sheet.ts";

const recovery = 0.2;
const first = 1e-4;

/** The share ever infected, by Newton's method on the final size relation. */
function finalSize(reproduction: number): number {
  let size = 0.9;
  for (let i = 0; i < 100; i++) {
    const rest = (1 - first) * Math.exp(-reproduction * size);
    size -= (1 - size - rest) / (reproduction * rest - 1);
  }
  return size;
}

it.each([
  ["base", 0.4 / recovery],
  ["distancing", 0.3 / recovery],
])("%s: the final size solves the final size relation", async (scenario, reproduction) => {
  const sheet = await openExample("epidemic");
  expect(numberAt(sheet, "outcome.size", undefined, scenario)).toBeCloseTo(finalSize(reproduction), 9);
  const left = numberAt(sheet, "people.susceptible", { step: "1200" }, scenario);
  const gone = numberAt(sheet, "people.recovered", { step: "1200" }, scenario);
  expect(Math.log(left / (1 - first))).toBeCloseTo(-reproduction * gone, 8);
});

it("the peak is where theory puts it", async () => {
  const sheet = await openExample("epidemic");
  const reproduction = 0.4 / recovery;
  const peak = 1 - (1 + Math.log(reproduction * (1 - first))) / reproduction;
  expect(Math.abs(numberAt(sheet, "outcome.peak") / peak - 1)).toBeLessThan(0.05);
  const infected = numbersOf(sheet, "people.infected");
  const at = infected.indexOf(Math.max(...infected));
  expect(numberAt(sheet, "outcome.peak_day")).toBeCloseTo((at + 1) * 0.5, 12);
  // Infections outweigh recoveries exactly as long as R0 × s > 1.
  const susceptible = numbersOf(sheet, "people.susceptible");
  expect((susceptible[at - 2] as number) * reproduction).toBeGreaterThan(1);
  expect((susceptible[at + 1] as number) * reproduction).toBeLessThan(1);
});

it("every step agrees with plain arithmetic", async () => {
  const sheet = await openExample("epidemic");
  for (const [scenario, factor] of [
    ["base", () => 1],
    ["lockdown", (step: number) => (step >= 80 && step <= 179 ? 1 / 3 : 1)],
  ] as const) {
    const infected = numbersOf(sheet, "people.infected", scenario);
    let [s, i] = [1 - first, first];
    for (let step = 0; step <= 1200; step++) {
      const infections = s * (1 - Math.exp(-0.4 * factor(step) * i * 0.5));
      [s, i] = [s - infections, i + infections - i * recovery * 0.5];
      expect(infected[step]).toBeCloseTo(i, 13);
    }
  }
});

it("a lockdown lowers the peak", async () => {
  const sheet = await openExample("epidemic");
  const peak = (scenario: string) => numberAt(sheet, "outcome.peak", undefined, scenario);
  expect(peak("lockdown")).toBeLessThan(peak("base"));
  expect(peak("distancing")).toBeLessThan(peak("base"));
});
