/**
 * IronCalc, a spreadsheet engine in Rust, compiled to WebAssembly. It computes the whole workbook at each edit, and gives
 * values as formatted text, large ones with six digits, so its results are compared with that tolerance.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import init, { Model } from "@ironcalc/wasm";
import type { BenchEngine, Graph, RangeSums } from "../engine.ts";
import { addressOf, placeOf } from "../graph/address.ts";
import { operations } from "../graph/operations.ts";
import { type Texts, textsOf } from "../graph/texts.ts";

let isReady = false;

async function open(cells: Iterable<readonly [row: number, column: number, text: string]>): Promise<Model> {
  if (!isReady) {
    const path = fileURLToPath(import.meta.resolve("@ironcalc/wasm")).replace(/\.js$/, "_bg.wasm");
    await init({ module_or_path: readFileSync(path) });
    isReady = true;
  }
  const model = new Model("bench", "en", "UTC", "en");
  model.pauseEvaluation();
  for (const [row, column, text] of cells) model.setUserInput(0, row + 1, column + 1, text);
  model.resumeEvaluation();
  model.evaluate();
  return model;
}

async function fromTexts({ texts }: Texts): Promise<Graph> {
  const model = await open(
    texts.map((text, node) => {
      const { row, column } = placeOf(node);
      return [row, column, text] as const;
    }),
  );
  const read = (node: number) => {
    const { row, column } = placeOf(node);
    return Number(model.getFormattedCellValue(0, row + 1, column + 1));
  };
  const write = (node: number, text: string) => {
    const { row, column } = placeOf(node);
    model.setUserInput(0, row + 1, column + 1, text);
  };
  return {
    set: (input, value) => write(input, String(value)),
    read,
    readRange(first, out) {
      for (let i = 0; i < out.length; i++) out[i] = read(first + i);
    },
    replace: (node, operation, reads, constants) =>
      write(node, operations[operation].text(reads.map(addressOf), constants)),
    dispose: () => model.free(),
  };
}

async function rangeSums(cells: Float64Array, ends: Int32Array): Promise<RangeSums> {
  const model = await open([
    ...Array.from(cells, (value, row) => [row, 0, String(value)] as const),
    ...Array.from(ends, (end, row) => [row, 1, `=SUM(A$1:A${end + 1})`] as const),
  ]);
  const readSum = (row: number) => Number(model.getFormattedCellValue(0, row + 1, 2));
  return {
    setCell: (row, value) => model.setUserInput(0, row + 1, 1, String(value)),
    readSum,
    readSums(out) {
      for (let i = 0; i < out.length; i++) out[i] = readSum(i);
    },
  };
}

const wholeWorkbook = "computes the whole workbook at each edit, however small: see W3";

export const ironcalc: BenchEngine = {
  name: "ironcalc",
  role: "peer",
  form: "graph",
  packageName: "@ironcalc/wasm",
  tolerance: 1e-5,
  refuses: {
    W1: "is given formulas as text: see W1-text",
    "W2-long": "see W2",
    W5: wholeWorkbook,
    W6: wholeWorkbook,
    scenario: wholeWorkbook,
    series: wholeWorkbook,
    formula: wholeWorkbook,
    memory: "its memory is not JavaScript's",
    W8: "a cycle is an error value",
    debt: "a cycle is an error value",
    text: "has no language of models; see W1-text",
    "text-million": "has no language of models; see W1-text",
    "text-periods": "has no language of models; see W1-text",
  },
  prepare: (description) => void textsOf(description),
  graph: (description) => fromTexts(textsOf(description)),
  texts: fromTexts,
  rangeSums,
};
