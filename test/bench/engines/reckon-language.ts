/**
 * Our language: a model's text, opened by the sheet as a file would be.
 *
 * The sheet tells how long parsing, checking and laying took. Laying is compiling and computing: how it divides is
 * taken from laying the same model once more.
 */
import { createEngine, type Profiler } from "@reckon/engine";
import { checkModel, parseModel } from "@reckon/model";
import { buildPlan } from "@reckon/plan";
import { openSheet, type Sheet, type SheetHost } from "@reckon/sheet";
import type { BenchEngine, Graph, OpenModel } from "../engine.ts";
import type { Description } from "../graph/description.ts";
import { heapMb } from "../timing.ts";
import { sharedInputs, sheetAttributes, sheetPeriods } from "../workloads/entity-sheet.ts";

const nowhere = (path: string) => ({ problem: `there is no file ${path}` });
const host: SheetHost = { table: nowhere, module: nowhere };

function openText(text: string, profiler?: Profiler): Sheet {
  const model = { source: "bench.reckon", text };
  const opened = openSheet({ model, host, ...(profiler === undefined ? {} : { profiler }) });
  if (!opened.ok) throw new Error(`the model was refused: ${JSON.stringify(opened.diagnostics[0])}`);
  return opened.value;
}

/** Adds up the time of each phase; it does not listen to the engine, which would slow it down. */
class PhaseClock implements Profiler {
  readonly phases: Map<string, number> = new Map();
  readonly #open: { readonly phase: string; readonly start: number }[] = [];

  readonly begin = (phase: string): void => {
    this.#open.push({ phase, start: performance.now() });
  };
  readonly end = (): void => {
    const ended = this.#open.pop();
    if (ended === undefined) return;
    const ms = performance.now() - ended.start;
    this.phases.set(ended.phase, (this.phases.get(ended.phase) ?? 0) + ms);
  };
  readonly beginCode = (): void => undefined;
  readonly endCode = (): void => undefined;
  readonly follow = (): void => undefined;
  readonly whenStopped = (): void => undefined;
  readonly stop = (): never => {
    throw new TypeError("a clock makes no profile");
  };
}

/** How much of laying a model into an engine is computing, from laying it once more. */
function computingShare(text: string): number {
  const { value: model } = checkModel(parseModel("bench.reckon", text), nowhere);
  if (model === undefined) throw new Error("the model was refused");
  const engine = createEngine();
  const start = performance.now();
  let laid = start;
  engine.transaction(() => {
    buildPlan(model, engine);
    laid = performance.now();
  });
  const end = performance.now();
  engine.dispose();
  return (end - laid) / (end - start);
}

function modelOf(text: string): OpenModel {
  const before = heapMb();
  const clock = new PhaseClock();
  const start = performance.now();
  const sheet = openText(text, clock);
  const openMs = performance.now() - start;
  const kept = heapMb() - before;
  const [parse = 0, check = 0, lay = 0] = ["parse", "check", "lay"].map((phase) => clock.phases.get(phase));
  const computing = computingShare(text);
  const shares = { parse, check, compile: lay * (1 - computing), compute: lay * computing };
  const indexOf = (period: number | undefined) => (period === undefined ? {} : { step: String(period) });
  const accept = (result: { readonly ok: boolean }) => {
    if (!result.ok) throw new Error(`an edit was refused: ${JSON.stringify(result)}`);
  };
  return {
    openMs,
    heapMb: kept,
    shares,
    read: (attribute, period) => sheet.get(attribute, indexOf(period)) as number,
    set: (attribute, value, period) => accept(sheet.set(attribute, value, indexOf(period))),
    setFormula: (attribute, formula) => accept(sheet.setFormula(attribute, formula)),
    dispose: () => sheet.dispose(),
  };
}

function sheetText({ inputs }: Description): string {
  const [growth, drift] = inputs;
  const starts = [...inputs.subarray(sharedInputs)];
  const lines = [
    "model entities",
    "",
    `time step 1..${sheetPeriods}`,
    `axis entity = 1..${starts.length}`,
    "",
    "block all",
    `  input growth = ${growth}`,
    `  input drift = ${drift}`,
    "  input zero = 0",
    "",
    "block by_entity by entity",
    `  input first = { ${starts.map((value, e) => `${e + 1}: ${value}`).join(", ")} }`,
    "",
    "block by_period by entity, step",
    "  a0 = a0[t-1] * all.growth + all.drift  start by_entity.first",
  ];
  for (let k = 1; k < sheetAttributes; k++) {
    if (k % 3 === 1) lines.push(`  a${k} = a${k - 1} * 0.5 + ${k}`);
    else if (k % 3 === 2) lines.push(`  a${k} = a${k - 1} + a${k - 2}`);
    else lines.push(`  a${k} = a${k - 1}[t-1] + a${k - 3}  start all.zero`);
  }
  return `${lines.join("\n")}\n`;
}

/** The sheet of 50 attributes; nodes of the description go period by period, columns member by member. */
function entitySheet(description: Description): Graph {
  const sheet = openText(sheetText(description));
  const { length } = description.inputs;
  const entities = length - sharedInputs;
  const cells = entities * sheetPeriods;
  const shared = ["all.growth", "all.drift", "all.zero"];
  const readRange = (first: number, out: Float64Array) => {
    for (let i = 0; i < out.length; ) {
      const at = first + i - length;
      const attribute = Math.floor(at / cells);
      const numbers = sheet.column(`by_period.a${attribute}`).numbers;
      for (let k = at % cells; k < cells && i < out.length; k++, i++) {
        out[i] = numbers[(k % entities) * sheetPeriods + Math.floor(k / entities)]!;
      }
    }
  };
  const labels = Array.from({ length: Math.max(entities, sheetPeriods) }, (_, i) => String(i + 1));
  return {
    set(input, value) {
      const result =
        input < sharedInputs
          ? sheet.set(shared[input]!, value)
          : sheet.set("by_entity.first", value, { entity: String(input - sharedInputs + 1) });
      if (!result.ok) throw new Error(`an edit was refused: ${JSON.stringify(result.diagnostics[0])}`);
    },
    read(node) {
      const at = node - length;
      const cell = at % cells;
      const index = { entity: labels[cell % entities]!, step: labels[Math.floor(cell / entities)]! };
      return sheet.get(`by_period.a${Math.floor(at / cells)}`, index) as number;
    },
    readRange,
    dispose: () => sheet.dispose(),
  };
}

const others = [
  "W1-text",
  "W1",
  "W2",
  "W2-long",
  "W3",
  "W4",
  "W5",
  "W6",
  "W7",
  "W7b",
  "W8",
  "scenario",
  "series",
  "formula",
  "memory",
];

export const reckonLanguage: BenchEngine = {
  name: "reckon-language",
  role: "reckon",
  form: "family",
  packageName: "@reckon/sheet",
  refuses: {
    ...Object.fromEntries(others.map((id) => [id, "see reckon"])),
    debt: "see reckon-family: an edit in the text would write a line of 18,000 numbers again",
  },
  graph: entitySheet,
  model: modelOf,
};
