/** `reckon why`: one value explained. */
import type { CheckedAttribute } from "@reckon/model";
import {
  type CellIndex,
  type Explanation,
  roundText,
  type Sheet,
  solveAdvice,
  solveText,
  startText,
} from "@reckon/sheet";
import type { Scalar } from "@reckon/value";
import { unknownAttribute } from "./attribute-choice.ts";
import { cellName, indexOfLabels } from "./cell-labels.ts";
import { isDate, patternOf } from "./display-pattern.ts";
import { type ExitCode, exitFailure, exitGood } from "./exit-code.ts";
import { exitAfter, type HeavyWork, withHeavyWork } from "./heavy-work.ts";
import { cutLines, loopTitle } from "./loop-warnings.ts";
import { jsonSolve } from "./loops-result.ts";
import { openModel, reportFailure, reportWarnings } from "./open-model.ts";
import type { Output } from "./output.ts";
import type { WhyRequest } from "./request.ts";
import { residualLine } from "./residual-line.ts";
import { jsonScalar } from "./run-result.ts";
import { alignedTexts, shortText } from "./scalar-text.ts";

const cellsOfRangeShownMax = 6;
const dependentsShownMax = 8;
const residualsShownMax = 17;

/** Prints the explanation of one cell. */
export function whyCommand(request: WhyRequest, output: Output): Promise<ExitCode> {
  return withHeavyWork(request.heavy, output, (work) => why(request, work, output));
}

async function why(request: WhyRequest, work: HeavyWork, output: Output): Promise<ExitCode> {
  const loaded = await openModel(request, { work });
  if (!loaded.ok) return reportFailure(loaded, output, request.isJson);
  const { sheet, requested } = loaded;
  try {
    reportWarnings(loaded, output);
    const attribute = sheet.attribute(request.attribute);
    // Reading it would compute it, and not wait for the answer.
    if (attribute !== undefined) sheet.refresh(requested[0], [attribute.id]);
    const settling = await work.settled(sheet, requested);
    if (attribute === undefined) return refuse(unknownAttribute(sheet.model, request.attribute), output);
    const index = indexOf(attribute, request.labels);
    if ("refused" in index) return refuse(index.refused, output);
    const explanation = sheet.why(attribute.id, index.index, requested[0]);
    if (request.isJson) output.data(`${JSON.stringify(jsonExplanation(explanation), null, 2)}\n`);
    else for (const line of explanationLines(explanation, readerOf(sheet))) output.data(`${line}\n`);
    return exitAfter(settling, exitGood);
  } finally {
    loaded.dispose();
  }
}

function refuse(text: string, output: Output): ExitCode {
  output.message(`reckon: ${text}`);
  return exitFailure;
}

/** Labels matched to the axes they are of; each axis needs one. */
function indexOf(
  attribute: CheckedAttribute,
  labels: readonly string[],
): { readonly index: CellIndex } | { readonly refused: string } {
  const found = indexOfLabels(attribute, labels);
  if ("refused" in found) return found;
  const missing = attribute.axes.filter((axis) => !(axis.name in found.index));
  if (missing.length > 0) {
    const example = cellName(
      attribute.id,
      attribute.axes.map((axis) => axis.labels[0] ?? "?"),
    );
    return { refused: `which ${missing.map((axis) => axis.name).join(" and ")}? for example: '${example}'` };
  }
  return found;
}

/** A value of an attribute for one line; a date as a day. */
type Reader = (attribute: string, value: Scalar) => string;

function readerOf(sheet: Sheet): Reader {
  return (id, value) => {
    const attribute = sheet.attribute(id);
    if (typeof value !== "number" || !isDate(attribute)) return shortText(value);
    return alignedTexts([value], patternOf(attribute))[0] as string;
  };
}

/** The explanation line by line, most important first. */
function explanationLines(explanation: Explanation, read: Reader): string[] {
  const { attribute, at, value, unit, label, kind } = explanation;
  const name = cellName(attribute, at);
  const lines = [`${name} = ${read(attribute, value)}${unit === undefined ? "" : ` ${unit}`}`];
  if (label !== undefined) lines.push(`  ${label}`);
  if (explanation.formula !== undefined) lines.push(`  formula   = ${explanation.formula}`);
  if (explanation.substituted !== undefined) lines.push(`            = ${explanation.substituted}`);
  if (kind === "input") lines.push("  input");
  if (explanation.override !== undefined) {
    const { scenario, parentValue } = explanation.override;
    lines.push(
      `  ${kind === "pin" ? "pinned" : "overridden"} in ${scenario}; without it ${read(attribute, parentValue)}`,
    );
  }
  if (explanation.error !== undefined) {
    const { code, origin, detail, chain } = explanation.error;
    const began = origin === undefined ? "" : ` began in ${cellName(origin.attribute, origin.at)}`;
    lines.push(
      `  error     ${code}${began}${detail === undefined ? "" : `: ${detail.replaceAll(/\s+/g, " ")}`}`,
    );
    if (chain.length > 2) {
      lines.push(`  through   ${chain.map((each) => cellName(each.attribute, each.at)).join(" ← ")}`);
    }
  }
  for (const [i, precedent] of explanation.precedents.entries()) {
    const from = cellName(precedent.attribute, precedent.at);
    const written = precedent.written === from ? "" : `  (${precedent.written})`;
    lines.push(
      `${i === 0 ? "  reads     " : "            "}${from} = ${valueText(precedent, read)}${written}`,
    );
  }
  if (explanation.loop !== undefined) lines.push(...loopLines(explanation.loop));
  const way = explanation.unconverged ?? [];
  if (way.length > 1) {
    const through = way.slice(1).map((each) => cellName(each.attribute, each.at));
    lines.push(`  ~         not converged: reads ${through.join(", which reads ")}`);
  }
  if (explanation.dependents.length > 0) {
    const shown = explanation.dependents.slice(0, dependentsShownMax).join(", ");
    const rest = explanation.dependents.length - dependentsShownMax;
    lines.push(`  read by   ${shown}${rest > 0 ? ` and ${rest} more` : ""}`);
  }
  if (explanation.status !== "fresh") lines.push(`  status    ${explanation.status}`);
  lines.push(`  because   ${explanation.reason}`);
  return lines;
}

/** How its loop was solved, from where, and what would help. */
function loopLines(solve: NonNullable<Explanation["loop"]>): string[] {
  const { loop, iterations, residuals, cuts, verdict } = solve;
  const chosen = verdict === "converged" ? ", which chose the solution" : "";
  const drawn = residualLine(residuals, iterations, residualsShownMax);
  const [first, last] = [residuals[0], residuals.at(-1)];
  const texts = [
    `${loopTitle(loop)}: ${solveText(solve)}`,
    ...cutLines(cuts, (cut) => startText(solve, cut) + chosen),
    ...(drawn === "" || first === undefined || last === undefined
      ? []
      : [`residuals ${drawn}  ${roundText(first)} … ${roundText(last)}`]),
    ...solveAdvice(solve).map((advice) => `- ${advice}`),
  ];
  return texts.map((text, i) => `  ${i === 0 ? "loop      " : "          "}${text}`);
}

function valueText({ attribute, value }: Explanation["precedents"][number], read: Reader): string {
  if (!Array.isArray(value)) return read(attribute, value as Exclude<typeof value, readonly unknown[]>);
  const shown = value.slice(0, cellsOfRangeShownMax).map((each) => read(attribute, each));
  return `{${shown.join(", ")}${value.length > cellsOfRangeShownMax ? `, … ${value.length} cells` : ""}}`;
}

function jsonExplanation(explanation: Explanation): object {
  const { loop, override, before, value, precedents, ...rest } = explanation;
  return {
    ...rest,
    value: jsonScalar(value),
    ...(before === undefined ? {} : { before: jsonScalar(before) }),
    precedents: precedents.map((precedent) => ({
      ...precedent,
      value: Array.isArray(precedent.value)
        ? precedent.value.map(jsonScalar)
        : jsonScalar(precedent.value as Exclude<typeof precedent.value, readonly unknown[]>),
    })),
    ...(override === undefined
      ? {}
      : { override: { scenario: override.scenario, parentValue: jsonScalar(override.parentValue) } }),
    ...(loop === undefined ? {} : { loop: jsonSolve(loop) }),
  };
}
