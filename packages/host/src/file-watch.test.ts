import { mkdtempSync, renameSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { FileChange, FileWatch } from "./api.ts";
import { watchFiles } from "./file-watch.ts";
import { hashText } from "./source-file.ts";

let folder: string;
let watching: FileWatch;
const reports: string[][] = [];
let wake: () => void = () => {};

/** Resolves with the next report that has not been taken yet. */
async function nextReport(): Promise<string[]> {
  while (reports.length === 0) await new Promise<void>((resolve) => (wake = resolve));
  return reports.shift() as string[];
}

const described = (change: FileChange) =>
  `${change.kind} ${change.path.slice(folder.length + 1)}${change.kind === "changed" ? ` ${change.text}` : ""}`;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "reckon-watch-"));
  reports.length = 0;
  writeFileSync(join(folder, "a"), "a0");
  writeFileSync(join(folder, "b"), "b0");
  watching = watchFiles([join(folder, "a"), join(folder, "b")], (changes) => {
    reports.push(changes.map(described).toSorted());
    wake();
  });
  watching.expectFirst(join(folder, "a"), hashText("a0"));
  watching.expectFirst(join(folder, "b"), hashText("b0"));
  await watching.ready;
});
afterEach(async () => {
  await watching.close();
  rmSync(folder, { recursive: true, force: true });
});

it("[CL32] reports a file that was replaced by a rename, and its next change in place", async () => {
  writeFileSync(join(folder, "a.tmp"), "a1");
  renameSync(join(folder, "a.tmp"), join(folder, "a"));
  expect(await nextReport()).toEqual(["changed a a1"]);
  writeFileSync(join(folder, "a"), "a2");
  expect(await nextReport()).toEqual(["changed a a2"]);
});

it("[CL32] ends with the last of several saves in a row", async () => {
  for (const text of ["a1", "a2", "a3"]) writeFileSync(join(folder, "a"), text);
  let last = "";
  while (last !== "changed a a3") [last = ""] = await nextReport();
  expect(reports).toEqual([]);
});

it("[CL31] reports a deleted and an emptied file once, and when they are back", async () => {
  unlinkSync(join(folder, "a"));
  expect(await nextReport()).toEqual(["missing a"]);
  writeFileSync(join(folder, "a"), "back");
  expect(await nextReport()).toEqual(["changed a back"]);
  writeFileSync(join(folder, "b"), "");
  expect(await nextReport()).toEqual(["empty b"]);
  writeFileSync(join(folder, "b"), "full");
  expect(await nextReport()).toEqual(["changed b full"]);
});

it("reports a file that came back as it was", async () => {
  unlinkSync(join(folder, "a"));
  expect(await nextReport()).toEqual(["missing a"]);
  writeFileSync(join(folder, "a"), "a0");
  expect(await nextReport()).toEqual(["changed a a0"]);
});

it("is silent about one's own save and about a save without a change", async () => {
  watching.expect(join(folder, "a"), hashText("mine"));
  writeFileSync(join(folder, "a"), "mine");
  writeFileSync(join(folder, "b"), "b0");
  // The next report is about the next real change, so the two saves above were not reported.
  watching.setPaths([join(folder, "a"), join(folder, "b"), join(folder, "c")]);
  watching.expectFirst(join(folder, "c"), undefined);
  writeFileSync(join(folder, "c"), "new");
  expect(await nextReport()).toEqual(["changed c new"]);
});

it("reports what changed between the first read and the beginning of the watch", async () => {
  const other = watchFiles([join(folder, "b")], (changes) => {
    reports.push(changes.map(described));
    wake();
  });
  other.expectFirst(join(folder, "b"), hashText("what was read before"));
  expect(await nextReport()).toEqual(["changed b b0"]);
  await other.close();
});
