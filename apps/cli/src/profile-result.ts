/** What `reckon profile --json` prints: its schema is `docs/spec/profile.schema.json`. The table is made from it, too. */
import { bytesOfColumn, type ProfiledLevel, type ProfiledPhase } from "@reckon/engine";
import type { Sheet } from "@reckon/sheet";
import type { EditProfiles, OpeningProfiles, Runs } from "./profile-runs.ts";

export interface ProfileResult {
  readonly model: string;
  readonly scenarios: readonly string[];
  readonly opening: RunResult;
  readonly edit?: RunResult & { readonly sets: readonly string[] };
}

export interface RunResult {
  readonly ms: number;
  /** All runs, in their order; the figures are those of the one in the middle. */
  readonly runs: readonly number[];
  /** What measuring took, in no other figure. */
  readonly ownMs: number;
  /** What laying and calculating, or the edit, takes again with nobody measuring. */
  readonly unmeasuredMs?: number;
  readonly phases: readonly (Omit<ProfiledPhase, "name"> & { readonly phase: string })[];
  readonly levels: readonly (Omit<ProfiledLevel, "state"> & { readonly scenario: string })[];
  readonly loops: readonly LoopResult[];
  readonly attributes: readonly AttributeResult[];
}

interface LoopResult {
  readonly kind: "loop" | "recurrence";
  readonly name: string;
  readonly scenario: string;
  readonly attributes: readonly string[];
  readonly computations: number;
  readonly solves: number;
  readonly iterations: number;
  readonly sweeps: number;
  readonly unconverged: number;
  readonly ms: number;
}

export interface AttributeResult {
  readonly attribute: string;
  readonly scenario: string;
  /** `hidden`: a check, a first guess of a loop, or what several formulas share. */
  readonly kind: "input" | "formula" | "hidden";
  readonly level: number;
  readonly computations: number;
  readonly cells: number;
  readonly changes: number;
  readonly ms: number;
  /** Of the whole run: from 0 to 1. */
  readonly share: number;
  readonly waitedMs: number;
  readonly bytes: number;
}

export function profileResult(opening: OpeningProfiles, edit: EditProfiles | undefined): ProfileResult {
  const { sheet, requested } = opening.loaded;
  const run = runResult(sheet, opening);
  const result = {
    model: sheet.model.name,
    scenarios: requested,
    opening: { ...run, attributes: [...run.attributes, ...inputsOf(sheet, requested)] },
  };
  if (edit === undefined) return result;
  const sets = edit.edit.map(({ text }) => text);
  return { ...result, edit: { sets, ...runResult(sheet, edit) } };
}

function runResult(sheet: Sheet, { profile, runs, unmeasuredMs }: Runs): RunResult {
  const { ms, ownMs, phases, levels, loops, nodes } = profile;
  return {
    ms,
    runs,
    ownMs,
    ...(unmeasuredMs === undefined ? {} : { unmeasuredMs }),
    phases: phases.map(({ name, ...phase }) => ({ phase: name, ...phase })),
    levels: levels.map(({ state, ...level }) => ({ scenario: state, ...level })),
    loops: loops.map(({ state, nodes: attributes, ...loop }) => ({ ...loop, scenario: state, attributes })),
    attributes: nodes.map(({ name, state, ...node }) => ({
      attribute: name,
      scenario: state,
      kind: sheet.attribute(name)?.kind ?? "hidden",
      ...node,
      share: ms > 0 ? node.ms / ms : 0,
    })),
  };
}

/** The inputs take no time, but memory: in the base, and where a scenario overrides them. */
function inputsOf(sheet: Sheet, requested: readonly string[]): AttributeResult[] {
  const scenarios = ["base", ...requested.filter((name) => name !== "base")];
  return scenarios.flatMap((scenario) =>
    [...sheet.model.attributes.values()]
      .filter(({ kind, id }) => kind === "input" && (scenario === "base" || sheet.isOverridden(id, scenario)))
      .map(
        ({ id }): AttributeResult => ({
          attribute: id,
          scenario,
          kind: "input",
          level: 0,
          computations: 0,
          cells: 0,
          changes: 0,
          ms: 0,
          share: 0,
          waitedMs: 0,
          bytes: bytesOfColumn(sheet.column(id, scenario)),
        }),
      ),
  );
}
