/** What went wrong with a cache file, from what SQLite and the file system say. */
import type { CacheNotice, NoticeCode } from "./api.ts";

export type DiskTroubleCode = Extract<
  NoticeCode,
  "full" | "read-only" | "locked" | "damaged" | "foreign" | "later-version" | "unusable"
>;

/** Thrown while a file is opened that is none of ours, or is of a later version. */
export class DiskTrouble extends Error {
  readonly trouble: DiskTroubleCode;

  constructor(trouble: DiskTroubleCode) {
    super(trouble);
    this.name = "DiskTrouble";
    this.trouble = trouble;
  }
}

const bySqlite = new Map<number, DiskTroubleCode>([
  [5, "locked"],
  [6, "locked"],
  [8, "read-only"],
  [11, "damaged"],
  [13, "full"],
  [14, "unusable"],
  [23, "read-only"],
  [26, "damaged"],
]);

/** Extended codes of writing alone that failed: what stands there can still be read. */
const byWriting: ReadonlySet<number> = new Set([778, 1034, 1546, 4874]);

const bySystem = new Map<string, DiskTroubleCode>([
  ["EACCES", "read-only"],
  ["EPERM", "read-only"],
  ["EROFS", "read-only"],
  ["ENOSPC", "full"],
  ["EDQUOT", "full"],
  ["EFBIG", "full"],
]);

export function troubleOf(error: unknown): DiskTroubleCode {
  if (error instanceof DiskTrouble) return error.trouble;
  const { code, errcode } = error as { code?: string; errcode?: number };
  if (errcode !== undefined && byWriting.has(errcode)) return "full";
  // SQLite's extended codes hold the plain one in their last byte.
  if (typeof errcode === "number") return bySqlite.get(errcode & 0xff) ?? "unusable";
  return bySystem.get(code ?? "") ?? "unusable";
}

/** What the user is told. `aside`: where a damaged file went. */
export function diskNotice(path: string, code: DiskTroubleCode, aside: string | undefined): CacheNotice {
  return { tier: "disk", code, message: `The cache file ${path} ${texts[code](aside)}` };
}

const texts: Readonly<Record<DiskTroubleCode, (aside: string | undefined) => string>> = {
  full: () =>
    "cannot grow, since its disk is full, limited or failing: what is computed now is not kept for the next run. Make room, or choose another file.",
  "read-only": () =>
    "may not be written: what is computed now is not kept for the next run. Allow writing, or choose another file.",
  locked: () =>
    "is locked by another program: results are computed anew until it is free. Close that program, or choose another file.",
  damaged: (aside) =>
    aside === undefined
      ? "is damaged and could not be put aside: the cache on disk is off. Move or delete the file."
      : `was damaged and is now ${aside}: a fresh one was begun, and results are computed once more. Delete the old one.`,
  foreign: () =>
    "is no cache of Reckon: it was left as it is, and the cache on disk is off. Choose another file.",
  "later-version": () =>
    "was written by a later version of Reckon: it was left as it is, and the cache on disk is off. Update, or choose another file.",
  unusable: () =>
    "cannot be opened or read: the cache on disk is off. Check the path, or choose another file.",
};
