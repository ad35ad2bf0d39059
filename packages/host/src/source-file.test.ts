import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hashText, readSource, saveSource } from "./source-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reckon-host-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("readSource", () => {
  it("[CL10] names what it cannot read", async () => {
    writeFileSync(join(folder, "bytes"), Buffer.from([0x61, 0xff]));
    mkdirSync(join(folder, "inner"));
    expect(await readSource(join(folder, "none"))).toEqual({ kind: "missing" });
    expect(await readSource(join(folder, "bytes", "deeper"))).toEqual({ kind: "missing" });
    expect(await readSource(join(folder, "bytes"))).toMatchObject({
      problem: expect.stringContaining("is not UTF-8"),
    });
    expect(await readSource(join(folder, "inner"))).toMatchObject({
      problem: expect.stringContaining("is a folder"),
    });
  });

  it("[CL10] reads no device and follows no link that leads back to itself", async () => {
    symlinkSync("b", join(folder, "a"));
    symlinkSync("a", join(folder, "b"));
    expect(await readSource("/dev/zero")).toEqual({
      kind: "unreadable",
      problem: "/dev/zero is a device, not a file",
    });
    expect(await readSource(join(folder, "a"))).toMatchObject({
      problem: expect.stringContaining("is a link that leads back to itself"),
    });
  });

  it("keeps a byte order mark and line ends", async () => {
    writeFileSync(join(folder, "a"), "\uFEFFx\r\n");
    expect(await readSource(join(folder, "a"))).toMatchObject({ kind: "text", text: "\uFEFFx\r\n" });
  });
});

describe("saveSource", () => {
  it("[CL41] writes the text, keeps the mode and leaves nothing behind", async () => {
    const path = join(folder, "a.reckon");
    writeFileSync(path, "old");
    chmodSync(path, 0o640);
    expect(await saveSource(path, "new", hashText("old"))).toEqual({ kind: "saved", hash: hashText("new") });
    expect(readFileSync(path, "utf8")).toBe("new");
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(readdirSync(folder)).toEqual(["a.reckon"]);
  });

  it("[CL41] refuses when the file on disk is another one, and gives its text", async () => {
    const path = join(folder, "a.reckon");
    writeFileSync(path, "theirs");
    expect(await saveSource(path, "mine", hashText("old"))).toEqual({
      kind: "changed",
      text: "theirs",
      hash: hashText("theirs"),
    });
    expect(await saveSource(path, "mine", undefined)).toMatchObject({ kind: "changed" });
    expect(readFileSync(path, "utf8")).toBe("theirs");
    expect(await saveSource(join(folder, "gone"), "mine", hashText("old"))).toEqual({ kind: "missing" });
  });

  it("[CL41] leaves a read-only file as it is, whoever asks", async () => {
    const path = join(folder, "m");
    writeFileSync(path, "old");
    chmodSync(path, 0o444);
    expect(await saveSource(path, "new", hashText("old"))).toMatchObject({
      kind: "failed",
      problem: expect.stringContaining("is read-only"),
    });
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(folder)).toEqual(["m"]);
  });

  it("[CL41] writes through a link and leaves the link", async () => {
    const target = join(folder, "target");
    const link = join(folder, "link");
    writeFileSync(target, "old");
    symlinkSync(target, link);
    await saveSource(link, "new", hashText("old"));
    expect(readFileSync(target, "utf8")).toBe("new");
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
  });

  it("creates a file that is not there, and says what the disk refuses", async () => {
    expect(await saveSource(join(folder, "b"), "text", undefined)).toMatchObject({ kind: "saved" });
    expect(readFileSync(join(folder, "b"), "utf8")).toBe("text");
    expect(await saveSource(join(folder, "none", "b"), "text", undefined)).toMatchObject({ kind: "failed" });
  });
});
