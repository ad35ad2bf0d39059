/** Models as text: many attributes, and few attributes over many periods. Opening, and where its time goes. */
import type { BenchEngine, OpenModel } from "../engine.ts";
import { type Figure, figureOf, perCallMs } from "../timing.ts";
import { expectEqual, type Workload } from "../workload.ts";

const shareNames = ["parse", "check", "compile", "compute"] as const;
const inputsOfBlock = 10;
const attributesOfBlock = 100;
const attributesOverTime = 50;

const measures = {
  open: "open",
  parse: "parse",
  check: "check",
  compile: "compile",
  compute: "compute",
  edit: "edit a value",
  formula: "edit a formula",
};

/** Block j has inputs x0…x9 and formulas f10…f99 over them, over each other and over the block before. */
export function attributesText(size: number): string {
  const blocks = size / attributesOfBlock;
  const lines = ["model many", ""];
  for (let j = 0; j < blocks; j++) {
    lines.push(`block b${j}`);
    for (let k = 0; k < inputsOfBlock; k++) lines.push(`  input x${k} = ${(j + k) % 50}`);
    for (let k = inputsOfBlock; k < attributesOfBlock; k++) lines.push(`  f${k} = ${formulaAt(j, k)}`);
    lines.push("");
  }
  return lines.join("\n");
}

function formulaAt(j: number, k: number): string {
  if (k === inputsOfBlock || k % 3 === 0) return `x${k % inputsOfBlock} * ${(k % 9) + 1} + ${k}`;
  if (k % 3 === 1 || j === 0) return `f${k - 1} + x${k % inputsOfBlock}`;
  return `(f${k - 1} + b${j - 1}.f${k}) / 2`;
}

/** The naive values, by block and number. */
function attributeValues(size: number, inputAt: (j: number, k: number) => number): Float64Array {
  const values = new Float64Array(size);
  for (let j = 0; j < size / attributesOfBlock; j++) {
    const at = j * attributesOfBlock;
    for (let k = 0; k < attributesOfBlock; k++) {
      const x = values[at + (k % inputsOfBlock)] as number;
      const before = values[at + k - 1] as number;
      if (k < inputsOfBlock) values[at + k] = inputAt(j, k);
      else if (k === inputsOfBlock || k % 3 === 0) values[at + k] = x * ((k % 9) + 1) + k;
      else if (k % 3 === 1 || j === 0) values[at + k] = before + x;
      else values[at + k] = (before + (values[at + k - attributesOfBlock] as number)) / 2;
    }
  }
  return values;
}

async function openModel(
  engine: BenchEngine,
  text: string,
): Promise<{ model: OpenModel; figures: Figure[] }> {
  if (engine.model === undefined) throw new TypeError(`${engine.name} opens no models`);
  const model = await engine.model(text);
  const figures = [
    figureOf("open", [model.openMs], model.heapMb),
    ...shareNames.map((share) => figureOf(share, [model.shares[share]])),
  ];
  return { model, figures };
}

export const manyAttributes: Workload = {
  id: "text",
  title: "a model of 100,000 attributes as text",
  about:
    "1,000 blocks of ten inputs and ninety formulas; the time to open the text, its shares, the time to change one input of the last block and read what follows, and to write another formula. All values are compared with a naive recomputation.",
  face: "model",
  sizes: { full: 100_000, quick: 2000, tiny: 300 },
  measures,
  async run(engine, size, effort): Promise<Figure[]> {
    const { model, figures } = await openModel(engine, attributesText(size));
    const blocks = size / attributesOfBlock;
    const compare = (inputAt: (j: number, k: number) => number) => {
      const values = attributeValues(size, inputAt);
      for (let i = 0; i < size; i++) {
        const name = `b${Math.floor(i / attributesOfBlock)}.${nameAt(i % attributesOfBlock)}`;
        expectEqual(engine, name, model.read(name), values[i] as number);
      }
    };
    compare((j, k) => (j + k) % 50);
    const last = blocks - 1;
    model.set(`b${last}.x3`, 123);
    compare((j, k) => (j === last && k === 3 ? 123 : (j + k) % 50));
    const edit = perCallMs(effort, (i) => {
      model.set(`b${last}.x3`, i % 1000);
      expectEqual(engine, "f13", model.read(`b${last}.f93`), (i % 1000) * 4 + 93);
    });
    const formula = perCallMs(effort, (i) => {
      model.setFormula(`b${last}.f99`, `x9 * 2 + ${i}`);
      expectEqual(engine, "f99", model.read(`b${last}.f99`), ((last + 9) % 50) * 2 + i);
    });
    model.dispose();
    return [...figures, figureOf("edit", edit), figureOf("formula", formula)];
  },
};

/** The same ten times as large: whether it opens, and what editing one formula of it takes. */
export const millionAttributes: Workload = {
  ...manyAttributes,
  id: "text-million",
  patience: 4,
  title: "a model of 1,000,000 attributes as text",
  about: "The model of `text` with 10,000 blocks: does it open, and what does one edit cost?",
  sizes: { full: 1_000_000, quick: 4000, tiny: 200 },
};

function nameAt(k: number): string {
  return k < inputsOfBlock ? `x${k}` : `f${k}`;
}

/** Attribute 0 counts up; the others are in turn a[k-1] * 0.5 + k, a[k-1] + x, a[k-1][t-1] + a[k-3]. */
function periodsText(size: number): string {
  const lines = ["model long", "", `time step 1..${size}`, "", "block b by step", "  input x = 2"];
  lines.push("  a0 = a0[t-1] + x  start 0");
  for (let k = 1; k < attributesOverTime; k++) {
    if (k % 3 === 1) lines.push(`  a${k} = a${k - 1} * 0.5 + ${k}`);
    else if (k % 3 === 2) lines.push(`  a${k} = a${k - 1} + x`);
    else lines.push(`  a${k} = a${k - 1}[t-1] + a${k - 3}  start 0`);
  }
  return `${lines.join("\n")}\n`;
}

/** The naive value of every attribute at one period, when x is 2 but for `changed` at period `from`. */
function valuesAtPeriod(period: number, from: number, changed: number): number[] {
  let before: number[] = [];
  for (let t = Math.min(1, period); t <= period; t++) {
    const x = t === from ? changed : 2;
    const now = [(before[0] ?? 0) + x];
    for (let k = 1; k < attributesOverTime; k++) {
      const last = now[k - 1] as number;
      if (k % 3 === 1) now.push(last * 0.5 + k);
      else if (k % 3 === 2) now.push(last + x);
      else now.push((before[k - 1] ?? 0) + (now[k - 3] as number));
    }
    before = now;
  }
  return before;
}

export const manyPeriods: Workload = {
  id: "text-periods",
  title: "a model of 50 attributes over 1,000,000 periods as text",
  about:
    "50 attributes over 1,000,000 periods (the size), one a running count, every third with a lag; the time to open the text, its shares, the time to change an input ten periods before the end and read the last, and to write another formula of the last attribute. Values of the first, middle and last periods are compared with a naive recomputation.",
  face: "model",
  sizes: { full: 1_000_000, quick: 5000, tiny: 60 },
  measures,
  async run(engine, size, effort): Promise<Figure[]> {
    const { model, figures } = await openModel(engine, periodsText(size));
    const compare = (changed: number) => {
      for (const period of [1, 2, Math.floor(size / 2), size - 9, size]) {
        for (const [k, value] of valuesAtPeriod(period, size - 10, changed).entries()) {
          expectEqual(engine, `a${k} in ${period}`, model.read(`b.a${k}`, period), value);
        }
      }
    };
    compare(2);
    model.set("b.x", 7, size - 10);
    compare(7);
    const edit = perCallMs(effort, (i) => {
      model.set("b.x", 3 + (i % 100), size - 10);
      expectEqual(engine, "a0", model.read("b.a0", size), 2 * size + 1 + (i % 100));
    });
    const formula = perCallMs(effort, (i) => {
      model.setFormula(`b.a${attributesOverTime - 1}`, `x + ${i}`);
      expectEqual(engine, "the last", model.read(`b.a${attributesOverTime - 1}`, size), 2 + i);
    });
    model.dispose();
    return [...figures, figureOf("edit", edit), figureOf("formula", formula)];
  },
};
