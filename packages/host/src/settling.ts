/**
 * Settling: when a file that is being written may be read.
 *
 * Editors save in many ways: in place, in two halves, to a temporary file that is renamed over the target (for a
 * moment there is no target), by truncating first. So after an event the file is looked at again and again:
 *
 *              same size, time and file as the last look            → read
 *   look ──┬── something else than the last look                    → look again
 *          ├── nothing there, or empty: for less than the grace     → look again
 *          └── nothing there, or empty: for longer                  → that is the outcome
 *
 * A file that never stops changing is read after `settleMsMax`: a log that grows for ever is no reason to wait
 * for ever. This file decides and does nothing else; `file-watch.ts` owns the timers.
 */

/** One look at a file. */
export type Look =
  | { readonly kind: "missing" }
  | { readonly kind: "file"; readonly size: number; readonly modifiedMs: number; readonly inode: number };

export interface Settling {
  readonly sinceMs: number;
  readonly last?: Look;
  /** Since when there has been nothing (or nothing in it). */
  readonly voidSinceMs?: number;
}

export type SettlingStep =
  | { readonly kind: "wait"; readonly settling: Settling }
  | { readonly kind: "read" }
  | { readonly kind: "missing" }
  | { readonly kind: "empty" };

/** How long between two looks. */
export const lookEveryMs = 20;
/** How long a file may be gone or empty before that counts as its state. */
export const graceMsMax = 300;
/** How long a file may keep changing before it is read anyway. */
export const settleMsMax = 3000;

/** The next step after one look at the file at time `nowMs`. */
export function settle(settling: Settling, look: Look, nowMs: number): SettlingStep {
  const isVoid = look.kind === "missing" || look.size === 0;
  if (isVoid) {
    const voidSinceMs = settling.voidSinceMs ?? nowMs;
    if (nowMs - voidSinceMs >= graceMsMax) return { kind: look.kind === "missing" ? "missing" : "empty" };
    return { kind: "wait", settling: { sinceMs: settling.sinceMs, last: look, voidSinceMs } };
  }
  if (sameLook(settling.last, look) || nowMs - settling.sinceMs >= settleMsMax) return { kind: "read" };
  return { kind: "wait", settling: { sinceMs: settling.sinceMs, last: look } };
}

/** Whether two looks saw the same file in the same state. */
export function sameLook(left: Look | undefined, right: Look): boolean {
  if (left === undefined || left.kind !== right.kind) return false;
  if (left.kind === "missing" || right.kind === "missing") return true;
  return left.size === right.size && left.modifiedMs === right.modifiedMs && left.inode === right.inode;
}
