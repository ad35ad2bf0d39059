/**
 * Small circular models of finance, engineering and economics, each with the solution that algebra gives (or, where
 * there is none, bisection to the last bit). One set of facts for the language, the engine and other programs.
 *
 * `formulas` is what a user writes; `sweep` says the same once more in TypeScript and computes every unknown from the
 * values given, so that neither our parser nor our functions stand between a test and the truth.
 */

/** Values by name. */
export type Values = Readonly<Record<string, number>>;

export interface CircularModel {
  readonly name: string;
  readonly inputs: Values;
  /** The unknowns in the order in which they are written down. */
  readonly formulas: Readonly<Record<string, string>>;
  /** The unknowns at which the circles are cut. */
  readonly cuts: readonly string[];
  readonly sweep: (values: Values) => Values;
  readonly solution: Values;
}

interface Family<I extends string, U extends string> {
  readonly name: string;
  readonly inputs: readonly Readonly<Record<I, number>>[];
  readonly formulas: Readonly<Record<U, string>>;
  readonly cuts: readonly NoInfer<U>[];
  readonly sweep: (values: Readonly<Record<I | U, number>>) => Readonly<Record<U, number>>;
  readonly solution: (inputs: Readonly<Record<I, number>>) => Readonly<Record<U, number>>;
}

/** A model for each set of inputs. */
function family<I extends string, U extends string>(of: Family<I, U>): CircularModel[] {
  return of.inputs.map((inputs, i) => ({
    name: of.inputs.length === 1 ? of.name : `${of.name} (${i + 1})`,
    inputs,
    formulas: of.formulas,
    cuts: of.cuts,
    sweep: of.sweep as (values: Values) => Values,
    solution: of.solution(inputs),
  }));
}

/** Where a continuous function that is positive at `low` and negative at `high` is zero, to the last bit. */
export function zeroBetween(low: number, high: number, of: (x: number) => number): number {
  let [left, right] = [low, high];
  if (!(of(left) >= 0 && of(right) <= 0)) throw new RangeError("no change of sign between the bounds");
  for (;;) {
    const middle = left + (right - left) / 2;
    if (middle <= left || middle >= right) return Math.abs(of(left)) < Math.abs(of(right)) ? left : right;
    if (of(middle) >= 0) left = middle;
    else right = middle;
  }
}

const bonus = family({
  name: "bonus on the profit after bonus",
  inputs: [
    { profit: 1000, rate: 0.1 },
    { profit: 250_000, rate: 0.35 },
    { profit: 5_000_000, rate: 0.021 },
  ],
  formulas: { bonus: "rate * (profit - bonus)" },
  cuts: ["bonus"],
  sweep: (v) => ({ bonus: v.rate * (v.profit - v.bonus) }),
  solution: ({ profit, rate }) => ({ bonus: (rate * profit) / (1 + rate) }),
});

const grossUp = family({
  name: "gross pay from net pay",
  inputs: [
    { net: 100, tax: 0.2 },
    { net: 84_000, tax: 0.4 },
    { net: 1_000_000, tax: 0.45 },
  ],
  formulas: { gross: "net + tax * gross" },
  cuts: ["gross"],
  sweep: (v) => ({ gross: v.net + v.tax * v.gross }),
  solution: ({ net, tax }) => ({ gross: net / (1 - tax) }),
});

const averageBalance = family({
  name: "interest on the average balance",
  inputs: [
    { opening: 1000, rate: 0.08, cash: 300 },
    { opening: 500_000, rate: 0.12, cash: 40_000 },
    { opening: 20_000, rate: 0.05, cash: -100 },
  ],
  formulas: { interest: "rate * (opening + closing) / 2", closing: "opening - (cash - interest)" },
  cuts: ["closing"],
  sweep: (v) => ({
    interest: (v.rate * (v.opening + v.closing)) / 2,
    closing: v.opening - (v.cash - v.interest),
  }),
  solution({ opening, rate, cash }) {
    const interest = (rate * (2 * opening - cash)) / (2 - rate);
    return { interest, closing: opening - cash + interest };
  },
});

const revolver = family({
  name: "credit line that keeps a minimum of cash",
  inputs: [
    { cash_before: 40, cash_min: 50, operations: -30, line_before: 10, rate: 0.07 },
    { cash_before: 40, cash_min: 400, operations: -30, line_before: 10, rate: 0.07 },
  ],
  formulas: {
    interest: "rate * (line_before + line) / 2",
    before_line: "cash_before + operations - interest",
    line: "MAX(0, line_before + cash_min - before_line)",
    cash: "before_line + line - line_before",
  },
  cuts: ["line"],
  sweep: (v) => ({
    interest: (v.rate * (v.line_before + v.line)) / 2,
    before_line: v.cash_before + v.operations - v.interest,
    line: Math.max(0, v.line_before + v.cash_min - v.before_line),
    cash: v.before_line + v.line - v.line_before,
  }),
  solution({ cash_before, cash_min, operations, line_before, rate }) {
    const need = line_before + cash_min - cash_before - operations + (rate * line_before) / 2;
    const line = Math.max(0, need / (1 - rate / 2));
    const interest = (rate * (line_before + line)) / 2;
    const before_line = cash_before + operations - interest;
    return { interest, before_line, line, cash: before_line + line - line_before };
  },
});

const sectors = family({
  name: "three sectors that buy from each other",
  inputs: [
    {
      ...{ d1: 100, d2: 50, d3: 75, a11: 0.1, a12: 0.3, a13: 0.2 },
      ...{ a21: 0.2, a22: 0.1, a23: 0.3, a31: 0.15, a32: 0.25, a33: 0.1 },
    },
  ],
  formulas: {
    x1: "a11 * x1 + a12 * x2 + a13 * x3 + d1",
    x2: "a21 * x1 + a22 * x2 + a23 * x3 + d2",
    x3: "a31 * x1 + a32 * x2 + a33 * x3 + d3",
  },
  cuts: ["x1", "x2", "x3"],
  sweep: (v) => ({
    x1: v.a11 * v.x1 + v.a12 * v.x2 + v.a13 * v.x3 + v.d1,
    x2: v.a21 * v.x1 + v.a22 * v.x2 + v.a23 * v.x3 + v.d2,
    x3: v.a31 * v.x1 + v.a32 * v.x2 + v.a33 * v.x3 + v.d3,
  }),
  solution(v) {
    const rows = [
      [1 - v.a11, -v.a12, -v.a13],
      [-v.a21, 1 - v.a22, -v.a23],
      [-v.a31, -v.a32, 1 - v.a33],
    ];
    const demand = [v.d1, v.d2, v.d3];
    // Cramer's rule.
    const determinant = (m: readonly (readonly number[])[]): number => {
      const at = (row: number, column: number): number => m[row % 3]?.[column % 3] ?? 0;
      return [0, 1, 2].reduce(
        (sum, i) => sum + at(0, i) * (at(1, i + 1) * at(2, i + 2) - at(1, i + 2) * at(2, i + 1)),
        0,
      );
    };
    const [x1 = 0, x2 = 0, x3 = 0] = [0, 1, 2].map(
      (column) =>
        determinant(rows.map((row, i) => row.map((x, j) => (j === column ? (demand[i] ?? 0) : x)))) /
        determinant(rows),
    );
    return { x1, x2, x3 };
  },
});

const cosine = family({
  name: "cosine of itself",
  inputs: [{ frequency: 1 }],
  formulas: { x: "COS(frequency * x)" },
  cuts: ["x"],
  sweep: (v) => ({ x: Math.cos(v.frequency * v.x) }),
  solution: ({ frequency }) => ({ x: zeroBetween(0, 1, (x) => Math.cos(frequency * x) - x) }),
});

const kepler = family({
  name: "Kepler's equation",
  inputs: [
    { mean: 1.2, eccentricity: 0.3 },
    { mean: 0.2, eccentricity: 0.6 },
  ],
  formulas: { anomaly: "mean + eccentricity * SIN(anomaly)" },
  cuts: ["anomaly"],
  sweep: (v) => ({ anomaly: v.mean + v.eccentricity * Math.sin(v.anomaly) }),
  solution: ({ mean, eccentricity }) => ({
    anomaly: zeroBetween(0, 3, (x) => mean + eccentricity * Math.sin(x) - x),
  }),
});

const frictionOf = (roughness: number, reynolds: number, friction: number): number =>
  1 / (-2 * Math.log10(roughness / 3.7 + 2.51 / (reynolds * Math.sqrt(Math.max(friction, 0.005))))) ** 2;

const friction = family({
  name: "friction in a pipe",
  inputs: [
    { reynolds: 100_000, roughness: 0.0001 },
    { reynolds: 2_000_000, roughness: 0.000005 },
  ],
  formulas: {
    friction: "1 / (-2 * LOG10(roughness / 3.7 + 2.51 / (reynolds * SQRT(MAX(friction, 0.005))))) ^ 2",
  },
  cuts: ["friction"],
  sweep: (v) => ({ friction: frictionOf(v.roughness, v.reynolds, v.friction) }),
  solution: ({ reynolds, roughness }) => ({
    friction: zeroBetween(0.001, 1, (x) => frictionOf(roughness, reynolds, x) - x),
  }),
});

const fees = family({
  name: "fees on the assets after fees",
  inputs: [
    { assets: 100, fee: 0.02, share: 0.2, hurdle: 90 },
    { assets: 80, fee: 0.02, share: 0.2, hurdle: 90 },
  ],
  formulas: {
    net: "assets - managing - success",
    managing: "fee * net",
    success: "share * MAX(0, net - hurdle)",
  },
  cuts: ["net"],
  sweep: (v) => ({
    net: v.assets - v.managing - v.success,
    managing: v.fee * v.net,
    success: v.share * Math.max(0, v.net - v.hurdle),
  }),
  solution({ assets, fee, share, hurdle }) {
    const above = (assets + share * hurdle) / (1 + fee + share);
    const net = above > hurdle ? above : assets / (1 + fee);
    return { net, managing: fee * net, success: share * Math.max(0, net - hurdle) };
  },
});

const trade = family({
  name: "incomes of two countries that trade",
  inputs: [{ spent1: 200, spent2: 300, consumed: 0.6, imported: 0.15 }],
  formulas: {
    income1: "spent1 + consumed * income1 - imported * income1 + imported * income2",
    income2: "spent2 + consumed * income2 - imported * income2 + imported * income1",
  },
  cuts: ["income1", "income2"],
  sweep: (v) => ({
    income1: v.spent1 + v.consumed * v.income1 - v.imported * v.income1 + v.imported * v.income2,
    income2: v.spent2 + v.consumed * v.income2 - v.imported * v.income2 + v.imported * v.income1,
  }),
  solution({ spent1, spent2, consumed, imported }) {
    // The sum and the difference of both incomes each follow an equation of their own.
    const sum = (spent1 + spent2) / (1 - consumed);
    const difference = (spent1 - spent2) / (1 - consumed + 2 * imported);
    return { income1: (sum + difference) / 2, income2: (sum - difference) / 2 };
  },
});

const safetyStock = family({
  name: "stock that shortens its own lead time",
  inputs: [{ demand: 120, lead_alone: 5, pressure: 0.4 }],
  formulas: { stock: "demand * lead", lead: "lead_alone * (1 + pressure * demand / (demand + stock))" },
  cuts: ["stock"],
  sweep: (v) => ({
    stock: v.demand * v.lead,
    lead: v.lead_alone * (1 + (v.pressure * v.demand) / (v.demand + v.stock)),
  }),
  solution({ demand, lead_alone, pressure }) {
    // With s = stock / demand: s² + s (1 − l) − l (1 + p) = 0.
    const half = (1 - lead_alone) / 2;
    const lead = -half + Math.sqrt(half * half + lead_alone * (1 + pressure));
    return { stock: demand * lead, lead };
  },
});

const cobweb = family({
  name: "price and supply",
  inputs: [{ a: 100, b: 1.2, s: 0.5, k: 10 }],
  formulas: { supply: "k + s * price", price: "(a - supply) / b" },
  cuts: ["price"],
  sweep: (v) => ({ supply: v.k + v.s * v.price, price: (v.a - v.supply) / v.b }),
  solution({ a, b, s, k }) {
    const price = (a - k) / (b + s);
    return { supply: k + s * price, price };
  },
});

/** Five years of a bought company whose cash repays its debt; each year is a circle of its own. */
function buyout(growth: number): CircularModel {
  const inputs = {
    debt0: 600,
    rate: 0.09,
    tax: 0.25,
    earnings1: 120,
    growth,
    depreciation: 20,
    invested: 25,
  };
  const { rate, tax, depreciation, invested } = inputs;
  const years = [1, 2, 3, 4, 5];
  const formulas: Record<string, string> = {};
  const solution: Record<string, number> = {};
  let [debt, earnings] = [inputs.debt0, inputs.earnings1];
  for (const year of years) {
    if (year > 1) {
      formulas[`earnings${year}`] = `earnings${year - 1} * (1 + growth)`;
      earnings *= 1 + growth;
      solution[`earnings${year}`] = earnings;
    }
    formulas[`interest${year}`] = `rate * (debt${year - 1} + debt${year}) / 2`;
    formulas[`profit${year}`] = `(earnings${year} - depreciation - interest${year}) * (1 - tax)`;
    formulas[`cash${year}`] = `profit${year} + depreciation - invested`;
    formulas[`debt${year}`] = `MAX(0, debt${year - 1} - cash${year})`;
    const beforeInterest = (earnings - depreciation) * (1 - tax) + depreciation - invested;
    const kept = (rate * (1 - tax)) / 2;
    const after = Math.max(0, (debt * (1 + kept) - beforeInterest) / (1 - kept));
    const interest = (rate * (debt + after)) / 2;
    const profit = (earnings - depreciation - interest) * (1 - tax);
    solution[`interest${year}`] = interest;
    solution[`profit${year}`] = profit;
    solution[`cash${year}`] = profit + depreciation - invested;
    solution[`debt${year}`] = after;
    debt = after;
  }
  const sweep = (values: Values): Values => {
    const of = (name: string): number => values[name] ?? Number.NaN;
    const result: Record<string, number> = {};
    for (const year of years) {
      if (year > 1) result[`earnings${year}`] = of(`earnings${year - 1}`) * (1 + growth);
      result[`interest${year}`] = (rate * (of(`debt${year - 1}`) + of(`debt${year}`))) / 2;
      result[`profit${year}`] = (of(`earnings${year}`) - depreciation - of(`interest${year}`)) * (1 - tax);
      result[`cash${year}`] = of(`profit${year}`) + depreciation - invested;
      result[`debt${year}`] = Math.max(0, of(`debt${year - 1}`) - of(`cash${year}`));
    }
    return result;
  };
  const cuts = years.map((year) => `debt${year}`);
  return { name: `buyout growing ${growth * 100} % a year`, inputs, formulas, cuts, sweep, solution };
}

export const circularModels: readonly CircularModel[] = [
  ...bonus,
  ...grossUp,
  ...averageBalance,
  ...revolver,
  ...sectors,
  ...cosine,
  ...kepler,
  ...friction,
  ...fees,
  ...trade,
  ...safetyStock,
  ...cobweb,
  ...[0.03, 0.12, 0.6].map(buyout),
];

/** The model in our language: one block, inputs first, a `loop` line for each cut. */
export function modelTextOf({ inputs, formulas, cuts }: CircularModel, clauses = ""): string {
  return [
    "model circular\n\nblock circle",
    ...Object.entries(inputs).map(([name, value]) => `  input ${name} = ${value}`),
    ...Object.entries(formulas).map(([name, text]) => `  ${name} = ${text}`),
    ...cuts.map((name) => `  loop ${name}  start 0${clauses}`),
    "",
  ].join("\n");
}
