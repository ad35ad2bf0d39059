/**
 * A mortgage against its closed forms. Principal with a fee of share f of itself: needed / (1 − f), which the model
 * finds by solving a loop. Balance after k payments: p qᵏ − a (qᵏ − 1) / i, with q = 1 + i.
 */
import { expect, it } from "vitest";
import { numberAt, numbersOf, openExample } from "./example-sheet.ts";

const monthly = 0.054 / 12;
const months = 360;
const principal = 300_000 / (1 - 0.015);
const payment = (principal * monthly) / (1 - (1 + monthly) ** -months);

it("the financed fee settles at its closed form", async () => {
  const sheet = await openExample("loan");
  expect(numberAt(sheet, "terms.principal")).toBeCloseTo(principal, 5);
  expect(numberAt(sheet, "terms.payment")).toBeCloseTo(payment, 7);
  const [loop] = sheet.loops();
  expect(loop?.verdict).toBe("converged");
});

it("the balance follows the annuity formula to zero", async () => {
  const sheet = await openExample("loan");
  numbersOf(sheet, "account.closing").forEach((balance, k) => {
    const growth = (1 + monthly) ** (k + 1);
    expect(Math.abs(balance - (principal * growth - (payment * (growth - 1)) / monthly))).toBeLessThan(1e-3);
  });
  expect(numberAt(sheet, "summary.interest")).toBeCloseTo(payment * months - principal, 2);
  expect(numberAt(sheet, "summary.years")).toBe(30);
});

it("paying more ends it earlier, and no month pays more than is owed", async () => {
  const sheet = await openExample("loan");
  let balance = principal;
  let interest = 0;
  numbersOf(sheet, "account.closing", "early").forEach((closing, k) => {
    const due = balance * monthly;
    interest += due;
    // June 2030 is month 53 from 0.
    balance -= Math.min(balance, payment - due + (k === 53 ? 25_000 : 200));
    expect(Math.abs(closing - balance)).toBeLessThan(1e-3);
  });
  expect(numberAt(sheet, "summary.interest", undefined, "early")).toBeCloseTo(interest, 2);
  expect(numberAt(sheet, "summary.years", undefined, "early")).toBeLessThan(24);
  expect(Math.min(...numbersOf(sheet, "account.closing", "early"))).toBeGreaterThanOrEqual(0);
});
