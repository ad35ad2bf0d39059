/** The wording of the diagnostics of scenario files; the others are in `messages.ts`. */
import { didYouMean, type Wordings } from "./wording.ts";

export interface ScenarioFacts {
  "scenario/unknown-attribute": { readonly name: string; readonly suggestion?: string };
  "scenario/unknown-block": { readonly name: string; readonly suggestion?: string };
  "scenario/other-model": { readonly written: string; readonly model: string };
  "scenario/needs-pin": { readonly attribute: string };
  "scenario/needless-pin": { readonly attribute: string };
  "scenario/relative-pin": { readonly attribute: string; readonly operator: string };
  "scenario/read-only": { readonly attribute: string; readonly axis: string };
  "scenario/bad-index": { readonly attribute: string; readonly problem: string; readonly hint?: string };
  "scenario/repeated-override": { readonly target: string };
  "scenario/narrow-before-wide": { readonly narrow: string; readonly wide: string };
  "scenario/overlap": { readonly left: string; readonly right: string };
  "scenario/relative-text": { readonly attribute: string; readonly operator: string };
  "scenario/no-table": { readonly attribute: string };
  "scenario/unknown-parent": { readonly name: string; readonly suggestion?: string };
  "scenario/extends-cycle": { readonly path: string };
  "scenario/bad-record": { readonly problem: string; readonly hint?: string };
  "scenario/unknown-key": { readonly key: string; readonly suggestion?: string; readonly allowed: string };
}

export const scenarioWordings: Wordings<ScenarioFacts> = {
  "scenario/unknown-attribute": ({ name, suggestion }) => ({
    message: `no attribute \`${name}\``,
    hint: didYouMean(suggestion),
  }),
  "scenario/unknown-block": ({ name, suggestion }) => ({
    message: `\`${name}\` names no attribute`,
    hint: didYouMean(suggestion) ?? "write `block.attribute`",
  }),
  "scenario/other-model": ({ written, model }) => ({
    message: `this scenario is of model \`${written}\`, not of \`${model}\``,
    hint: `write \`of ${model}\`, or open it with its own model`,
  }),
  "scenario/needs-pin": ({ attribute }) => ({
    message: `\`${attribute}\` is a formula`,
    hint: `overriding a formula needs the explicit word: \`pin ${attribute} = …\``,
  }),
  "scenario/needless-pin": ({ attribute }) => ({
    message: `\`${attribute}\` is an input; \`pin\` is for formulas`,
    hint: "remove the word `pin`",
  }),
  "scenario/relative-pin": ({ attribute, operator }) => ({
    message: `a pin sets the value of \`${attribute}\`; \`${operator}\` would change it`,
    hint: "write `=`",
  }),
  "scenario/read-only": ({ attribute, axis }) => ({
    message: `\`${attribute}\` is a column of the table of axis \`${axis}\` and cannot be overridden`,
    hint: "override an input that is given by it",
  }),
  "scenario/bad-index": ({ attribute, problem, hint }) => ({ message: `\`${attribute}\`: ${problem}`, hint }),
  "scenario/repeated-override": ({ target }) => ({
    message: `\`${target}\` is overridden twice`,
    hint: "remove one of them; the last one never wins silently",
  }),
  "scenario/narrow-before-wide": ({ narrow, wide }) => ({
    message: `\`${wide}\` would override \`${narrow}\` above it`,
    hint: "write the wide one first",
  }),
  "scenario/overlap": ({ left, right }) => ({
    message: `\`${right}\` and \`${left}\` overlap and neither contains the other`,
    hint: "split one of them, so that no cell is overridden by both",
  }),
  "scenario/relative-text": ({ attribute, operator }) => ({
    message: `\`${operator}\` on \`${attribute}\` needs a number`,
  }),
  "scenario/no-table": ({ attribute }) => ({
    message: `\`${attribute}\`: a table cannot stand in a scenario`,
    hint: "write values, or keep a second model input from the table",
  }),
  "scenario/unknown-parent": ({ name, suggestion }) => ({
    message: `no scenario \`${name}\` to extend`,
    hint: didYouMean(suggestion) ?? "give its file too, or extend `base`, the model itself",
  }),
  "scenario/extends-cycle": ({ path }) => ({ message: `the scenarios extend each other: ${path}` }),
  "scenario/bad-record": ({ problem, hint }) => ({ message: problem, hint }),
  "scenario/unknown-key": ({ key, suggestion, allowed }) => ({
    message: `unknown key \`${key}\``,
    hint: didYouMean(suggestion) ?? `the keys are ${allowed}`,
  }),
};
