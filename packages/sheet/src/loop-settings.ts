/** How loops are declared: what a `loop` line says, and what several say that meet in one loop. */
import { type CheckedLoop, type ModelDocument, structureOf } from "@reckon/model";
import type { LoopSettings } from "./api.ts";

/** The first guesses as they are written, by item; a document is immutable, so they are read once. */
const startsOf = new WeakMap<ModelDocument, ReadonlyMap<number, string>>();

function startTexts(document: ModelDocument): ReadonlyMap<number, string> {
  let texts = startsOf.get(document);
  if (texts === undefined) {
    const found = new Map<number, string>();
    for (const { id, text, declaration } of structureOf(document)) {
      if (declaration?.kind !== "loop" || declaration.start === undefined) continue;
      const { start, end } = declaration.start.span;
      found.set(id, text.slice(start, end).trim());
    }
    texts = found;
    startsOf.set(document, texts);
  }
  return texts;
}

/**
 * Settings by the name that the engine gives a loop: the attribute of its line, or, of several lines that meet in one
 * loop, their attributes joined by ` + `. Cost: the document once, then the lines of the loop.
 */
export function loopSettings(
  document: ModelDocument,
  loops: readonly CheckedLoop[],
): (name: string) => LoopSettings {
  const byAttribute = new Map(loops.map((loop) => [loop.attribute, loop]));
  const known = new Map<string, LoopSettings>();
  return (name) => {
    let settings = known.get(name);
    if (settings === undefined) {
      const lines = name.split(" + ").flatMap((attribute) => byAttribute.get(attribute) ?? []);
      settings = joined(lines, startTexts(document));
      known.set(name, settings);
    }
    return settings;
  };
}

/** All cuts, the tightest tolerance, the highest limit; the first method that is said. */
function joined(lines: readonly CheckedLoop[], starts: ReadonlyMap<number, string>): LoopSettings {
  const damping = lines.find((line) => line.damping !== undefined)?.damping;
  return {
    cuts: lines.map(({ attribute, item }) => {
      const start = starts.get(item);
      return start === undefined ? { attribute } : { attribute, start };
    }),
    toleranceAbsolute: Math.min(...lines.map((line) => line.toleranceAbsolute)),
    toleranceRelative: Math.min(...lines.map((line) => line.toleranceRelative)),
    iterationsMax: Math.max(...lines.map((line) => line.iterationsMax)),
    method: lines.find(({ method }) => method !== undefined && method !== "auto")?.method ?? "auto",
    ...(damping === undefined ? {} : { damping }),
  };
}
