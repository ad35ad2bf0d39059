/**
 * Our language: a model's text, opened by the sheet as a file would be.
 *
 * The shares of the opening are measured on the same text, part by part, before it is opened as a whole: parsing the
 * text, checking the model, laying it into an engine with its formulas compiled, and computing everything once.
 */
import { createEngine } from "@reckon/engine";
import { checkModel, parseModel } from "@reckon/model";
import { buildPlan } from "@reckon/plan";
import { openSheet, type Sheet, type SheetHost } from "@reckon/sheet";
import type { BenchEngine, Graph, OpenModel } from "../engine.ts";
import type { Description } from "../graph/description.ts";
import { heapMb } from "../timing.ts";
import { sharedInputs, sheetAttributes, sheetPeriods } from "../workloads/entity-sheet.ts";

const nowhere = (path: string) => ({ problem: `there is no file ${path}` });
const host: SheetHost = { table: nowhere, module: nowhere };

function openText(text: string): Sheet {
  const opened = openSheet({ model: { source: "bench.reckon", text }, host });
  if (!opened.ok) throw new Error(`the model was refused: ${JSON.stringify(opened.diagnostics[0])}`);
  return opened.value;
}

function sharesOf(text: string): OpenModel["shares"] {
  const times = [performance.now()];
  const document = parseModel("bench.reckon", text);
  times.push(performance.now());
  const { value: model } = checkModel(document, nowhere);
  if (model === undefined) throw new Error("the model was refused");
  times.push(performance.now());
  const engine = createEngine();
  engine.transaction(() => {
    buildPlan(model, engine);
    times.push(performance.now());
  });
  times.push(performance.now());
  engine.dispose();
  const [parse, check, compile, compute] = times.slice(1).map((time, i) => time - times[i]!);
  return { parse: parse!, check: check!, compile: compile!, compute: compute! };
}

function modelOf(text: string): OpenModel {
  const shares = sharesOf(text);
  const before = heapMb();
  const start = performance.now();
  const sheet = openText(text);
  const openMs = performance.now() - start;
  const kept = heapMb() - before;
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
  const one = new Float64Array(1);
  return {
    set(input, value) {
      const result =
        input < sharedInputs
          ? sheet.set(shared[input]!, value)
          : sheet.set("by_entity.first", value, { entity: String(input - sharedInputs + 1) });
      if (!result.ok) throw new Error(`an edit was refused: ${JSON.stringify(result.diagnostics[0])}`);
    },
    read(node) {
      readRange(node, one);
      return one[0]!;
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
  refuses: Object.fromEntries(others.map((id) => [id, "see reckon"])),
  graph: entitySheet,
  model: modelOf,
};
