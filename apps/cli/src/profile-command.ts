/** `reckon profile`: where opening, calculating and editing a model spend time and memory. */
import { type ExitCode, exitFailure, exitGood, exitModel } from "./exit-code.ts";
import { reportFailure, reportWarnings } from "./open-model.ts";
import type { Output } from "./output.ts";
import { fileProblem, writeProfile } from "./profile-file.ts";
import type { ProfileRequest } from "./profile-request.ts";
import { profileResult } from "./profile-result.ts";
import { type EditProfiles, type OpeningProfiles, profileEdit, profileOpening } from "./profile-runs.ts";
import { profileTable } from "./profile-table.ts";

/** Opens the model so many times, makes the edit so many times, and prints what the runs in the middle were like. */
export async function profileCommand(request: ProfileRequest, output: Output): Promise<ExitCode> {
  const { out } = request;
  // Told before the work is done, which may take long.
  const problem = out === undefined ? undefined : await fileProblem(out.path);
  if (problem !== undefined) {
    output.message(`reckon: ${problem}`);
    return exitFailure;
  }
  const opening = await profileOpening(request, output);
  if (!opening.ok) return reportFailure(opening.failure, output, request.isJson);
  try {
    reportWarnings(opening.loaded, output);
    const edit = request.edit.length === 0 ? undefined : await profileEdit(opening, request, output);
    if (edit !== undefined && "refused" in edit) {
      output.message(`reckon: ${edit.refused}`);
      return exitFailure;
    }
    return await report(request, opening, edit, output);
  } finally {
    opening.loaded.dispose();
  }
}

async function report(
  request: ProfileRequest,
  opening: OpeningProfiles,
  edit: EditProfiles | undefined,
  output: Output,
): Promise<ExitCode> {
  const result = profileResult(opening, edit);
  if (request.isJson) output.data(`${JSON.stringify(result, null, 2)}\n`);
  else for (const line of profileTable(result, request.top, output)) output.data(`${line}\n`);
  if (request.out !== undefined) {
    const problem = await writeProfile(request.out, result.model, opening, edit);
    if (problem !== undefined) {
      output.message(`reckon: ${problem}`);
      return exitFailure;
    }
    const viewer =
      request.out.format === "speedscope" ? "https://www.speedscope.app" : "Chrome's DevTools (Performance)";
    output.message(`wrote ${request.out.path}: open it in ${viewer}`);
  }
  return opening.isSettled && edit?.isSettled !== false ? exitGood : exitModel;
}
