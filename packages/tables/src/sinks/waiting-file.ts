/**
 * A file that has another name (`….part`, beside it) until it is complete: whoever reads the name sees a whole file, or the one
 * that was there before. Writes follow one another; what is given is on its way when `write` resolves.
 *
 * A symbolic link stays one, and what it points to is written; a file that was there has its permissions afterwards.
 *
 * Another process may have begun the same file meanwhile, because this one stood still: each writes a file of its own, and only the
 * one whose file has the waiting name gives it its name, or removes it. The others hear of it with their next write.
 */
import { type FileHandle, open, readlink, realpath, rename, rm, stat, unlink } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { RowTrouble, systemReason } from "../rows/row-trouble.ts";
import { tableProblem } from "../table-problem.ts";

/**
 * A file of bytes that takes its name when it is finished. All calls reject with `RowTrouble` where it cannot be written.
 *
 * @example
 * ```ts
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { WaitingFile } from "@reckon/tables";
 *
 * const file = await WaitingFile.create(join(tmpdir(), "list.json"));
 * await file.write(Buffer.from("[]"));
 * await file.finish();
 * ```
 */
export class WaitingFile {
  /** Where it is until it is complete. */
  readonly waitingPath: string;
  /** As given; for messages. */
  private readonly path: string;
  /** The same behind all links. */
  private readonly target: string;
  private handle: FileHandle | undefined;

  private constructor(path: string, target: string, handle: FileHandle) {
    this.path = path;
    this.target = target;
    this.waitingPath = waitingPathOf(target);
    this.handle = handle;
  }

  /** Begins the file anew. Rejects with `RowTrouble` where it cannot be written. */
  static async create(path: string): Promise<WaitingFile> {
    try {
      const found = await stat(path).catch(() => undefined);
      if (found?.isFile() === false) throw new Error("is no ordinary file");
      // Whoever still has the one that was there writes nothing into this one.
      const target = await targetOf(path);
      await rm(waitingPathOf(target), { force: true });
      const handle = await open(waitingPathOf(target), "wx");
      // Some file systems have no permissions to set; the file is written all the same.
      if (found !== undefined) await handle.chmod(found.mode & 0o777).catch(() => undefined);
      return new WaitingFile(path, target, handle);
    } catch (cause) {
      throw unwritable(path, cause);
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.handle === undefined) throw unwritable(this.path, "it is closed");
    try {
      // Told now, and not when all is written: a look costs some microseconds, and thousands of lines come at once.
      if (!(await this.isAt(this.handle))) throw new Error(begunElsewhere);
      let done = 0;
      while (done < bytes.length) done += (await this.handle.write(bytes, done)).bytesWritten;
    } catch (cause) {
      throw unwritable(this.path, cause);
    }
  }

  /** Closes it, and gives it its name (or `path`). */
  async finish(path: string = this.target): Promise<void> {
    const { handle } = this;
    if (handle === undefined) return;
    this.handle = undefined;
    try {
      await handle.sync();
      const isOwn = await this.isAt(handle);
      await handle.close();
      if (!isOwn) throw new Error(begunElsewhere);
      await rename(this.waitingPath, path);
    } catch (cause) {
      throw unwritable(this.path, cause);
    }
  }

  /** Whether the file of the waiting name is this one. */
  private async isAt(handle: FileHandle): Promise<boolean> {
    const [own, found] = await Promise.all([handle.stat(), stat(this.waitingPath).catch(() => undefined)]);
    return found?.ino === own.ino && found.dev === own.dev;
  }

  /** Closes it, and leaves nothing. May be called again, and after `finish`. */
  async discard(): Promise<void> {
    const { handle } = this;
    if (handle === undefined) return;
    this.handle = undefined;
    try {
      const isOwn = await this.isAt(handle);
      await handle.close();
      if (isOwn) await unlink(this.waitingPath);
    } catch (cause) {
      throw unwritable(this.path, cause);
    }
  }
}

/** As many as systems follow. */
const linksMax = 40;

const begunElsewhere = "another process has begun to write it";

/** What a path names behind all links, also where that is not there yet. */
async function targetOf(path: string): Promise<string> {
  let target = path;
  for (let links = 0; links < linksMax; links++) {
    const real = await realpath(target).catch(() => undefined);
    if (real !== undefined) return real;
    const next = await readlink(target).catch(() => undefined);
    if (next === undefined) return target;
    target = resolve(dirname(target), next);
  }
  throw new Error("too many symbolic links");
}

function waitingPathOf(path: string): string {
  return `${path}.part`;
}

function unwritable(path: string, cause: unknown): RowTrouble {
  return new RowTrouble("unwritable", tableProblem(path, systemReason(cause)), cause);
}
