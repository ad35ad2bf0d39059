/**
 * Whether a formula makes steps: a condition, a comparison, a rounding, a look-up by something computed, anything by which
 * a small change of what is read may move the result by a jump. MIN, MAX, ABS and curves bend, but make no steps.
 *
 * What depends on nothing that is read (a literal condition, facts about the current cell) makes none. A function that is
 * not known to be without steps counts as one with. Cost: the expression.
 */
import type { BoundExpression, BoundFormula } from "./bound.ts";
import { somePart } from "./bound-parts.ts";
import { originalOf } from "./lift.ts";

type Call = Extract<BoundExpression, { kind: "call" }>;

/** Library functions without steps in arguments that are numbers. */
const smooth: ReadonlySet<string> = new Set(
  [
    "SUM PRODUCT SUMSQ SUMPRODUCT SUMX2MY2 SUMX2PY2 SUMXMY2 SERIESSUM ABS POWER SQRT SQRTPI EXP LN LOG LOG10 PI",
    "SIN COS TAN COT SEC CSC ASIN ACOS ATAN ACOT ATAN2 SINH COSH TANH COTH SECH CSCH ASINH ACOSH ATANH ACOTH",
    "RADIANS DEGREES AVERAGE AVERAGEA MIN MAX MINA MAXA MEDIAN GEOMEAN HARMEAN COUNT COUNTA COUNTBLANK",
    "VAR.S VAR VAR.P VARP STDEV.S STDEV STDEV.P STDEVP VARA VARPA STDEVA STDEVPA DEVSQ AVEDEV SKEW SKEW.P KURT",
    "STANDARDIZE CORREL PEARSON RSQ COVARIANCE.P COVAR COVARIANCE.S SLOPE INTERCEPT FORECAST.LINEAR FORECAST STEYX",
    "NORM.DIST NORMDIST NORM.S.DIST NORMSDIST NORM.INV NORMINV NORM.S.INV NORMSINV LOGNORM.DIST LOGNORM.INV LOGINV",
    "CONFIDENCE.NORM CONFIDENCE GAUSS PHI ERF ERF.PRECISE ERFC ERFC.PRECISE FISHER FISHERINV TRUE FALSE N NA",
    "PMT FV PV NPER RATE IPMT PPMT ISPMT NPV IRR MIRR FVSCHEDULE RRI PDURATION EFFECT NOMINAL SLN SYD",
    "TRANSPOSE HSTACK VSTACK TOROW TOCOL MMULT MDETERM MINVERSE ROWS COLUMNS MAP REDUCE SCAN BYROW BYCOL",
  ].flatMap((line) => line.split(" ")),
);

/** Functions whose first argument is taken through, and whose others choose: they make no steps if those are not read. */
const choosing: ReadonlySet<string> = new Set([
  "INDEX",
  "TAKE",
  "DROP",
  "CHOOSEROWS",
  "CHOOSECOLS",
  "LARGE",
  "SMALL",
]);

/** Whether a small change of what the formula reads may move its value by a jump. */
export function isDiscrete({ root, references }: BoundFormula): boolean {
  for (const { access } of references) {
    for (const one of access) if (one.kind === "key" && readsAnything(one.key)) return true;
  }
  return somePart(root, makesSteps);
}

function makesSteps(node: BoundExpression): boolean {
  switch (node.kind) {
    case "module-call":
      return true;
    case "binary":
      return !"+-*/^".includes(node.operator) && (readsAnything(node.left) || readsAnything(node.right));
    case "call":
      return callMakesSteps(node);
    default:
      return false;
  }
}

function callMakesSteps({ definition, arguments: list }: Call): boolean {
  const { name, family } = originalOf(definition) ?? definition;
  if (smooth.has(name) || family === "curves") return false;
  switch (name) {
    case "IF":
    case "CHOOSE":
    case "SWITCH":
      return list[0] !== undefined && readsAnything(list[0]);
    case "IFS":
      return list.some((one, i) => i % 2 === 0 && readsAnything(one));
    default: {
      const choosers = choosing.has(name) ? list.slice(1) : list;
      return choosers.some(readsAnything);
    }
  }
}

/** A local counts as read: what it was bound to is not looked up. */
function readsAnything(node: BoundExpression): boolean {
  return somePart(node, ({ kind }) => kind === "read" || kind === "local" || kind === "module-call");
}
