import { describe, expect, it } from "vitest";
import { graceMsMax, type Look, lookEveryMs, type Settling, settle, settleMsMax } from "./settling.ts";

const file = (size: number, modifiedMs = 1, inode = 1): Look => ({ kind: "file", size, modifiedMs, inode });
const gone: Look = { kind: "missing" };

/** Feeds looks, `lookEveryMs` apart, and gives the outcome with the number of looks it took. */
function outcomeOf(looks: readonly Look[]): { kind: string; looks: number } {
  let settling: Settling = { sinceMs: 0 };
  for (const [i, look] of looks.entries()) {
    const step = settle(settling, look, i * lookEveryMs);
    if (step.kind !== "wait") return { kind: step.kind, looks: i + 1 };
    settling = step.settling;
  }
  return { kind: "wait", looks: looks.length };
}

describe("settle", () => {
  it("reads a file that two looks see the same", () => {
    expect(outcomeOf([file(10), file(10)])).toEqual({ kind: "read", looks: 2 });
  });

  it("waits while the size, the time or the file itself changes", () => {
    expect(outcomeOf([file(10), file(20), file(20, 2), file(20, 2, 9), file(20, 2, 9)])).toEqual({
      kind: "read",
      looks: 5,
    });
  });

  it("waits for a file that is replaced by a rename", () => {
    expect(outcomeOf([gone, gone, file(10), file(10)])).toEqual({ kind: "read", looks: 4 });
  });

  it("waits for a file that was truncated before the write", () => {
    expect(outcomeOf([file(0), file(0), file(10), file(10)])).toEqual({ kind: "read", looks: 4 });
  });

  it("says missing or empty only after the grace", () => {
    const looks = Math.ceil(graceMsMax / lookEveryMs) + 1;
    expect(outcomeOf(Array(looks - 1).fill(gone)).kind).toBe("wait");
    expect(outcomeOf(Array(looks).fill(gone)).kind).toBe("missing");
    expect(outcomeOf(Array(looks - 1).fill(file(0))).kind).toBe("wait");
    expect(outcomeOf(Array(looks).fill(file(0))).kind).toBe("empty");
  });

  it("starts the grace again when the file was there in between", () => {
    const almost = Math.ceil(graceMsMax / lookEveryMs);
    const looks = [...Array(almost).fill(gone), file(1), ...Array(almost).fill(gone)];
    expect(outcomeOf(looks).kind).toBe("wait");
  });

  it("reads a file that never stops growing once the limit is reached", () => {
    const looks = Array.from({ length: settleMsMax / lookEveryMs + 1 }, (_, i) => file(i + 1));
    expect(outcomeOf(looks)).toEqual({ kind: "read", looks: looks.length });
  });
});
