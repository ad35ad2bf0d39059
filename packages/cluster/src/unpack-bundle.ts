/**
 * A checked bundle on the worker's disk, as the program that its threads compute. Only the modules are files: they are
 * imported from there. They lie under the bundle's address, written under another name first, so two workers of one machine
 * do not meet.
 */
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { BatchProgram } from "@reckon/batch";
import { moduleVersion } from "@reckon/host";
import type { CheckedBundle } from "./check-bundle.ts";
import { invariantsPart, programOf, programPart } from "./program-parts.ts";

export async function unpackBundle(
  address: string,
  { parts }: CheckedBundle,
  folder: string,
): Promise<BatchProgram> {
  const home = join(folder, address);
  for (const [name, bytes] of parts) {
    if (name.startsWith("modules/")) await writeWhole(join(home, name), bytes);
  }
  const text = new TextDecoder().decode(parts.get(programPart));
  const invariants = Uint8Array.from(parts.get(invariantsPart) ?? []);
  // The time zone and Node's version are part of a module's version, so it is this machine's own.
  return programOf(text, invariants, (part) => {
    const file = join(home, part);
    return { file, hash: moduleVersion(file) };
  });
}

/** Whoever comes second puts the same bytes in the same place. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const waiting = `${path}.${process.pid}.part`;
  await writeFile(waiting, bytes, { mode: 0o600 });
  await rename(waiting, path);
}
