/**
 * The wording of formula diagnostics, by code. A code and its facts are stable; the sentences may change here and
 * nowhere else. A message is one sentence without place and full stop; a hint says what to do.
 */
import type { Diagnostic, Severity, Span } from "./diagnostic.ts";

/** What each code needs to be told. */
export interface FactsByCode {
  // Reading
  "formula/empty": Record<string, never>;
  "formula/unknown-character": { readonly written: string };
  "formula/unclosed-text": { readonly quote: string };
  "formula/unknown-error-literal": { readonly written: string };
  "formula/foreign-operator": { readonly written: string; readonly ours: string };
  "formula/expected-operand": { readonly found: string; readonly before: string };
  "formula/unexpected": { readonly found: string; readonly isBehindPercent: boolean };
  "formula/unclosed": { readonly bracket: string };
  "formula/stray-bracket": { readonly bracket: string };
  "formula/too-deep": { readonly limit: number };
  "formula/number-too-large": { readonly written: string };
  "formula/array-shape": { readonly expected: number; readonly found: number };
  "formula/empty-array": Record<string, never>;
  "formula/separator": Record<string, never>;
  "formula/negative-index": { readonly name: string; readonly offset: number };
  "formula/bad-index": { readonly found: string };
  "formula/bad-window": {
    readonly written: string;
    readonly name?: string;
    /** The index that was meant. */
    readonly meant?: string;
  };
  "formula/expected-axis": { readonly found: string };
  "formula/expected-reference": { readonly sheet: string };
  "formula/spill": { readonly written: string };
  // Names
  "formula/unknown-name": {
    readonly name: string;
    readonly isModel: boolean;
    readonly suggestion?: string | undefined;
  };
  "formula/unknown-function": {
    readonly name: string;
    readonly suggestion?: string | undefined;
    /** What a function of another program is called here. */
    readonly meant?: string | undefined;
  };
  "formula/not-a-function": { readonly name: string };
  "formula/union": Record<string, never>;
  "formula/function-as-value": { readonly name: string };
  "formula/axis-as-value": { readonly axis: string; readonly isTime: boolean };
  "formula/a1-in-model": { readonly reference: string };
  "formula/unbound-reference": { readonly reference: string };
  "formula/static-only": { readonly name: string };
  "formula/needs-input": { readonly name: string };
  "formula/too-few-arguments": { readonly name: string; readonly signature: string; readonly found: number };
  "formula/too-many-arguments": { readonly name: string; readonly signature: string; readonly found: number };
  "formula/expected-name": { readonly name: string };
  "formula/let-shape": Record<string, never>;
  "formula/duplicate-local": { readonly name: string };
  "formula/text-arithmetic": { readonly operator: string; readonly operand: string };
  "formula/array-result": { readonly axis?: string | undefined };
  "formula/lambda-result": Record<string, never>;
  // Axes
  "formula/missing-axis": {
    readonly name: string;
    readonly axis: string;
    readonly example: string;
    readonly isTime: boolean;
  };
  "formula/unknown-axis": { readonly axis: string; readonly suggestion?: string | undefined };
  "formula/unused-over": { readonly axis: string };
  "formula/over-needs-reduction": { readonly name: string };
  "formula/nested-over": { readonly name: string };
  "formula/over-too-many": { readonly name: string; readonly axes: string };
  "formula/no-current-period": { readonly name: string };
  "formula/no-current-member": { readonly axis: string };
  "formula/no-time": { readonly name: string };
  "formula/target-no-time": { readonly name: string; readonly example: string };
  "formula/no-start": { readonly name: string; readonly written: string };
  "formula/no-end": { readonly name: string; readonly written: string };
  "formula/lag-in-start": { readonly clause: string };
  "formula/not-indexable": { readonly name: string };
  "formula/too-many-indexes": { readonly name: string; readonly axes: string; readonly found: number };
  "formula/unknown-label": {
    readonly label: string;
    readonly axes: string;
    readonly suggestion?: string | undefined;
    /** `month` runs from …: for a period outside the time axis. */
    readonly periods?: string | undefined;
  };
  "formula/ambiguous-index": { readonly written: string; readonly axes: string; readonly name: string };
  "formula/range-order": { readonly from: string; readonly to: string };
  "formula/two-spans": { readonly name: string };
  // Stocks
  "formula/stock-no-time": { readonly name: string };
  "formula/stock-no-start": Record<string, never>;
  "formula/stock-end": Record<string, never>;
  "formula/stock-inside": Record<string, never>;
  "formula/stock-place": { readonly name: string; readonly where: string };
  "formula/lag-in-stock": { readonly name: string; readonly written: string; readonly stock: string };
}

export type FormulaCode = keyof FactsByCode;

interface Wording {
  readonly message: string;
  readonly hint?: string | undefined;
}

/** A formula diagnostic in words. */
export function formulaDiagnostic<C extends FormulaCode>(
  code: C,
  where: { readonly source: string; readonly span: Span; readonly severity?: Severity },
  facts: FactsByCode[C],
): Diagnostic {
  const { message, hint } = (wording[code] as (facts: FactsByCode[C]) => Wording)(facts);
  const diagnostic = {
    code,
    severity: where.severity ?? "error",
    source: where.source,
    span: where.span,
    message,
  };
  return hint === undefined ? diagnostic : { ...diagnostic, hint };
}

function didYouMean(suggestion: string | undefined): string | undefined {
  return suggestion === undefined ? undefined : `did you mean \`${suggestion}\`?`;
}

/** What was meant by a character that only looks like one of ours: `"` for “, `3` for ３. */
function plainForm(written: string): string | undefined {
  if (/[$€£¥]/.test(written)) return "a unit stands behind its number: `20 USD`";
  const plain = /[“”„‟«»‘’‚‛]/.test(written) ? '"' : written.normalize("NFKC");
  return plain !== written && /^[!-~]+$/.test(plain) ? `write \`${plain}\`` : undefined;
}

function plural(n: number, noun: string): string {
  return n === 1 ? `1 ${noun}` : `${n} ${noun}s`;
}

type WordingTable = { readonly [C in FormulaCode]: (facts: FactsByCode[C]) => Wording };

const readingWording: Pick<WordingTable, ReadingCode> = {
  "formula/empty": () => ({ message: "the formula is empty" }),
  "formula/unknown-character": ({ written }) => ({
    message: `\`${written}\` means nothing in a formula`,
    hint: plainForm(written),
  }),
  "formula/unclosed-text": ({ quote }) => ({
    message:
      quote === '"' ? "the text has no closing quote" : "a sheet name in single quotes has no closing quote",
    hint:
      quote === '"' ? 'close it with `"`; a quote inside a text is written `""`' : 'texts are written in `"`',
  }),
  "formula/unknown-error-literal": ({ written }) => ({
    message: `\`${written}\` is no error value`,
    hint: "a comment needs a space on both sides of its `#`",
  }),
  "formula/foreign-operator": ({ written, ours }) => ({
    message: `\`${written}\` is no operator here`,
    hint: ours !== "" ? `write \`${ours}\`` : `write \`${written === "||" ? "OR" : "AND"}(…, …)\``,
  }),
  "formula/expected-operand": ({ found, before }) => ({
    message: found === "" ? `a value is missing${behind(before)}` : `a value is missing before \`${found}\``,
  }),
  "formula/unexpected": ({ found, isBehindPercent }) => ({
    message: `\`${found}\` cannot stand here`,
    hint: isBehindPercent
      ? "`%` divides by 100; the remainder is `MOD(a, b)`"
      : "an operator or a comma seems to be missing before it",
  }),
  "formula/unclosed": ({ bracket }) => ({ message: `\`${bracket}\` is never closed` }),
  "formula/stray-bracket": ({ bracket }) => ({ message: `\`${bracket}\` closes nothing` }),
  "formula/too-deep": ({ limit }) => ({
    message: `the formula nests deeper than ${limit} levels`,
    hint: "give an inner part a name of its own",
  }),
  "formula/number-too-large": ({ written }) => ({
    message: `\`${written}\` is too large`,
    hint: "numbers go up to about 1.79e308",
  }),
  "formula/array-shape": ({ expected, found }) => ({
    message: `this row has ${plural(found, "cell")}, the first has ${expected}`,
  }),
  "formula/empty-array": () => ({ message: "an array needs at least one cell" }),
  "formula/separator": () => ({ message: "arguments are separated by `,`, not `;`" }),
  "formula/negative-index": ({ name, offset }) => ({
    message: `\`${name}[${offset}]\` could mean the last one or the one before`,
    hint: `write \`${name}[t${offset < 0 ? offset : `+${offset}`}]\` for the period ${offset < 0 ? "before" : "after"}`,
  }),
  "formula/bad-index": ({ found }) => ({
    message: found === "" ? "an index is missing" : `\`${found}\` is no index`,
    hint: "an index is `*`, `t-1`, `t-11..t`, `..t`, a label, a range of labels or the name of a key",
  }),
  "formula/bad-window": ({ written, name = "x", meant }) => ({
    message: `\`${written}\` is no span of periods`,
    hint:
      meant === undefined
        ? "write it from the earlier to the later: `t-11..t`"
        : spanHint(`${name}[${meant}]`, meant),
  }),
  "formula/expected-axis": ({ found }) => ({
    message: found === "" ? "an axis is missing behind `over`" : `\`${found}\` is no axis name`,
  }),
  "formula/expected-reference": ({ sheet }) => ({ message: `a cell is missing behind \`${sheet}!\`` }),
  "formula/spill": ({ written }) => ({
    message: `\`${written}#\`: spilled ranges are not supported`,
    hint: "refer to the range by its corners",
  }),
};

function spanHint(written: string, meant: string): string {
  if (meant === "*")
    return `write \`${written}\` for all periods, or \`..t\` for those up to the current one`;
  if (meant.startsWith("..")) return `write \`${written}\` for all periods up to there`;
  if (meant.endsWith("..")) return `write \`${written}\` for all periods from there on`;
  return `write \`${written}\``;
}

function behind(before: string): string {
  return before === "" ? "" : ` behind \`${before}\``;
}

const nameWording: Pick<WordingTable, NameCode> = {
  "formula/unknown-name": ({ name, isModel, suggestion }) => ({
    message: isModel ? `no attribute \`${name}\`` : `nothing is named \`${name}\``,
    hint: didYouMean(suggestion),
  }),
  "formula/unknown-function": ({ name, suggestion, meant }) => ({
    message: `no function \`${name}\``,
    hint: meant ?? didYouMean(suggestion),
  }),
  "formula/not-a-function": ({ name }) => ({ message: `\`${name}\` is no function and cannot be called` }),
  "formula/union": () => ({
    message: "a list in brackets joins areas of a worksheet, and these are none",
    hint: "arguments stand behind the name of a function: `SUM(a, b)`",
  }),
  "formula/function-as-value": ({ name }) => ({
    message: `\`${name}\` is a function; it needs its arguments in brackets`,
    hint: `\`${name}(…)\`, or \`LAMBDA(x, ${name}(x))\` where a function is asked for`,
  }),
  "formula/axis-as-value": ({ axis, isTime }) => ({
    message: `\`${axis}\` is an axis, not a value`,
    hint: isTime
      ? "the current period is `PERIOD()`, its label `PERIOD_LABEL()`"
      : `the current member is \`MEMBER(${axis})\``,
  }),
  "formula/a1-in-model": ({ reference }) => ({
    message: `\`${reference}\` is a cell of a worksheet, and a model has none`,
    hint: "refer to attributes by name",
  }),
  "formula/unbound-reference": ({ reference }) => ({
    message: `\`${reference}\` has no value`,
    hint: `give it one: \`--set ${reference}=…\``,
  }),
  "formula/static-only": ({ name }) => ({
    message: `\`${name}\` finds its cells only while calculating, so nothing could know what depends on what`,
    hint: "use an index (`x[t-1]`, `x[key]`), INDEX or XLOOKUP",
  }),
  "formula/needs-input": ({ name }) => ({
    message: `\`${name}\` changes by itself, so the same model would give different results`,
    hint: "declare an input with a fixed value, and set it",
  }),
  "formula/too-few-arguments": ({ name, signature, found }) => ({
    message: `\`${name}\` needs more than ${plural(found, "argument")}`,
    hint: signature,
  }),
  "formula/too-many-arguments": ({ name, signature, found }) => ({
    message: `\`${name}\` does not take ${plural(found, "argument")}`,
    hint: signature,
  }),
  "formula/expected-name": ({ name }) => ({ message: `\`${name}\` needs a plain name here` }),
  "formula/let-shape": () => ({
    message: "`LET` takes pairs of name and value, then one result",
    hint: "`LET(rate, 0.1, amount, 20, rate * amount)`",
  }),
  "formula/duplicate-local": ({ name }) => ({ message: `\`${name}\` is named twice` }),
  "formula/text-arithmetic": ({ operator, operand }) => ({
    message: `${operand} is a text, and \`${operator}\` calculates with numbers`,
    hint: "join texts with `&`; turn a text into a number with `VALUE(…)`",
  }),
  "formula/array-result": ({ axis }) => ({
    message: "this gives several values, and a cell holds one",
    hint: axis === undefined ? "reduce it: `SUM(…)`" : `reduce it (\`SUM(…)\`) or pick one of \`${axis}\``,
  }),
  "formula/lambda-result": () => ({
    message: "this gives a function, and a cell holds a value",
    hint: "call it: `LAMBDA(x, x * 2)(3)`",
  }),
};

const axisWording: Pick<WordingTable, AxisCode> = {
  "formula/missing-axis": ({ name, axis, example, isTime }) => ({
    message: `\`${name}\` also varies by \`${axis}\`, and this formula does not`,
    hint: `reduce it (\`sum(${name} over ${axis})\`) or pick one ${isTime ? "period" : "member"} (\`${name}[${example}]\`)`,
  }),
  "formula/unknown-axis": ({ axis, suggestion }) => ({
    message: `no axis \`${axis}\``,
    hint: didYouMean(suggestion),
  }),
  "formula/unused-over": ({ axis }) => ({ message: `nothing in the brackets varies by \`${axis}\`` }),
  "formula/over-needs-reduction": ({ name }) => ({
    message: `\`${name}\` does not reduce several values to one, so \`over\` has no meaning in it`,
    hint: "functions like SUM, AVERAGE, MIN, MAX, COUNT take `over`",
  }),
  "formula/nested-over": ({ name }) => ({
    message: `\`${name}\` reduces inside another \`over\``,
    hint: "give the inner part an attribute of its own",
  }),
  "formula/over-too-many": ({ name, axes }) => ({
    message: `\`${name}\` lacks some of the axes ${axes}; over more than two axes all references must have all of them`,
    hint: "give the inner part an attribute of its own",
  }),
  "formula/no-current-period": ({ name }) => ({
    message: `\`${name}\` is the current period, and this formula does not vary by time`,
    hint: "add the time axis to the axes of the block, as in `block sales by month`",
  }),
  "formula/no-current-member": ({ axis }) => ({
    message: `there is no current member of \`${axis}\` here`,
    hint: `add \`${axis}\` to the axes of the block`,
  }),
  "formula/no-time": ({ name }) => ({
    message: `\`${name}\` does not vary by time, so it has no other periods`,
  }),
  "formula/target-no-time": ({ name, example }) => ({
    message: `there is no current period here, so \`${name}\` cannot be read relative to it`,
    hint: `pick a period (\`${name}[${example}]\`)`,
  }),
  "formula/no-start": ({ name, written }) => ({
    message: `\`${name}[${written}]\` reaches before the first period`,
    hint: written.includes("..")
      ? `say what is there (\`start …\` behind the formula) or leave it out (\`${name}[${written} clip]\`)`
      : "say what is there: `start …` behind the formula",
  }),
  "formula/no-end": ({ name, written }) => ({
    message: `\`${name}[${written}]\` reaches behind the last period`,
    hint: written.includes("..")
      ? `say what is there (\`end …\` behind the formula) or leave it out (\`${name}[${written} clip]\`)`
      : "say what is there: `end …` behind the formula",
  }),
  "formula/lag-in-start": ({ clause }) => ({
    message: `a \`${clause}\` value cannot itself reach before the first or behind the last period`,
  }),
  "formula/not-indexable": ({ name }) => ({ message: `\`${name}\` has no axes and takes no index` }),
  "formula/too-many-indexes": ({ name, axes, found }) => ({
    message: `\`${name}\` varies by ${axes}; ${plural(found, "index").replace(/indexs$/, "indexes")} cannot fit`,
  }),
  "formula/unknown-label": ({ label, axes, suggestion, periods }) => ({
    message: `\`${label}\` is no member of ${axes}`,
    hint: periods ?? didYouMean(suggestion),
  }),
  "formula/ambiguous-index": ({ written, axes, name }) => ({
    message: `\`${written}\` could stand for ${axes}`,
    hint: `give every axis of \`${name}\` an index, in order`,
  }),
  "formula/range-order": ({ from, to }) => ({ message: `\`${from}\` comes after \`${to}\`` }),
  "formula/two-spans": ({ name }) => ({
    message: `\`${name}\` is spanned over more than two axes at once`,
    hint: "give the inner part an attribute of its own",
  }),
};

const stockWording: Pick<WordingTable, StockCode> = {
  "formula/stock-no-time": ({ name }) => ({
    message: `\`${name}\` runs over time, and this formula does not`,
    hint: "add the time axis to the block: `block name by year`",
  }),
  "formula/stock-no-start": () => ({
    message: "a stock needs its value in the first period",
    hint: "write `start …` behind it: `integral(flow)  start 100`",
  }),
  "formula/stock-end": () => ({ message: "a stock runs forward, so it has no `end`" }),
  "formula/stock-inside": () => ({
    message: "`integral` is a whole formula, not a part of one",
    hint: "give the stock an attribute of its own: `level = integral(flow)  start 100`",
  }),
  "formula/stock-place": ({ name, where }) => ({
    message: `\`${name}\` cannot stand ${where}`,
    hint: "give it an attribute of its own, and read that",
  }),
  "formula/lag-in-stock": ({ name, written, stock }) => ({
    message: `\`${name}[${written}]\` in \`${stock}\`: its steps read what is there at their time, not other periods`,
    hint: written.startsWith("t+")
      ? "give it an attribute of its own with an `end`"
      : `give it an attribute of its own with a \`start\`, or write \`DELAY_FIXED(${name}, 1, first)\``,
  }),
};

const wording: WordingTable = { ...readingWording, ...nameWording, ...axisWording, ...stockWording };

type ReadingCode =
  | "formula/empty"
  | "formula/unknown-character"
  | "formula/unclosed-text"
  | "formula/unknown-error-literal"
  | "formula/foreign-operator"
  | "formula/expected-operand"
  | "formula/unexpected"
  | "formula/unclosed"
  | "formula/stray-bracket"
  | "formula/too-deep"
  | "formula/number-too-large"
  | "formula/array-shape"
  | "formula/empty-array"
  | "formula/separator"
  | "formula/negative-index"
  | "formula/bad-index"
  | "formula/bad-window"
  | "formula/expected-axis"
  | "formula/expected-reference"
  | "formula/spill";
type AxisCode =
  | "formula/missing-axis"
  | "formula/unknown-axis"
  | "formula/unused-over"
  | "formula/over-needs-reduction"
  | "formula/nested-over"
  | "formula/over-too-many"
  | "formula/no-current-period"
  | "formula/no-current-member"
  | "formula/no-time"
  | "formula/target-no-time"
  | "formula/no-start"
  | "formula/no-end"
  | "formula/lag-in-start"
  | "formula/not-indexable"
  | "formula/too-many-indexes"
  | "formula/unknown-label"
  | "formula/ambiguous-index"
  | "formula/range-order"
  | "formula/two-spans";
type StockCode =
  | "formula/stock-no-time"
  | "formula/stock-no-start"
  | "formula/stock-end"
  | "formula/stock-inside"
  | "formula/stock-place"
  | "formula/lag-in-stock";
type NameCode = Exclude<FormulaCode, ReadingCode | AxisCode | StockCode>;
