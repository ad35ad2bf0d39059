/** W1 text: the same formulas as `bulk-build.ts`, given as spreadsheet texts such as `=A1*A4+A6`. */
import type { BenchEngine, Graph } from "../engine.ts";
import { textsOf } from "../graph/texts.ts";
import { figureOf, heapMb } from "../timing.ts";
import { expectValues, type Workload } from "../workload.ts";
import { multiplyAdds } from "./bulk-build.ts";

export const textBuild: Workload = {
  id: "W1-text",
  title: "build formulas a*b+c from text",
  about:
    "The same 1,000,000 formulas and 100,000 numbers, given as texts by address; the time from the texts to all values, and the memory that stays. All values are compared with a naive recomputation.",
  face: "texts",
  sizes: { full: 1_000_000, quick: 20_000, tiny: 100 },
  measures: { "": "build" },
  async run(engine, size) {
    const small = multiplyAdds(Math.min(size, 10_000));
    const tried = await fromTexts(engine, textsOf(small));
    expectValues(engine, tried, small);
    tried.dispose();
    const description = multiplyAdds(size);
    const texts = textsOf(description);
    const before = heapMb();
    const start = performance.now();
    const graph = await fromTexts(engine, texts);
    const ms = performance.now() - start;
    const kept = heapMb() - before;
    expectValues(engine, graph, description);
    graph.dispose();
    return [figureOf("", [ms], kept)];
  },
};

async function fromTexts(engine: BenchEngine, texts: ReturnType<typeof textsOf>): Promise<Graph> {
  if (engine.texts === undefined) throw new TypeError(`${engine.name} reads no texts`);
  return await engine.texts(texts);
}
