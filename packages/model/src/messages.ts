/**
 * The wording of the model's diagnostics, by code. Everything a user reads about a model or scenario file is written
 * here; the places that find a problem give its facts only. Codes are stable, wording may change.
 */
import type { Diagnostic, DiagnosticNote, Severity, Span } from "@reckon/formula";
import { type ScenarioFacts, scenarioWordings } from "./scenario-messages.ts";
import { didYouMean, type Wording, type Wordings } from "./wording.ts";

/** The facts each diagnostic is made from. */
export interface Facts extends ScenarioFacts {
  /* reading a file */
  "model/expected": { readonly expected: string; readonly found?: string; readonly hint?: string };
  "model/unknown-keyword": { readonly word: string; readonly suggestion?: string };
  "model/reserved-word": { readonly word: string; readonly use: string };
  "model/unclosed": { readonly bracket: string; readonly closing: string };
  "model/unclosed-text": { readonly text: string };
  "model/unexpected": { readonly found: string; readonly hint?: string };
  "model/unknown-clause": {
    readonly word: string;
    readonly suggestion?: string;
    readonly allowed: string;
    /** The function of that name. */
    readonly called?: string;
  };
  "model/misplaced-clause": {
    readonly clause: string;
    readonly where: string;
    readonly allowed: string;
    readonly suggestion?: string;
  };
  "model/repeated-clause": { readonly clause: string };
  "model/exclusive-clauses": { readonly clauses: string; readonly hint?: string };
  "model/bad-clause": {
    readonly clause: string;
    readonly wanted: string;
    readonly suggestion?: string;
    readonly hint?: string;
  };
  "model/missing-value": { readonly name: string; readonly example: string };
  "model/missing-input-keyword": { readonly name: string };
  "model/wrong-file": { readonly found: string; readonly expected: string };
  "model/no-header": { readonly kind: "model" | "scenario" };
  "model/misplaced-header": { readonly kind: string };
  "model/outside-block": { readonly what: string; readonly name: string };
  "model/misplaced-line": { readonly what: string; readonly where: string };
  "model/lone-clause": { readonly what: string; readonly place: string; readonly example: string };
  /* names */
  "model/duplicate-name": { readonly what: string; readonly name: string };
  "model/duplicate-member": { readonly name: string; readonly axis: string };
  "model/duplicate-line": { readonly what: string };
  "model/unknown-axis": { readonly name: string; readonly suggestion?: string; readonly declared: string };
  "model/repeated-axis": { readonly name: string; readonly block: string };
  "model/too-many-cells": { readonly what: string; readonly cells: number; readonly cellsMax: number };
  "model/unknown-attribute": { readonly name: string; readonly suggestion?: string };
  "model/unknown-block": { readonly name: string; readonly suggestion?: string };
  /* axes and tables */
  "model/bad-time": { readonly problem: string; readonly suggestion?: string };
  "model/bad-table": { readonly path: string; readonly problem: string };
  "model/no-table-key": { readonly path: string; readonly columns: string };
  "model/unknown-column": {
    readonly name: string;
    readonly path: string;
    readonly suggestion?: string;
    readonly columns: string;
  };
  "model/no-value-column": { readonly path: string; readonly columns: string };
  "model/table-axis-missing": { readonly axis: string; readonly path: string };
  "model/table-axis-foreign": { readonly axis: string; readonly attribute: string; readonly axes: string };
  "model/table-key-unknown": {
    readonly key: string;
    readonly axis: string;
    readonly path: string;
    readonly line: number;
    readonly suggestion?: string;
  };
  "model/table-key-missing": { readonly path: string; readonly keys: string; readonly more: number };
  "model/table-key-blank": { readonly column: string; readonly path: string; readonly line: number };
  "model/table-key-duplicate": {
    readonly key: string;
    readonly path: string;
    readonly line: number;
    readonly firstLine: number;
  };
  /* values of inputs */
  "model/not-constant": {
    readonly attribute: string;
    readonly isOverride: boolean;
    /** What is written, where it may have been meant as a text. */
    readonly word?: string;
  };
  "model/value-error": { readonly attribute: string; readonly code: string; readonly detail?: string };
  "model/unknown-member": {
    readonly label: string;
    readonly axes: string;
    readonly suggestion?: string;
    readonly members: string;
  };
  "model/missing-members": { readonly axis: string; readonly missing: string };
  "model/repeated-member": { readonly label: string };
  "model/no-axis-left": { readonly attribute: string; readonly axes: string };
  "model/list-length": { readonly found: number; readonly wanted: number; readonly axis: string };
  "model/list-without-time": { readonly attribute: string };
  "model/out-of-range": {
    readonly cell: string;
    readonly value: string;
    readonly bounds: string;
    readonly row?: string;
  };
  "model/wrong-type": {
    readonly cell: string;
    readonly value: string;
    readonly wanted: string;
    readonly row?: string;
  };
  "model/bounds-order": { readonly min: string; readonly max: string };
  "model/column-axes": { readonly column: string; readonly axis: string; readonly attribute: string };
  /* loops and checks */
  "model/undeclared-loop": { readonly path: string; readonly within?: string; readonly ways: string };
  "model/loop-across-periods": { readonly path: string; readonly name: string };
  "model/mixed-lags": { readonly path: string; readonly name: string; readonly reads: readonly string[] };
  "model/needless-loop": { readonly attribute: string };
  "model/loop-on-input": { readonly attribute: string };
  "model/loop-start-cycle": { readonly attribute: string; readonly name: string };
  /* curves and stocks */
  "model/short-curve": { readonly name: string; readonly found: number };
  "model/curve-order": { readonly x: string; readonly before: string };
  "model/curve-name": { readonly name: string };
  "model/loop-on-stock": { readonly attribute: string };
  "model/initial-cycle": { readonly path: string };
  "model/short-time": {
    readonly call: string;
    readonly time: string;
    readonly step: string;
    readonly within: string;
    readonly isFixed: boolean;
    /** The step that would do. */
    readonly wanted?: string;
  };
  "model/stock-cycle": { readonly path: string; readonly isByMoving: boolean };
  /* edits */
  "edit/unknown-attribute": { readonly name: string; readonly suggestion?: string };
  "edit/not-an-input": { readonly attribute: string };
  "edit/not-a-formula": { readonly attribute: string };
  "edit/value-from-table": { readonly attribute: string; readonly path: string };
  "edit/no-text": { readonly value: string };
  "edit/several-lines": { readonly text: string };
  "edit/several-declarations": { readonly text: string };
  "edit/too-large": { readonly attribute: string; readonly cells: number };
  /* other forms */
  "json/bad-shape": { readonly path: string; readonly wanted: string };
}

export type Code = keyof Facts;

const inRow = (row: string | undefined): string => (row === undefined ? "" : `${row}: `);

const wordings: Wordings<Facts> = {
  ...scenarioWordings,
  "model/expected": ({ expected, found, hint }) => ({
    message: `expected ${expected}${found === undefined ? "" : `, found ${found}`}`,
    hint,
  }),
  "model/unknown-keyword": ({ word, suggestion }) => ({
    message: `\`${word}\` does not begin a declaration`,
    hint:
      didYouMean(suggestion) ??
      "a line is `name = formula`, or begins with a keyword such as `input` or `block`",
  }),
  "model/reserved-word": ({ word, use }) => ({
    message: `\`${word}\` is a reserved word and cannot name ${use}`,
    hint: `choose another name, for example \`${word}_value\``,
  }),
  "model/unclosed": ({ bracket, closing }) => ({
    message: `\`${bracket}\` is never closed`,
    hint: `add \`${closing}\` before the next declaration`,
  }),
  "model/unclosed-text": ({ text }) => ({
    message: `the text ${text} is never closed`,
    hint: 'close it with `"` on the same line; a quote inside a text is written twice',
  }),
  "model/unexpected": ({ found, hint }) => ({ message: `${found} does not belong here`, hint }),
  "model/unknown-clause": ({ word, suggestion, allowed, called }) => ({
    message: `unknown clause \`${word}\``,
    hint:
      (called === undefined ? undefined : `a function is written before its arguments: \`${called}(…)\``) ??
      didYouMean(suggestion) ??
      `here one may write ${allowed}`,
  }),
  "model/misplaced-clause": ({ clause, where, allowed, suggestion }) => ({
    message: `\`${clause}\` does not go with ${where}`,
    hint: didYouMean(suggestion) ?? `here one may write ${allowed}`,
  }),
  "model/repeated-clause": ({ clause }) => ({
    message: clause === "label" ? "the label is given twice" : `\`${clause}\` is given twice`,
  }),
  "model/exclusive-clauses": ({ clauses, hint }) => ({ message: `${clauses} exclude each other`, hint }),
  "model/bad-clause": ({ clause, wanted, suggestion, hint }) => ({
    message: `\`${clause}\` needs ${wanted}`,
    hint: hint ?? didYouMean(suggestion),
  }),
  "model/missing-value": ({ name, example }) => ({
    message: `\`${name}\` has no value`,
    hint: `write \`${example}\``,
  }),
  "model/missing-input-keyword": ({ name }) => ({
    message: `\`${name}\` has a list of values, which only an input can have`,
    hint: `write \`input ${name} = …\``,
  }),
  "model/wrong-file": ({ found, expected }) => ({
    message: `this is a ${found} file; a ${expected} is expected here`,
  }),
  "model/no-header": ({ kind }) => ({
    message: `the first declaration must say what the file is`,
    hint: kind === "model" ? "begin with `model name`" : "begin with `scenario name of model`",
  }),
  "model/misplaced-header": ({ kind }) => ({
    message: `\`${kind}\` stands once, as the first declaration of the file`,
  }),
  "model/outside-block": ({ what, name }) => ({
    message: `${what} \`${name}\` stands outside a block`,
    hint: "begin a block before it, for example `block main`",
  }),
  "model/misplaced-line": ({ what, where }) => ({ message: `\`${what}\` belongs in ${where}` }),
  "model/lone-clause": ({ what, place, example }) => ({
    message: `${what} does not stand on a line of its own`,
    hint: `it belongs behind ${place}, on the same line: \`${example}\``,
  }),

  "model/duplicate-name": ({ what, name }) => ({
    message: `${what} \`${name}\` is declared twice`,
    hint: "rename or remove one of them; the last one never wins silently",
  }),
  "model/duplicate-member": ({ name, axis }) => ({
    message: `\`${name}\` is twice a member of axis \`${axis}\``,
  }),
  "model/duplicate-line": ({ what }) => ({ message: `a model has one \`${what}\` line` }),
  "model/unknown-axis": ({ name, suggestion, declared }) => ({
    message: `no axis \`${name}\``,
    hint:
      didYouMean(suggestion) ??
      (declared === "" ? "declare it: `axis name = A, B`" : `the axes are ${declared}`),
  }),
  "model/repeated-axis": ({ name, block }) => ({ message: `block \`${block}\` has axis \`${name}\` twice` }),
  "model/too-many-cells": ({ what, cells, cellsMax }) => ({
    message: `${what} would have ${cells} cells; at most ${cellsMax} are allowed`,
    hint: "take fewer axes together, or shorter ones",
  }),
  "model/unknown-attribute": ({ name, suggestion }) => ({
    message: `no attribute \`${name}\``,
    hint: didYouMean(suggestion),
  }),
  "model/unknown-block": ({ name, suggestion }) => ({
    message: `no block \`${name}\``,
    hint: didYouMean(suggestion),
  }),

  "model/bad-time": ({ problem, suggestion }) => ({ message: problem, hint: didYouMean(suggestion) }),
  "model/bad-table": ({ path, problem }) => ({ message: `cannot read table "${path}": ${problem}` }),
  "model/no-table-key": ({ path, columns }) => ({
    message: `an axis from table "${path}" needs a key column, whose values are its members`,
    hint: `add \`key column\`; its columns are ${columns}`,
  }),
  "model/unknown-column": ({ name, path, suggestion, columns }) => ({
    message: `table "${path}" has no column \`${name}\``,
    hint: didYouMean(suggestion) ?? `its columns are ${columns}`,
  }),
  "model/no-value-column": ({ path, columns }) => ({
    message: `table "${path}" has more than one column of values`,
    hint: `say which one: \`value column\`, one of ${columns}`,
  }),
  "model/table-axis-missing": ({ axis, path }) => ({
    message: `table "${path}" is not keyed by axis \`${axis}\` of its block`,
    hint: `add \`by ${axis}\``,
  }),
  "model/table-axis-foreign": ({ axis, attribute, axes }) => ({
    message: `\`${attribute}\` has no axis \`${axis}\``,
    hint: axes === "" ? "its block has no axes" : `its axes are ${axes}`,
  }),
  "model/table-key-unknown": ({ key, axis, path, line, suggestion }) => ({
    message: `${path}:${line}: \`${key}\` is no member of axis \`${axis}\``,
    hint: didYouMean(suggestion),
  }),
  "model/table-key-missing": ({ path, keys, more }) => ({
    message: `${path} has no row for ${keys}${more > 0 ? ` and ${more} more` : ""}`,
    hint: "every cell needs a row; nothing defaults silently to 0",
  }),
  "model/table-key-blank": ({ column, path, line }) => ({
    message: `${path}:${line}: the key \`${column}\` is blank`,
  }),
  "model/table-key-duplicate": ({ key, path, line, firstLine }) => ({
    message: `${path}:${line}: a second row for ${key}`,
    hint: `the first is in line ${firstLine}`,
  }),

  "model/not-constant": ({ attribute, isOverride, word }) => ({
    message: `the value of ${isOverride ? "" : "input "}\`${attribute}\` must be a constant`,
    hint:
      word !== undefined
        ? `a text stands in quotes of its own: \`"${word}"\``
        : isOverride
          ? "formulas belong in the model"
          : "a formula is written without the word `input`",
  }),
  "model/value-error": ({ attribute, code, detail }) => ({
    message: `the value of \`${attribute}\` is ${code}${detail === undefined ? "" : `: ${detail}`}`,
  }),
  "model/unknown-member": ({ label, axes, suggestion, members }) => ({
    message: `\`${label}\` is no member of ${axes}`,
    hint: didYouMean(suggestion) ?? `its members are ${members}`,
  }),
  "model/missing-members": ({ axis, missing }) => ({
    message: `no value for ${missing} of axis \`${axis}\``,
    hint: "every member needs a value; nothing defaults silently to 0",
  }),
  "model/repeated-member": ({ label }) => ({ message: `\`${label}\` is given twice` }),
  "model/no-axis-left": ({ attribute, axes }) => ({
    message: `\`${attribute}\` has no axis left for this list`,
    hint: axes === "" ? "its block has no axes: write a single value" : `its axes are ${axes}`,
  }),
  "model/list-length": ({ found, wanted, axis }) => ({
    message: `${found} ${found === 1 ? "value" : "values"} for ${wanted} ${wanted === 1 ? "period" : "periods"} of axis \`${axis}\``,
    hint: "a list has one value for each period, in order",
  }),
  "model/list-without-time": ({ attribute }) => ({
    message: `a list \`[…]\` runs along time, and \`${attribute}\` has no time axis here`,
    hint: "write `{ member: value, … }` for the members of another axis",
  }),
  "model/out-of-range": ({ cell, value, bounds, row }) => ({
    message: `${inRow(row)}\`${cell}\` is ${value}; it must be ${bounds}`,
  }),
  "model/wrong-type": ({ cell, value, wanted, row }) => ({
    message: `${inRow(row)}\`${cell}\` is ${value}; it must be ${wanted}`,
  }),
  "model/bounds-order": ({ min, max }) => ({
    message: `the lower bound ${min} is above the upper bound ${max}`,
  }),
  "model/column-axes": ({ column, axis, attribute }) => ({
    message: `\`${column}\` has axis \`${axis}\`, which the block of \`${attribute}\` has not`,
    hint: `add it to the block: \`by ${axis}\``,
  }),

  "model/undeclared-loop": ({ path, within, ways }) => ({
    message: `${path}${within === undefined ? "" : `, within one ${within}`}`,
    hint: ways,
  }),
  "model/loop-across-periods": ({ path, name }) => ({
    message: `${path}: this loop crosses periods, so it cannot be solved period by period`,
    hint: `declare it (\`loop ${name} start …\`), and all its periods are solved at once, or break it (read the current or the last period, \`x[t-1]\`, instead of a fixed one or all of them)`,
  }),
  "model/mixed-lags": ({ path, name, reads: [lag, lead] }) => ({
    message: `${path} reads the past (\`${lag}\`) and the future (\`${lead}\`) of itself`,
    hint: `declare it (\`loop ${name} start …\`), and all its periods are solved at once, or remove one of the two`,
  }),
  "model/needless-loop": ({ attribute }) => ({
    message: `\`${attribute}\` is in no loop, so the \`loop\` line does nothing`,
    hint: "remove the line",
  }),
  "model/loop-on-input": ({ attribute }) => ({
    message: `\`${attribute}\` is an input; only a formula can be in a loop`,
  }),
  "model/loop-start-cycle": ({ attribute, name }) => ({
    message: `the start of loop \`${attribute}\` reads \`${name}\`, which is in the loop itself`,
    hint: `start from an input, a number or the period before (\`${attribute}[t-1]\`)`,
  }),

  "model/short-curve": ({ name, found }) => ({
    message: `curve \`${name}\` has ${found === 0 ? "no points" : "one point"}; it needs at least two`,
    hint: `write \`curve ${name} = (0, 1) (10, 0.5)\``,
  }),
  "model/curve-order": ({ x, before }) => ({
    message: `the points of a curve ascend: x is ${x} behind ${before}`,
    hint: x === before ? "for a step, let the second x be a little larger" : "put the points in order of x",
  }),
  "model/curve-name": ({ name }) => ({
    message: `\`${name}\` is a function of the library and cannot name a curve`,
    hint: `choose another name, for example \`${name}_curve\``,
  }),
  "model/loop-on-stock": ({ attribute }) => ({
    message: `\`${attribute}\` is a stock: what flows in is read at the beginning of a step, so no loop runs through it`,
    hint: "remove the line, or cut the loop at another attribute",
  }),
  "model/stock-cycle": ({ path, isByMoving }) => ({
    message: `${path}: a stock waits here for what waits for it, and a \`loop\` line does not help`,
    hint: isByMoving
      ? "stocks that flow into each other move together in the steps of a period: let what flows read no later period, or take whole steps (no `dt`, `method euler`)"
      : "stocks go from one period to the next: let what flows read the current period or an earlier one, not a later one, a fixed one or all of them",
  }),
  "model/short-time": ({ call, time, step, within, isFixed, wanted }) => ({
    message: isFixed
      ? `\`${call}\` is late by a whole step of ${step} ${within}, not by ${time}`
      : `\`${call}\` has a stock that empties in ${time} ${within}, sooner than in a step of ${step}: it overshoots`,
    hint: wanted === undefined ? undefined : `choose a \`dt\` of at most ${wanted}`,
  }),
  "model/initial-cycle": ({ path }) => ({
    message: `${path}, in the first period`,
    hint: "a first value cannot depend on itself: give a number (`start 100`, or as last argument of SMOOTH, DELAY1 …)",
  }),

  "edit/unknown-attribute": ({ name, suggestion }) => ({
    message: `no attribute \`${name}\``,
    hint: didYouMean(suggestion),
  }),
  "edit/not-an-input": ({ attribute }) => ({
    message: `\`${attribute}\` is a formula; its cells are computed`,
    hint: `edit the formula, or pin it in a scenario: \`pin ${attribute} = …\``,
  }),
  "edit/not-a-formula": ({ attribute }) => ({
    message: `\`${attribute}\` is an input; it has a value, not a formula`,
  }),
  "edit/value-from-table": ({ attribute, path }) => ({
    message: `the value of \`${attribute}\` comes from \`${path}\``,
    hint: `edit that file, or override it in a scenario: \`${attribute}[…] = …\``,
  }),
  "edit/no-text": ({ value }) => ({ message: `${value} cannot be written as a constant` }),
  "edit/several-lines": ({ text }) => ({ message: `\`${text}\` is more than one line` }),
  "edit/several-declarations": ({ text }) => ({ message: `\`${text}\` is not exactly one declaration` }),
  "edit/too-large": ({ attribute, cells }) => ({
    message: `\`${attribute}\` has ${cells} cells, too many to write in the model`,
    hint: "keep such values in a table, or override the cells in a scenario",
  }),

  "json/bad-shape": ({ path, wanted }) => ({ message: `${path} must be ${wanted}` }),
};

export interface MoreFacts {
  readonly severity?: Severity;
  readonly notes?: readonly DiagnosticNote[];
  readonly showsSource?: boolean;
  readonly cells?: NonNullable<Diagnostic["cells"]>;
}

/** A diagnostic from a code and its facts. Fresh; nothing is shared. */
export function diagnose<C extends Code>(
  code: C,
  at: { readonly source: string; readonly span: Span },
  facts: Facts[C],
  more: MoreFacts = {},
): Diagnostic {
  const wording = (wordings[code] as (facts: Facts[C]) => Wording)(facts);
  return {
    code,
    severity: more.severity ?? "error",
    source: at.source,
    span: at.span,
    message: wording.message,
    ...(wording.hint === undefined ? {} : { hint: wording.hint }),
    ...(more.notes === undefined ? {} : { notes: more.notes }),
    ...(more.showsSource === undefined ? {} : { showsSource: more.showsSource }),
    ...(more.cells === undefined ? {} : { cells: more.cells }),
  };
}
