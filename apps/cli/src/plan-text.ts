/**
 * A plan for reading: what was done to it, how wide its levels are, the chain that decides how fast it can be, where
 * the time goes, what would help. Bars are drawn to the largest of their list. A section that has nothing to say is left out.
 */
import { bytesText, msText, type PlanAnalysis, type PlannedUnit, type Rewrite } from "@reckon/plan";
import type { Output } from "./output.ts";
import { spreadMax } from "./paired-times.ts";
import type { Comparison } from "./plan-comparison.ts";
import type { PlanFindings } from "./plan-result.ts";
import type { ScenarioPlan } from "./plan-scenarios.ts";
import { cutTo, padTo, widestOf } from "./text-table.ts";

const levelsShownMax = 16;
const stepsShownMax = 12;
const dearestShown = 6;
const namesShownMax = 4;
/** Of less work than this, times on threads are no question. */
const threadsShownMsMin = 20;
const rewritesShownMax = 12;
const barWidthMax = 24;
const barWidthMin = 4;
const nameWidthMax = 36;
/** What stands beside name and bar in a line: spaces, a time, a share, `predicted`. */
const figuresWidth = 32;

/** How wide the parts of a line may be. */
interface Room {
  readonly width: number;
  readonly bar: number;
  readonly name: number;
}

function roomIn({ width }: Output): Room {
  const free = Math.max(24, width - figuresWidth);
  const name = Math.min(nameWidthMax, Math.max(free - barWidthMax, Math.ceil(free / 2)));
  return { width, name, bar: Math.max(barWidthMin, Math.min(barWidthMax, free - name)) };
}

/** The whole text, with a line end behind each line. */
export function planText(findings: PlanFindings, output: Output): string {
  const { analysis } = findings;
  const room = roomIn(output);
  const sections = [
    headLines(findings),
    rewriteLines(analysis.rewrites, output),
    levelLines(analysis, room),
    pathLines(analysis, room),
    dearestLines(analysis, room),
    timeLines(findings),
    scenarioLines(findings.scenarios),
    findings.comparison === undefined ? [] : comparisonLines(findings.comparison),
    adviceLines(analysis, output),
  ];
  const shown = sections.filter((lines) => lines.length > 0);
  const texts = shown.map((lines) => lines.flatMap((line) => foldedLine(line, output.width)).join("\n"));
  return `${texts.join("\n\n")}\n`;
}

/** A sentence that is wider than the window, in several lines, the others further in. Rows of a table fit already. */
function foldedLine(line: string, width: number): string[] {
  const limit = Math.max(40, width);
  if (line.length <= limit) return [line];
  const indent = /^ */.exec(line)?.[0] ?? "";
  return wrapped(line.trim(), limit - indent.length - 2).map(
    (part, i) => `${indent}${i === 0 ? "" : "  "}${part}`,
  );
}

function headLines({ model, scenario, strategy, attributes, nodes, analysis }: PlanFindings): string[] {
  const { cells, references, memory, levels } = analysis;
  const of = strategy === "all" ? "" : ` · ${strategy}`;
  return [
    `${model} · plan of ${scenario}${of}`,
    "",
    `  ${count(attributes, "attribute")}, ${count(nodes, "node")} in ${count(levels.length, "level")}, ` +
      `${count(references, "reference")}, ${count(cells, "cell")}`,
    `  memory: columns ${bytesText(memory.columnBytes)}, tables ${bytesText(memory.tableBytes)}`,
  ];
}

function count(number: number, what: string): string {
  return `${number.toLocaleString("en-US").replaceAll(",", "_")} ${what}${number === 1 ? "" : "s"}`;
}

const verbs: Readonly<Record<Rewrite["kind"], string>> = {
  prune: "left out",
  fold: "folded",
  merge: "merged",
  share: "shared",
  hoist: "hoisted",
};

function rewriteLines(rewrites: readonly Rewrite[], { width }: Output): string[] {
  if (rewrites.length === 0) return ["What was done", "  nothing: no rewrite would pay"];
  const dearest = rewrites.toSorted((a, b) => b.savedNs - a.savedNs);
  const others = dearest.slice(rewritesShownMax);
  const lines = dearest.slice(0, rewritesShownMax).map((rewrite) => {
    const head = `  ${padTo(verbs[rewrite.kind], 8)} ${padTo(msText(rewrite.savedNs / 1e6), 8, "start")}  `;
    return cutTo(head + sentenceOf(rewrite), Math.max(width, 60));
  });
  if (others.length > 0) {
    const ms = msText(others.reduce((sum, { savedNs }) => sum + savedNs, 0) / 1e6);
    lines.push(`  and ${count(others.length, "other")}, ${ms} together; --json lists all`);
  }
  return ["What was done, and what it saves each time everything is computed (estimated)", ...lines];
}

function sentenceOf({ kind, work, units, along }: Rewrite): string {
  const [, ...others] = units;
  switch (kind) {
    case "prune":
      return `${work}: ${listed(units)}`;
    case "fold":
      return `${work} is a constant, put into ${listed(units)}`;
    case "merge":
      return `${work} computes for ${listed(others)} too`;
    case "share":
      return `${pieceOf(work)} once for ${listed(units)}${along === undefined ? "" : `, and for every ${along.join(", ")}`}`;
    case "hoist":
      return `${pieceOf(work)} in ${listed(units)} once for every ${(along ?? []).join(", ")}`;
  }
}

/** `shared sum(a.x) #3` without what makes it a key. */
function pieceOf(key: string): string {
  return key.replace(/^shared /, "").replace(/ #\d+$/, "");
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, namesShownMax).map(pieceOf).join(", ");
  return names.length > namesShownMax ? `${shown} and ${names.length - namesShownMax} more` : shown;
}

function levelLines({ levels }: PlanAnalysis, room: Room): string[] {
  if (levels.length === 0) return [];
  const step = Math.ceil(levels.length / levelsShownMax);
  const groups = Array.from({ length: Math.ceil(levels.length / step) }, (_, i) =>
    levels.slice(i * step, (i + 1) * step),
  );
  const rows = groups.map((group) => {
    const [first, last] = [group[0]?.level ?? 0, group.at(-1)?.level ?? 0];
    return {
      label: first === last ? `${first}` : `${first}–${last}`,
      units: Math.max(...group.map(({ units }) => units)),
      ms: group.reduce((sum, { ms }) => sum + ms, 0),
    };
  });
  const widest = Math.max(...rows.map(({ units }) => units));
  const labelWidth = widestOf(rows.map(({ label }) => label));
  const lines = rows.map(({ label, units, ms }) => {
    const bar = padTo(barOf(units / widest, room), room.bar);
    return `  ${padTo(label, labelWidth, "start")}  ${bar} ${padTo(`${units}`, 6, "start")}  ${padTo(msText(ms), 8, "start")}`;
  });
  return [step === 1 ? "Levels: units that could run at once" : "Levels: the widest of each group", ...lines];
}

function barOf(share: number, { bar }: Room): string {
  return share <= 0 ? "" : "█".repeat(Math.max(1, Math.round(share * bar)));
}

function pathLines({ criticalPath, workMs, speedUpMax }: PlanAnalysis, room: Room): string[] {
  const { steps, ms } = criticalPath;
  if (steps.length === 0) return [];
  return [
    `Critical path: ${msText(ms)} of ${msText(workMs)}, so no number of threads makes it more than ${speedUpMax.toFixed(1)} times as fast`,
    ...unitLines(folded(steps), ms, room),
  ];
}

/** The dearest steps, in the order of the path. */
function folded(steps: readonly PlannedUnit[]): readonly PlannedUnit[] {
  if (steps.length <= stepsShownMax) return steps;
  const dearest = new Set(steps.toSorted((a, b) => b.ms - a.ms).slice(0, stepsShownMax));
  return steps.filter((step) => dearest.has(step));
}

function unitLines(units: readonly PlannedUnit[], wholeMs: number, room: Room): string[] {
  const most = Math.max(...units.map(({ ms }) => ms));
  const names = units.map(({ name, kind }) =>
    cutTo(kind === "check" ? name.replace(/^check (?=check )/, "") : name, room.name),
  );
  const nameWidth = widestOf(names);
  return units.map(({ ms, measuredMs }, i) => {
    const bar = padTo(barOf(most === 0 ? 0 : ms / most, room), room.bar);
    const share = `${Math.round((ms / (wholeMs || 1)) * 100)} %`;
    const how = measuredMs === undefined ? " predicted" : "";
    return `  ${padTo(names[i] as string, nameWidth)}  ${bar} ${padTo(msText(ms), 8, "start")}  ${padTo(share, 5, "start")}${how}`;
  });
}

function dearestLines({ units, workMs }: PlanAnalysis, room: Room): string[] {
  const dearest = units
    .filter(({ kind }) => kind !== "input")
    .toSorted((a, b) => b.ms - a.ms)
    .slice(0, dearestShown);
  return dearest.length === 0 ? [] : ["Where the time goes", ...unitLines(dearest, workMs, room)];
}

function timeLines({ analysis, runs }: PlanFindings): string[] {
  const { units, prediction, threads, workMs, measuredShare } = analysis;
  const { sequentialMs, codeMs, measuredMs, ratio } = prediction;
  const measured =
    measuredMs === undefined || ratio === undefined
      ? ""
      : runs === 0
        ? `, measured ${msText(measuredMs)} in the first run, making code included`
        : `, measured ${msText(measuredMs)} (predicted ${ratio.toFixed(2)} times that)`;
  const rows = threads.map(
    ({ threads: number, idealMs, idealSpeedUp, predictedMs }) =>
      `  ${padTo(`${number} threads`, 12)} ${padTo(msText(predictedMs), 8, "start")} predicted, ${msText(idealMs)} at best (${idealSpeedUp.toFixed(1)} ×)`,
  );
  const calls = units.filter(({ isUnpredictable }) => isUnpredictable === true);
  const beside = [
    ...(codeMs < 0.1
      ? []
      : [`  ${padTo("code", 12)} ${padTo(msText(codeMs), 8, "start")} predicted, the first time only`]),
    ...(calls.length === 0
      ? []
      : [`  not predicted: what modules take (${listed(calls.map(({ name }) => name))})`]),
  ];
  const basis = measuredShare > 0.5 ? "from what was measured" : "from estimates";
  const how =
    workMs < threadsShownMsMin ? "" : `; threads are predicted ${basis}: formulas do not run on threads yet`;
  return [
    `Time for everything${how}`,
    `  ${padTo("sequential", 12)} ${padTo(msText(sequentialMs), 8, "start")} predicted${measured}`,
    ...beside,
    ...(workMs < threadsShownMsMin ? [] : rows),
  ];
}

function scenarioLines(scenarios: readonly ScenarioPlan[]): string[] {
  if (scenarios.length === 0) return [];
  const nameWidth = widestOf(scenarios.map(({ scenario }) => scenario));
  const lines = scenarios.map(({ scenario, overridden, units, ms, sharedWith, sameAs, idle }) => {
    const own = `${padTo(scenario, nameWidth)}  ${count(overridden, "override")} reach ${count(units, "unit")}, ${msText(ms)}`;
    const same = sameAs === undefined ? "" : `; the same values as ${sameAs}: the work is done twice`;
    const shared =
      sharedWith === undefined
        ? ""
        : `; says the same as ${sharedWith}: computed once for both until one is edited`;
    const none =
      idle.length === 0 ? "" : `; ${listed(idle)} as in the scenario below: nothing is computed for it`;
    return `  ${own}${shared}${same}${none}`;
  });
  const twice = scenarios.filter(({ sameAs }) => sameAs !== undefined);
  if (twice.length > 0) {
    const units = twice.reduce((sum, one) => sum + one.units, 0);
    const ms = twice.reduce((sum, one) => sum + one.ms, 0);
    lines.push(`  done twice: ${count(units, "unit")}, ${msText(ms)}`);
  }
  return ["Scenarios: what each computes of its own", ...lines];
}

function comparisonLines({ strategies, repeats, ms, nodes, ratio, ...compared }: Comparison): string[] {
  const width = widestOf(strategies);
  const rows = strategies.map(
    (name, i) =>
      `  ${padTo(name, width)}  ${padTo(msText(ms[i] ?? 0), 8, "start")}  ${count(nodes[i] ?? 0, "node")}`,
  );
  const { difference, cellsCompared } = compared;
  return [
    `${strategies[0]} against ${strategies[1]}: laid and computed from cold, ${repeats} times in turn (medians)`,
    ...rows,
    `  ${ratioText(strategies, ratio)}`,
    difference === undefined
      ? `  all ${count(cellsCompared, "cell")} are the same, bit for bit`
      : `  DIFFERENT at ${difference}`,
  ];
}

/** The ratio the way round in which it is more than 1, or why there is none. */
function ratioText([left, right]: Comparison["strategies"], ratio: Comparison["ratio"]): string {
  const { median, low, high, verdict } = ratio;
  const isUpright = median >= 1;
  const [from, middle, to] = (isUpright ? [low, median, high] : [1 / high, 1 / median, 1 / low]).map((one) =>
    one.toFixed(2),
  );
  const [faster, slower] = isUpright ? [right, left] : [left, right];
  if (verdict === "noise")
    return `no verdict: the machine is too noisy (${faster} ${middle} times as fast as ${slower}, but anything from ${from} to ${to}); --repeat 50 may tell`;
  if (verdict === "same") return `no difference to be seen (${faster} ${middle}, from ${from} to ${to})`;
  const doubt = high > spreadMax * low ? "; how much is uncertain, the machine is noisy" : "";
  return `${faster} is ${middle} times as fast as ${slower} (${from} … ${to}${doubt})`;
}

function adviceLines({ recommendations }: PlanAnalysis, { width }: Output): string[] {
  if (recommendations.length === 0) return [];
  const lines = recommendations.flatMap(({ text, gainMs }) => {
    const gain = gainMs === undefined || gainMs < 1 ? "" : ` (gains up to ${msText(gainMs)})`;
    return wrapped(`${text}${gain}`, Math.max(40, width) - 4).map(
      (line, i) => `  ${i === 0 ? "-" : " "} ${line}`,
    );
  });
  return ["Recommended", ...lines];
}

/** The words in lines of at most that many characters. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
