/**
 * Reading and saving one text file.
 *
 * Saving is a write to a temporary file beside the target, flushed to the disk, then a rename: whoever reads the
 * target sees the old text or the new one, never a part. The target's hash is compared before anything is written
 * and once more right before the rename, so that an editor that saved in between is noticed. (Between that last look
 * and the rename there are microseconds in which a third program could still write; no portable call closes them.)
 *
 * A link is followed, so that the file behind it is replaced and the link stays. The file's mode is kept.
 */
import { createHash, randomBytes } from "node:crypto";
import type { Stats } from "node:fs";
import { type FileHandle, open, readFile, realpath, rename, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { SaveOutcome } from "./api.ts";

export type ReadOutcome =
  | { readonly kind: "text"; readonly text: string; readonly hash: string }
  | { readonly kind: "missing" }
  | { readonly kind: "unreadable"; readonly problem: string };

/** The largest file that is read as text: a JavaScript string holds no more than about 512 MB of Latin text. */
const sourceBytesMax = 400 * 1024 * 1024;

/** The hash that saving and watching compare: of the text, as hexadecimal digits. Cost: linear. */
export function hashText(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Reads a file as UTF-8 with a byte order mark kept. Never throws for anything the disk does. */
export async function readSource(path: string): Promise<ReadOutcome> {
  try {
    const problem = problemOfKind(path, await stat(path));
    if (problem !== undefined) return { kind: "unreadable", problem };
    return decodeSource(path, await readFile(path));
  } catch (cause) {
    if (isMissing(cause)) return { kind: "missing" };
    return { kind: "unreadable", problem: describeFileProblem(path, cause) };
  }
}

/** Why something that is there is not read as a text: a folder, a device that may never end, a file too large. */
export function problemOfKind(path: string, found: Stats): string | undefined {
  if (found.isDirectory()) return `${path} is a folder, not a file`;
  if (found.isCharacterDevice() || found.isBlockDevice()) return `${path} is a device, not a file`;
  return found.size > sourceBytesMax
    ? `${path} has ${found.size} bytes; the limit is ${sourceBytesMax}`
    : undefined;
}

/** The size of an ordinary file; undefined for all else. Reading a pipe that nobody writes to would wait for ever. */
export async function plainFileSize(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : undefined;
  } catch {
    // Whatever cannot be looked at is no file to search in; who names it gets the reason from reading it.
    return undefined;
  }
}

/** The text of a file's bytes, or the problem that they are not UTF-8. */
export function decodeSource(path: string, bytes: Uint8Array): ReadOutcome {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return { kind: "text", text, hash: hashText(text) };
  } catch {
    return { kind: "unreadable", problem: `${path} is not UTF-8 text` };
  }
}

/**
 * Writes `text` to `path` in one step, unless the file there is not the one with `expectedHash`.
 * `expectedHash` undefined means that no file must be there.
 *
 * @example
 * ```ts
 * const read = await readSource("saas.reckon");
 * if (read.kind !== "text") throw new Error("it cannot be read");
 * (await saveSource("saas.reckon", `${read.text}\n`, read.hash)).kind; // "saved"
 * (await saveSource("saas.reckon", read.text, read.hash)).kind; // "changed": the file on disk, so nothing was written
 * ```
 */
export async function saveSource(
  path: string,
  text: string,
  expectedHash: string | undefined,
): Promise<SaveOutcome> {
  const before = await compareWithDisk(path, expectedHash);
  if (before !== undefined) return before;
  let temporary: string | undefined;
  try {
    const target = expectedHash === undefined ? path : await realpath(path);
    const mode = expectedHash === undefined ? 0o666 : (await stat(target)).mode & 0o7777;
    // Renaming over the file would ignore its own permissions (and root ignores all of them).
    if ((mode & 0o222) === 0) return { kind: "failed", problem: `${path} is read-only; nothing was written` };
    temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString("hex")}.tmp`);
    await writeFlushed(temporary, text, mode);
    const changed = await compareWithDisk(path, expectedHash);
    if (changed !== undefined) return changed;
    await rename(temporary, target);
    temporary = undefined;
    return { kind: "saved", hash: hashText(text) };
  } catch (cause) {
    return { kind: "failed", problem: describeFileProblem(path, cause) };
  } finally {
    if (temporary !== undefined) await removeQuietly(temporary);
  }
}

/** What stands in the way of writing; nothing when the file on disk is the expected one. */
async function compareWithDisk(
  path: string,
  expectedHash: string | undefined,
): Promise<SaveOutcome | undefined> {
  const found = await readSource(path);
  switch (found.kind) {
    case "text":
      return found.hash === expectedHash
        ? undefined
        : { kind: "changed", text: found.text, hash: found.hash };
    case "missing":
      return expectedHash === undefined ? undefined : { kind: "missing" };
    case "unreadable":
      return { kind: "failed", problem: found.problem };
  }
}

async function writeFlushed(path: string, text: string, mode: number): Promise<void> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, "wx", mode);
    await file.writeFile(text, "utf8");
    await file.sync();
  } finally {
    await file?.close();
  }
}

async function removeQuietly(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (cause) {
    // The write that failed before says more than a temporary file that cannot be removed; a missing one is fine.
    if (!isMissing(cause)) process.emitWarning(`the temporary file ${path} is left behind`);
  }
}

/** Whether an error of the file system says that there is nothing at the path. */
export function isMissing(cause: unknown): boolean {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  return code === "ENOENT" || code === "ENOTDIR";
}

/** A sentence for people about what the file system refused. */
export function describeFileProblem(path: string, cause: unknown): string {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return `${path} does not exist`;
    case "EACCES":
    case "EPERM":
      return `${path}: permission denied`;
    case "EISDIR":
      return `${path} is a folder, not a file`;
    case "ENOSPC":
      return `${path}: the disk is full`;
    case "ELOOP":
      return `${path} is a link that leads back to itself`;
    case "ENAMETOOLONG":
      return `${path}: the name is too long`;
    case "EROFS":
      return `${path}: the file system is read-only`;
    default:
      return `${path}: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}
