/** A small model with everything in it: axes, time, a lag, a table, a loop, checks and scenarios. */
export const shop: Readonly<Record<string, string>> = {
  "shop.reckon": `model shop  "A small shop"

time month 2026-01..2026-06
axis region = North, South

block sales by region, month
  input  price: USD  = { North: 10, South: 20 }
  input  units       = table("units.csv", by region, month)
  revenue: USD       = price * units

block cash by month
  input  rate: ratio = 1%  format "0.0%"
  income: USD        = sum(sales.revenue over region)
  balance: USD       = balance[t-1] * (1 + rate) + income   start 1_000

block total
  input  target: USD = 3_000
  end: USD           = cash.balance[2026-06]
  reached            = end / target

check total.end >= total.target  "Target is reached"
`,
  "units.csv": `region,month,units
${["North", "South"].flatMap((region) => Array.from({ length: 6 }, (_, i) => `${region},2026-0${i + 1},${10 + i}`)).join("\n")}
`,
  "cheap.reckon": 'scenario cheap of shop  "Lower prices"\n  sales.price *= 0.5\n',
  "cheaper.reckon": "scenario cheaper of shop extends cheap\n  sales.price[South] -= 1 USD\n",
};

/** The balance at the end, calculated here: prices by region, the units of the table, a rate a month. */
export function endOf(prices: { readonly North: number; readonly South: number }, rate = 0.01): number {
  let balance = 1000;
  for (let i = 0; i < 6; i++)
    balance = balance * (1 + rate) + (prices.North * (10 + i) + prices.South * (10 + i));
  return balance;
}
