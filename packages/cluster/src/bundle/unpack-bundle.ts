/**
 * A checked bundle on the worker's disk, for its threads: the folder of its program, with the modules in it. Each process has
 * folders of its own, so two workers of a machine do not meet; what a killed one has left goes with a later start.
 */
import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type BatchProgram, type ProgramPlace, writeProgramFolder } from "@reckon/batch";
import { moduleVersion } from "@reckon/host";
import type { CheckedBundle } from "./check-bundle.ts";
import { invariantsPart, programOf, programPart } from "./program-parts.ts";

const leftMs = 7 * 24 * 3_600_000;
const prefix = "bundle-";

/** Writes it into a folder of its own inside `folder`. */
export async function unpackBundle(checked: CheckedBundle, folder: string): Promise<ProgramPlace> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const home = await mkdtemp(join(folder, prefix));
  for (const [name, bytes] of checked.parts) {
    if (!name.startsWith("modules/")) continue;
    await mkdir(dirname(join(home, name)), { recursive: true });
    await writeFile(join(home, name), bytes, { mode: 0o600 });
  }
  const program = programIn(checked, home);
  await writeProgramFolder(program, home);
  return { folder: home, key: program.key };
}

/** The time zone and Node's version are part of a module's version, so it is this machine's own. */
export function programIn({ parts }: CheckedBundle, home: string): BatchProgram {
  const text = new TextDecoder().decode(parts.get(programPart));
  // A copy, as a block's columns are read in place and have to lie at multiples of their size.
  const invariants = Uint8Array.from(parts.get(invariantsPart) ?? []);
  return programOf(text, invariants, (part) => {
    const file = join(home, part);
    return { file, hash: moduleVersion(file) };
  });
}

/** Removes what was left behind longer ago than anybody computes. Never rejects: what cannot be removed stays. */
export async function sweepBundles(folder: string, nowMs: number): Promise<void> {
  const names = await readdir(folder).catch((): string[] => []);
  for (const name of names) {
    const path = join(folder, name);
    const found = name.startsWith(prefix) ? await stat(path).catch(() => undefined) : undefined;
    if (found !== undefined && nowMs - found.mtimeMs > leftMs) await dropFolder(path);
  }
}

/** Says that it is used, so that nobody sweeps it; false where it is gone. */
export async function keepFolder(path: string): Promise<boolean> {
  try {
    const now = new Date();
    await utimes(path, now, now);
    return true;
  } catch {
    return false;
  }
}

export async function dropFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch(() => undefined);
}
