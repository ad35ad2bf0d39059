/** Writing a profile where a viewer can open it. */
import { access, constants, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { chromeTraceOf, type NamedProfile, speedscopeOf } from "@reckon/engine";
import type { ProfileRequest } from "./profile-request.ts";
import type { EditProfiles, OpeningProfiles } from "./profile-runs.ts";

/** Why nothing could be written there, as a sentence. */
export async function fileProblem(path: string): Promise<string | undefined> {
  const folder = dirname(path);
  if (await isFolder(path)) return `cannot write ${path}: it is a folder`;
  if (!(await isFolder(folder))) return `cannot write ${path}: there is no folder ${folder}`;
  const target = (await exists(path)) ? path : folder;
  try {
    await access(target, constants.W_OK);
    return undefined;
  } catch {
    return `cannot write ${path}: ${target === path ? "the file" : `the folder ${folder}`} is read-only`;
  }
}

export async function writeProfile(
  { path, format }: NonNullable<ProfileRequest["out"]>,
  model: string,
  opening: OpeningProfiles,
  edit: EditProfiles | undefined,
): Promise<string | undefined> {
  const profiles: NamedProfile[] = [{ name: "opening", profile: opening.profile }];
  if (edit !== undefined) {
    profiles.push({ name: `edit ${edit.edit.map(({ text }) => text).join(", ")}`, profile: edit.profile });
  }
  const file = format === "speedscope" ? speedscopeOf(model, profiles) : chromeTraceOf(model, profiles);
  try {
    await writeFile(path, `${JSON.stringify(file)}\n`);
    return undefined;
  } catch (cause) {
    return `cannot write ${path}: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    // Missing, or behind a file that is no folder.
    return false;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    // Then its folder is what must be writable.
    return false;
  }
}
