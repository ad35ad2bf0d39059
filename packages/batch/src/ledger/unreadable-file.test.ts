import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { systemClock as clock } from "../system-clock.ts";
import { openLedger } from "./open-ledger.ts";

/** Root may read whatever there is: so the system's refusal is played. */
vi.mock("node:fs", async (original) => {
  const files = await original<typeof import("node:fs")>();
  const openSync: typeof files.openSync = (path, ...rest) => {
    if (String(path).endsWith("unreadable.sqlite"))
      throw Object.assign(new Error(`EACCES: permission denied, open '${path}'`), { code: "EACCES" });
    return files.openSync(path, ...rest);
  };
  return { ...files, openSync };
});

it("says of a file that may not even be read that it may not be read", async () => {
  const folder = mkdtempSync(join(tmpdir(), "reckon-ledger-"));
  const path = join(folder, "unreadable.sqlite");
  const { DatabaseSync } = await import("node:sqlite");
  new DatabaseSync(path).close();
  for (const isReadOnly of [false, true])
    await expect(openLedger(path, { clock, isReadOnly })).rejects.toThrow(
      `The ledger ${path} may not be read; allow reading, or choose another file.`,
    );
  rmSync(folder, { recursive: true });
});
