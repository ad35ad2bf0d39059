/**
 * The subscription business in plain arithmetic. The debt's loop has a closed form in each month: with interest on
 * the mean of opening and closing balance, r = rate / 24,
 *   interior sweep:  closing (1 − r) = opening (1 + r) − cash + reserve
 *   no sweep:        closing = opening          all swept:  closing = 0
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root } from "../tidy/repository.ts";
import { numbersOf, openExample } from "./example-sheet.ts";

const segments = ["SMB", "Mid", "Ent"] as const;
type Segment = (typeof segments)[number];
const months = 36;
/** The loop's declared tolerance is 0.01 USD and its contraction about 1/300, so what is left is far below. */
const debtTolerance = 1e-3;

interface Assumptions {
  readonly churn: Readonly<Record<Segment, number>>;
  readonly price: (segment: Segment, month: number) => number;
  readonly adds: (segment: Segment, month: number) => number;
  readonly rate: number;
  readonly isSweepPinned: boolean;
}

const table = new Map(
  readFileSync(join(root, "docs/examples/saas/adds.csv"), "utf8")
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => {
      const [segment, month, adds] = line.split(",");
      return [`${segment} ${month}`, Number(adds)];
    }),
);

function tableAdds(segment: Segment, month: number): number {
  const label = `${2026 + Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, "0")}`;
  return table.get(`${segment} ${label}`) as number;
}

const listPrice: Readonly<Record<Segment, number>> = { SMB: 20, Mid: 45, Ent: 90 };
const from2027 = (month: number): boolean => month >= 12;

const scenarios: Readonly<Record<string, Assumptions>> = {
  base: {
    churn: { SMB: 0.025, Mid: 0.025, Ent: 0.025 },
    price: (segment) => listPrice[segment],
    adds: tableAdds,
    rate: 0.08,
    isSweepPinned: false,
  },
  downside: {
    churn: { SMB: 0.04, Mid: 0.04, Ent: 0.018 },
    price: (segment) => listPrice[segment],
    adds: (segment, month) => tableAdds(segment, month) * (from2027(month) ? 0.8 : 1),
    rate: 0.095,
    isSweepPinned: true,
  },
  upside: {
    churn: { SMB: 0.02, Mid: 0.02, Ent: 0.02 },
    price: (segment, month) => listPrice[segment] * (from2027(month) ? 1.05 : 1),
    adds: (segment, month) => tableAdds(segment, month) * (segment === "Ent" ? 1.25 : 1),
    rate: 0.075,
    isSweepPinned: false,
  },
};

function calculate({ churn, price, adds, rate, isSweepPinned }: Assumptions) {
  const seats: Record<Segment, number> = { SMB: 100, Mid: 100, Ent: 100 };
  const seatsBySegment = new Map<Segment, number[]>(segments.map((segment) => [segment, []]));
  const cashes: number[] = [];
  const closings: number[] = [];
  let closing = 2_000_000;
  const half = rate / 24;
  for (let month = 0; month < months; month++) {
    let cash = 0;
    for (const segment of segments) {
      seats[segment] = seats[segment] * (1 - churn[segment]) + adds(segment, month);
      seatsBySegment.get(segment)?.push(seats[segment]);
      cash += seats[segment] * price(segment, month);
    }
    cashes.push(cash);
    const opening = closing;
    const free = (opening * (1 + half) - cash + 250_000) / (1 - half);
    if (!isSweepPinned) closing = Math.min(opening, Math.max(0, free));
    closings.push(closing);
  }
  return { seats: segments.flatMap((segment) => seatsBySegment.get(segment) as number[]), cashes, closings };
}

it.each(Object.keys(scenarios))(
  "%s agrees with plain arithmetic and the loop's closed form",
  async (scenario) => {
    const sheet = await openExample("saas");
    const expected = calculate(scenarios[scenario] as Assumptions);
    const seats = numbersOf(sheet, "revenue.seats", scenario);
    expect(seats.length).toBe(months * segments.length);
    for (const [i, value] of seats.entries()) expect(value).toBeCloseTo(expected.seats[i] as number, 8);
    for (const [i, value] of numbersOf(sheet, "debt.cash", scenario).entries()) {
      expect(value).toBeCloseTo(expected.cashes[i] as number, 6);
    }
    for (const [i, value] of numbersOf(sheet, "debt.closing", scenario).entries()) {
      expect(Math.abs(value - (expected.closings[i] as number))).toBeLessThan(debtTolerance);
    }
  },
);

it("the loan is paid back in the base and the upside, earlier in the latter", async () => {
  const sheet = await openExample("saas");
  const paidBack = (scenario: string) =>
    numbersOf(sheet, "debt.closing", scenario).findIndex((x) => x < 0.005);
  expect(paidBack("base")).toBe(26);
  expect(paidBack("upside")).toBe(23);
  expect(paidBack("downside")).toBe(-1);
});
