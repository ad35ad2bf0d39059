/**
 * Opening the sheet of a chunk: the model of the program over the tables of a host, with the invariants given and what is kept laid.
 *
 * Its loops start cold, whatever the model says: in a sheet that is kept, a warm start would be the solution of another entity, and
 * what an entity gets would depend on the chunk before.
 */
import { type ModelDocument, parseModel } from "@reckon/model";
import { openSheet, type Sheet, type SheetHost, type SheetResult, type SourceText } from "@reckon/sheet";
import type { BatchProgram } from "../program.ts";
import { givenValues } from "./given-values.ts";
import type { ChunkScenarios } from "./scenario-for-chunk.ts";

const baseMsMax = 1;

export function openChunkSheet(
  program: BatchProgram,
  host: SheetHost,
  { documents, sets }: ChunkScenarios,
): SheetResult<Sheet> {
  const document = coldModel(program.model);
  const time = document.items.find(({ declaration }) => declaration?.kind === "time")?.declaration;
  return openSheet({
    model: program.model,
    document,
    scenarios: documents,
    sets,
    arePart: true,
    host,
    ...program.laying,
    // Beside the scenario nobody reads the model's own values: what takes long of these is left stale.
    ...(documents.length === 0 ? {} : { lazyAboveMs: baseMsMax }),
    only: program.wanted.map(({ id }) => id),
    given: givenValues(program, time?.kind === "time" ? time.frequency : undefined),
  });
}

/**
 * The document of a model's text; loops that are declared `warm` are cold in it. It is read as if it had been edited, line by
 * line: what the checker learns of lines alike is for files of thousands, and would be learned anew for each chunk.
 */
function coldModel({ source, text }: SourceText): ModelDocument {
  const document = parseModel(source, text, parseModel(source, ""));
  const isWarm = document.items.some(
    ({ declaration }) => declaration?.kind === "loop" && declaration.begin === "warm",
  );
  if (!isWarm) return document;
  const items = document.items.map((item) => {
    const { declaration } = item;
    return declaration?.kind === "loop" && declaration.begin === "warm"
      ? { ...item, declaration: { ...declaration, begin: "cold" as const } }
      : item;
  });
  return { source, items };
}
