/** Formulas given as spreadsheet texts, through `buildFormulas` of the plan package. */
import { createEngine, type NodeId } from "@reckon/engine";
import { buildFormulas } from "@reckon/plan";
import type { Graph } from "../engine.ts";
import { addressOf } from "../graph/address.ts";
import type { Texts } from "../graph/texts.ts";

const one = new Float64Array(1);

export function graphFromTexts({ names, texts }: Texts): Graph {
  const engine = createEngine();
  const formulas = buildFormulas(engine, { names, texts });
  const [wrong] = formulas.diagnostics;
  if (wrong !== undefined) throw new Error(`a text was refused: ${JSON.stringify(wrong)}`);
  const nodeOf = (node: number) => formulas.nodeOf(addressOf(node)) as NodeId;
  const read = (node: number) => {
    engine.readNumbers(nodeOf(node), one);
    return one[0]!;
  };
  return {
    set(input, value) {
      one[0] = value;
      engine.setNumbers(nodeOf(input), one);
    },
    read,
    readRange(first, out) {
      for (let i = 0; i < out.length; i++) out[i] = read(first + i);
    },
    dispose: () => engine.dispose(),
  };
}
