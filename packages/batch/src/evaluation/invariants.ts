/**
 * What does not depend on the entity, computed once: over tables without a row there is nothing else.
 *
 * Wanted are the invariant attributes that attributes of entities read, as far as they are formulas, or have other values in the
 * scenario than the model's. Cost: a sheet without entities.
 */
import type { Diagnostic } from "@reckon/formula";
import { tellsOfFailedCall } from "@reckon/formula";
import { openSheet, type Sheet, type SheetHost } from "@reckon/sheet";
import { Column, isErrorValue, sameColumn } from "@reckon/value";
import type { BatchProgram, WantedAttribute } from "../program.ts";
import { encodeBlock } from "./result-block.ts";
import { ScenariosForChunks } from "./scenario-for-chunk.ts";

export interface InvariantRequest {
  /** Its text, lines of scenarios, and sets are what invariants need. */
  readonly program: Omit<BatchProgram, "key" | "invariants">;
  readonly host: SheetHost;
  /** The invariant attributes that attributes of entities read. */
  readonly ids: readonly string[];
}

export type Invariants =
  | {
      readonly block: Uint8Array;
      /** Checks that say something about no entity, and do not hold. */
      readonly failedChecks: readonly string[];
    }
  | { readonly diagnostics: readonly Diagnostic[] }
  | { readonly problem: string };

export async function computeInvariants(request: InvariantRequest): Promise<Invariants> {
  const { program, host, ids } = request;
  const { documents, sets, scenario } = new ScenariosForChunks(program).for(new Set());
  const opened = openSheet({
    model: program.model,
    scenarios: documents,
    sets,
    arePart: true,
    host,
    ...program.laying,
    only: ids,
  });
  if (!opened.ok) return { diagnostics: opened.diagnostics };
  const sheet = opened.value;
  try {
    sheet.refresh(scenario);
    await sheet.settled();
    return valuesOf(sheet, scenario, ids);
  } finally {
    sheet.dispose();
  }
}

function valuesOf(sheet: Sheet, scenario: string, ids: readonly string[]): Invariants {
  const wanted: WantedAttribute[] = [];
  const columns: Column[] = [];
  for (const id of ids) {
    const attribute = sheet.model.attributes.get(id);
    if (attribute === undefined) continue;
    const column = sheet.column(id, scenario);
    if (attribute.kind === "input" && sameColumn(column, attribute.column)) continue;
    const failed = failedCall(column);
    if (failed !== undefined)
      return { problem: `\`${id}\` is the same for all, and could not be computed: ${failed}` };
    wanted.push({ id, axes: attribute.axes.map(({ name, labels }) => ({ name, labels })) });
    columns.push(asRow(column));
  }
  const failedChecks = sheet.checks(scenario).flatMap(({ name, state }) => (state === "pass" ? [] : [name]));
  const block = wanted.length === 0 ? new Uint8Array() : encodeBlock(1, wanted, columns);
  return { block, failedChecks };
}

function failedCall(column: Column): string | undefined {
  if (column.marks === null) return undefined;
  for (let cell = 0; cell < column.length; cell++) {
    const value = column.get(cell);
    if (isErrorValue(value) && value.detail !== undefined && tellsOfFailedCall(value.detail))
      return value.detail;
  }
  return undefined;
}

/** All cells as those of one entity. */
function asRow(column: Column): Column {
  const row = new Column({ outer: 1, periods: column.length }, column.numbers);
  row.marks = column.marks;
  row.texts = column.texts;
  return row;
}
