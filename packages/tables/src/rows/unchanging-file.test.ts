import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RowSource } from "../api.ts";
import { openRows } from "./open-rows.ts";
import { RowTrouble } from "./row-trouble.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reckon-unchanging-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const lines = (count: number): string => Array.from({ length: count }, (_, i) => `p${i},${i}\n`).join("");
const records = (count: number): string =>
  Array.from({ length: count }, (_, i) => `{"id":"p${i}","x":${i}}\n`).join("");

async function opened(ending: string, text: string): Promise<{ rows: RowSource; path: string }> {
  const path = join(folder, `rows.${ending}`);
  writeFileSync(path, text);
  const rows = await openRows(path, { name: "rows" });
  if ("problem" in rows) throw new Error(rows.problem);
  return { rows, path };
}

describe.each([
  ["csv", `id,x\n${lines(100_000)}`],
  ["jsonl", records(100_000)],
])("a file of rows, %s", (ending, text) => {
  it.each([
    ["cut off", (path: string) => truncateSync(path, 500_000)],
    ["written to", (path: string) => appendFileSync(path, "p,1\n")],
    [
      "replaced",
      (path: string) => {
        writeFileSync(`${path}.other`, text);
        renameSync(`${path}.other`, path);
      },
    ],
    ["removed", (path: string) => rmSync(path)],
  ])("[TB25] that is %s while it is read is a problem", async (_, change) => {
    const { rows, path } = await opened(ending, text);
    let read = 0;
    const reading = (async () => {
      for await (const block of rows.blocks({ rowsMax: 1000 })) {
        if (read === 0) change(path);
        read += block.rows;
      }
    })();
    await expect(reading).rejects.toThrow(RowTrouble);
    await expect(reading).rejects.toThrow(
      "rows: has changed while it was read: its rows would be those of two files",
    );
    expect(read).toBeLessThan(100_000);
    await rows.close();
  });

  it("[TB25] that stays is read as often as one likes", async () => {
    const { rows } = await opened(ending, text);
    for (const _ of [1, 2]) {
      let read = 0;
      for await (const block of rows.blocks()) read += block.rows;
      expect(read).toBe(100_000);
    }
    await rows.close();
  });
});
