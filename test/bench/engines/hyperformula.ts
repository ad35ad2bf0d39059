/**
 * HyperFormula, through its public interface only. It is licensed under the GPL version 3, which its key `gpl-v3`
 * declares; it is installed for this comparison and no part of anything that is built here.
 *
 * `smartRounding` is off, so that it adds doubles as everybody else does. Nodes lie in columns of 100,000 rows.
 */
import { HyperFormula } from "hyperformula";
import type { BenchEngine, Graph, RangeSums } from "../engine.ts";
import { addressOf, placeOf, rowsPerColumn } from "../graph/address.ts";
import { operations } from "../graph/operations.ts";
import { type Texts, textsOf } from "../graph/texts.ts";

type Cell = string | number | null;

function open(columns: readonly (readonly Cell[])[]): HyperFormula {
  const rows: Cell[][] = [];
  for (const [column, cells] of columns.entries()) {
    for (const [row, cell] of cells.entries()) {
      rows[row] ??= new Array<Cell>(columns.length).fill(null);
      (rows[row] as Cell[])[column] = cell;
    }
  }
  return HyperFormula.buildFromArray(rows, {
    licenseKey: "gpl-v3",
    smartRounding: false,
    maxRows: rowsPerColumn + 1,
    useStats: false,
  });
}

function fromTexts({ texts, inputCount }: Texts): Graph {
  const columns: Cell[][] = [];
  for (const [node, text] of texts.entries()) {
    const { row, column } = placeOf(node);
    columns[column] ??= [];
    (columns[column] as Cell[])[row] = node < inputCount ? Number(text) : text;
  }
  const engine = open(columns);
  const at = (node: number) => {
    const { row, column } = placeOf(node);
    return { sheet: 0, row, col: column };
  };
  const read = (node: number) => engine.getCellValue(at(node)) as number;
  return {
    set: (input, value) => void engine.setCellContents(at(input), value),
    read,
    readRange(first, out) {
      for (let i = 0; i < out.length; i++) out[i] = read(first + i);
    },
    countChanges() {
      let changed = 0;
      engine.on("valuesUpdated", (changes) => {
        changed = changes.length;
      });
      return () => changed;
    },
    replace(node, operation, reads, constants) {
      const text = operations[operation].text(reads.map(addressOf), constants);
      engine.setCellContents(at(node), text);
    },
    dispose: () => engine.destroy(),
  };
}

function rangeSums(cells: Float64Array, ends: Int32Array): RangeSums {
  const sums = Array.from(ends, (end) => `=SUM(A$1:A${end + 1})`);
  const engine = open([[...cells], sums]);
  const readSum = (row: number) => engine.getCellValue({ sheet: 0, row, col: 1 }) as number;
  return {
    setCell: (row, value) => void engine.setCellContents({ sheet: 0, row, col: 0 }, value),
    readSum,
    readSums(out) {
      for (let i = 0; i < out.length; i++) out[i] = readSum(i);
    },
  };
}

export const hyperformula: BenchEngine = {
  name: "hyperformula",
  role: "peer",
  form: "graph",
  packageName: "hyperformula",
  refuses: {
    W1: "is given formulas as text: see W1-text",
    "W2-long": "see W2",
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
