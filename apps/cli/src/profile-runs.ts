/**
 * The runs that are profiled: opening the model, and an edit of it.
 *
 * Of several runs the one whose time is in the middle is shown, whole: so its parts belong together, which medians of
 * parts would not. Between edits the edit is undone, which nobody measures.
 */
import { createProfiler, type Profile } from "@reckon/engine";
import type { LoadedSheet, LoadFailure } from "@reckon/host";
import type { CellIndex, Sheet } from "@reckon/sheet";
import { refusalGap, unknownAttribute } from "./attribute-choice.ts";
import { indexOfLabels } from "./cell-labels.ts";
import { heapMemory } from "./heap-memory.ts";
import type { Refusal } from "./model-request.ts";
import { openModel } from "./open-model.ts";
import type { Output } from "./output.ts";
import type { ProfiledSet, ProfileRequest } from "./profile-request.ts";
import { settled } from "./settled-sheet.ts";

/** The profile in the middle, and what all runs took, in their order. */
export interface Runs {
  readonly profile: Profile;
  readonly runs: readonly number[];
  readonly isSettled: boolean;
  /**
   * What laying and calculating, or the edit, takes again with nobody measuring: the engine then goes its short ways.
   * Absent where modules are called, which may do anything.
   */
  readonly unmeasuredMs?: number;
}

export interface OpeningProfiles extends Runs {
  readonly ok: true;
  /** The sheet of the last run. */
  readonly loaded: LoadedSheet;
}

export interface EditProfiles extends Runs {
  readonly edit: readonly ProfiledSet[];
}

interface EditedCells {
  readonly id: string;
  readonly index: CellIndex;
  readonly value: string;
}

const clock = { now: () => performance.now() };

export async function profileOpening(
  request: ProfileRequest,
  output: Output,
): Promise<OpeningProfiles | { readonly ok: false; readonly failure: LoadFailure }> {
  const memory = heapMemory();
  const profiles: Profile[] = [];
  for (;;) {
    const profiler = createProfiler(clock, { memory });
    const loaded = await openModel(request, { profiler });
    if (!loaded.ok) return { ok: false, failure: loaded };
    const isSettled = await settled(loaded.sheet, loaded.requested, output);
    profiles.push(profiler.stop());
    if (profiles.length === request.repeat || !isSettled) {
      return { ok: true, loaded, isSettled, ...middleOf(profiles), ...unmeasuredOpening(loaded.sheet) };
    }
    loaded.dispose();
  }
}

/** Makes the edit in the base, as typing it there would. */
export async function profileEdit(
  { loaded }: OpeningProfiles,
  request: ProfileRequest,
  output: Output,
): Promise<EditProfiles | Refusal> {
  const { sheet, requested } = loaded;
  const memory = heapMemory();
  const targets: EditedCells[] = [];
  const refusals: string[] = [];
  for (const { attribute: id, labels, value } of request.edit) {
    const attribute = sheet.attribute(id);
    const index =
      attribute === undefined
        ? { refused: unknownAttribute(sheet.model, id) }
        : indexOfLabels(attribute, labels);
    if ("refused" in index) refusals.push(index.refused);
    else targets.push({ id, index: index.index, value });
  }
  if (refusals.length > 0) return { refused: refusals.join(refusalGap) };
  const profiles: Profile[] = [];
  for (;;) {
    const profiler = createProfiler(clock, { memory });
    const before = sheet.engine.revision;
    sheet.profileWith(profiler);
    const refused = makeEdit(sheet, targets);
    if (refused !== undefined) return { refused };
    const isSettled = await settled(sheet, requested, output);
    profiles.push(profiler.stop());
    if (sheet.engine.revision === before) {
      output.message(`reckon: the edit changes nothing: ${request.edit.map(({ text }) => text).join(", ")}`);
    }
    if (profiles.length === request.repeat || !isSettled) {
      const isEdited = sheet.engine.revision !== before;
      return {
        edit: request.edit,
        isSettled,
        ...middleOf(profiles),
        ...(isEdited ? unmeasuredEdit(sheet, targets) : {}),
      };
    }
    sheet.undo();
    await settled(sheet, requested, output);
  }
}

/** Why the edit is not possible; then what was possible of it is made. */
function makeEdit(sheet: Sheet, targets: readonly EditedCells[]): string | undefined {
  return sheet.transaction("profiled edit", () => firstRefusal(sheet, targets));
}

/** The model is laid and calculated once more, beside the sheet that stands. */
function unmeasuredOpening(sheet: Sheet): { readonly unmeasuredMs?: number } {
  if (sheet.model.uses.length > 0) return {};
  const began = clock.now();
  const again = sheet.reopen({});
  const unmeasuredMs = clock.now() - began;
  again.dispose();
  return { unmeasuredMs };
}

function unmeasuredEdit(sheet: Sheet, targets: readonly EditedCells[]): { readonly unmeasuredMs?: number } {
  if (sheet.model.uses.length > 0) return {};
  sheet.undo();
  const began = clock.now();
  makeEdit(sheet, targets);
  return { unmeasuredMs: clock.now() - began };
}

function firstRefusal(sheet: Sheet, targets: readonly EditedCells[]): string | undefined {
  for (const { id, index, value } of targets) {
    const result = sheet.set(id, value, index);
    if (!result.ok) {
      const [problem] = result.diagnostics;
      const hint = problem?.hint === undefined ? "" : `; ${problem.hint}`;
      return `cannot set ${id} to ${value}: ${problem?.message ?? "it is refused"}${hint}`;
    }
  }
  return undefined;
}

function middleOf(profiles: readonly Profile[]): { readonly profile: Profile; readonly runs: number[] } {
  const sorted = profiles.toSorted((a, b) => a.ms - b.ms);
  return {
    profile: sorted[Math.floor((sorted.length - 1) / 2)] as Profile,
    runs: profiles.map(({ ms }) => ms),
  };
}
