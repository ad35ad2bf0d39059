/**
 * Level payments: loans and savings with equal periods. Amounts paid out are negative, amounts received positive.
 *
 * All functions rest on one equation, with growth g = (1 + rate)^n, a payment at the end of each period (type 0) or its
 * beginning (type 1):
 *
 *   present × g + payment × (1 + rate × type) × (g − 1) / rate + future = 0
 */
import { type ErrorValue, errorValue } from "@reckon/value";
import type { FunctionDefinition } from "./definition.ts";
import { finiteOf } from "./operators.ts";
import { familyOf, number, optional, strictNumber } from "./parameter.ts";
import { findRoot } from "./root-finding.ts";

const rate = number("rate", "interest of one period: 8%/12");
const periods = number("nper", "how many periods");
const payment = number("pmt", "the payment of each period; negative: paid out");
const present = number("pv", "the amount at the start");
const future = optional(number("fv", "the amount left at the end"), 0);
const type = optional(number("type", "0: payments at the end of periods, 1: at their beginning"), 0);
const period = number("per", "which period, from 1 to nper");
const firstPeriod = strictNumber("start_period", "the first period that counts");
const lastPeriod = strictNumber("end_period", "the last period that counts");

export const annuityFunctions: readonly FunctionDefinition[] = familyOf("financial", [
  {
    name: "PMT",
    parameters: [rate, periods, present, future, type],
    doc: "The level payment that pays off a loan.",
    example: ["=ROUND(PMT(8%/12,10,10000),2)", "-1037.03"],
    implement: paymentOf,
  },
  {
    name: "FV",
    parameters: [rate, periods, payment, optional(present, 0), type],
    doc: "What level payments and a first amount grow to.",
    example: ["=ROUND(FV(6%/12,10,-200,-500,1),2)", "2581.4"],
    implement: futureOf,
  },
  {
    name: "PV",
    parameters: [rate, periods, payment, future, type],
    doc: "What level payments and a last amount are worth at the start.",
    example: ["=ROUND(PV(8%/12,240,500),2)", "-59777.15"],
    implement: (r: number, n: number, pmt: number, fv: number, when: number) => {
      const g = growth(r, n);
      return finiteOf(-(fv + pmt * annuity(r, n, when)) / g);
    },
  },
  {
    name: "NPER",
    parameters: [rate, payment, present, future, type],
    doc: "How many level payments pay off a loan.",
    example: ["=ROUND(NPER(1%,-100,1000),4)", "10.5886"],
    implement: periodsOf,
  },
  {
    name: "RATE",
    parameters: [
      periods,
      payment,
      present,
      future,
      type,
      optional(number("guess", "where to begin looking"), 0.1),
    ],
    doc: "The interest of one period at which level payments pay off a loan.",
    example: ["=ROUND(RATE(48,-200,8000),6)", "0.007701"],
    implement: rateOf,
  },
  {
    name: "IPMT",
    parameters: [rate, period, periods, present, future, type],
    doc: "The interest in the payment of one period.",
    example: ["=ROUND(IPMT(10%/12,1,36,8000),2)", "-66.67"],
    implement: interestOf,
  },
  {
    name: "PPMT",
    parameters: [rate, period, periods, present, future, type],
    doc: "The repayment in the payment of one period.",
    example: ["=ROUND(PPMT(10%/12,1,24,2000),2)", "-75.62"],
    implement: repaymentOf,
  },
  {
    name: "ISPMT",
    parameters: [rate, period, periods, present],
    doc: "The interest of one period when repayments are level.",
    example: ["=ISPMT(10%,0,10,1000)", "-100"],
    implement: (r: number, per: number, n: number, pv: number) =>
      n === 0 ? errorValue("#DIV/0!") : finiteOf(pv * r * (per / n - 1)),
  },
  {
    name: "CUMIPMT",
    parameters: [
      strictNumber("rate", "interest of one period"),
      strictNumber("nper", "how many periods"),
      strictNumber("pv", "the amount at the start"),
      firstPeriod,
      lastPeriod,
      strictNumber("type", "0: at the end of periods, 1: at their beginning"),
    ],
    doc: "The interest of several periods together.",
    example: ["=ROUND(CUMIPMT(9%/12,360,125000,13,24,0),2)", "-11135.23"],
    implement: (...args: Parameters<typeof cumulated>) => cumulated(...args)?.interest ?? errorValue("#NUM!"),
  },
  {
    name: "CUMPRINC",
    parameters: [
      strictNumber("rate", "interest of one period"),
      strictNumber("nper", "how many periods"),
      strictNumber("pv", "the amount at the start"),
      firstPeriod,
      lastPeriod,
      strictNumber("type", "0: at the end of periods, 1: at their beginning"),
    ],
    doc: "The repayments of several periods together.",
    example: ["=ROUND(CUMPRINC(9%/12,360,125000,13,24,0),2)", "-934.11"],
    implement: (...args: Parameters<typeof cumulated>) => cumulated(...args)?.repaid ?? errorValue("#NUM!"),
  },
]);

/**
 * Rates below this go through logarithms, because 1 + rate has lost the last digits of a small rate. Above it the plain
 * power is as good and gives round results for round rates.
 */
const smallRate = 0.02;

function growth(r: number, n: number): number {
  return Math.abs(r) < smallRate ? Math.exp(n * Math.log1p(r)) : (1 + r) ** n;
}

/** What a payment of 1 in each of `n` periods grows to; `expm1`, because g − 1 would cancel. */
function annuity(r: number, n: number, when: number): number {
  if (r === 0) return n;
  const grown = r > -1 ? Math.expm1(n * Math.log1p(r)) : growth(r, n) - 1;
  return (grown / r) * (when === 0 ? 1 : 1 + r);
}

function paymentOf(r: number, n: number, pv: number, fv: number, when: number): number | ErrorValue {
  if (n === 0) return errorValue("#NUM!", "there are no periods");
  return finiteOf(-(pv * growth(r, n) + fv) / annuity(r, n, when));
}

function futureOf(r: number, n: number, pmt: number, pv: number, when: number): number | ErrorValue {
  if (r === -1 && n < 0) return errorValue("#DIV/0!");
  return finiteOf(-(pv * growth(r, n) + pmt * annuity(r, n, when)));
}

function periodsOf(r: number, pmt: number, pv: number, fv: number, when: number): number | ErrorValue {
  if (r === 0) return pmt === 0 ? errorValue("#NUM!", "nothing is paid") : finiteOf(-(pv + fv) / pmt);
  if (r <= -1) return errorValue("#NUM!", "the rate is -100 % or below");
  const level = (pmt * (when === 0 ? 1 : 1 + r)) / r;
  const ratio = (level - fv) / (level + pv);
  return ratio > 0
    ? finiteOf(Math.log(ratio) / Math.log1p(r))
    : errorValue("#NUM!", "the payments never pay it off");
}

function rateOf(
  n: number,
  pmt: number,
  pv: number,
  fv: number,
  when: number,
  guess: number,
): number | ErrorValue {
  if (n <= 0 || guess <= -1) return errorValue("#NUM!");
  const scale = Math.max(Math.abs(pv), Math.abs(fv), Math.abs(pmt) * n) || 1;
  const balance = (r: number): number => (pv * growth(r, n) + pmt * annuity(r, n, when) + fv) / scale;
  return findRoot(balance, guess, -0.999999) ?? errorValue("#NUM!", "no rate fits");
}

/**
 * The repayment in one period. The first is −(pv + fv) / annuity and each later one larger by the rate; taking it from the
 * balance instead would cancel for high rates.
 */
function repaymentOf(
  r: number,
  per: number,
  n: number,
  pv: number,
  fv: number,
  when: number,
): number | ErrorValue {
  if (per < 1 || per >= n + 1) return errorValue("#NUM!", "there is no such period");
  if (when !== 0 && per === 1) return paymentOf(r, n, pv, fv, when);
  return finiteOf((-(pv + fv) * growth(r, per - 1)) / annuity(r, n, when));
}

function interestOf(
  r: number,
  per: number,
  n: number,
  pv: number,
  fv: number,
  when: number,
): number | ErrorValue {
  const repaid = repaymentOf(r, per, n, pv, fv, when);
  if (typeof repaid !== "number") return repaid;
  const pmt = paymentOf(r, n, pv, fv, when);
  return typeof pmt === "number" ? finiteOf(pmt - repaid) : pmt;
}

function cumulated(
  r: number,
  n: number,
  pv: number,
  first: number,
  last: number,
  when: number,
): { interest: number; repaid: number } | undefined {
  const from = Math.ceil(first);
  const to = Math.trunc(last);
  if (r <= 0 || n <= 0 || pv <= 0 || first < 1 || last < first || to > n || (when !== 0 && when !== 1))
    return undefined;
  const pmt = paymentOf(r, n, pv, 0, when);
  if (typeof pmt !== "number") return undefined;
  // Repayments grow by the rate, so those of several periods are a geometric sum; with payments in advance the first
  // period has no interest and stands apart.
  const isApart = when !== 0 && from === 1;
  const begin = isApart ? 2 : from;
  const grown = growth(r, begin - 1) * annuity(r, to - begin + 1, 0);
  const repaid = (isApart ? pmt : 0) - (pv / annuity(r, n, when)) * grown;
  return { interest: pmt * (to - from + 1) - repaid, repaid };
}
