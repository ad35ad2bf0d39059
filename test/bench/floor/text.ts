/** The floor of building from text: one pass over each `=A1*A4+A6`, straight into the tables of the flat graph. */
import { rowsPerColumn } from "../graph/address.ts";
import type { Description } from "../graph/description.ts";
import type { Texts } from "../graph/texts.ts";
import { FlatGraph } from "./flat-graph.ts";

const upperA = 65;
const upperZ = 90;
const digit0 = 48;

export function flatGraphOf({ texts, inputCount }: Texts): FlatGraph {
  const inputs = new Float64Array(inputCount);
  for (let i = 0; i < inputCount; i++) inputs[i] = Number(texts[i]);
  const count = texts.length - inputCount;
  const reads = new Int32Array(count * 3);
  for (let i = 0; i < count; i++) scan(texts[inputCount + i] as string, reads, i * 3);
  const description: Description = {
    inputs,
    batches: [{ operation: "multiplyAdd", count, reads, constants: new Float64Array(0) }],
  };
  return new FlatGraph(description);
}

/** Writes the three addresses of `=X1*Y2+Z3`. */
function scan(text: string, reads: Int32Array, to: number): void {
  let slot = to;
  let column = 0;
  let row = 0;
  for (let i = 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= upperA && code <= upperZ) column = column * 26 + code - upperA + 1;
    else if (code >= digit0 && code < digit0 + 10) row = row * 10 + code - digit0;
    else {
      reads[slot++] = (column - 1) * rowsPerColumn + row - 1;
      column = 0;
      row = 0;
    }
  }
  reads[slot] = (column - 1) * rowsPerColumn + row - 1;
}
