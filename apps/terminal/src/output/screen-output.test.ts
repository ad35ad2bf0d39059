import { spawnSync } from "node:child_process";
import { pbkdf2 } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ScreenOutput, shortenFrame, type TerminalStream } from "./screen-output.ts";

let folder: string;
let path: string;
let fd: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reckon-output-"));
  path = join(folder, "screen");
  fd = openSync(path, "w");
});
afterEach(() => {
  closeSync(fd);
  rmSync(folder, { recursive: true });
});
const streamOf = (descriptor: number): TerminalStream =>
  Object.assign(new EventEmitter(), { fd: descriptor, columns: 100, rows: 30 });

describe("screen output", () => {
  it("[TE23] returns at once and writes in order", async () => {
    const output = new ScreenOutput(streamOf(fd));
    output.write("one ");
    output.write("two ");
    expect(readFileSync(path, "utf8")).toBe("");
    expect(output.isDrained()).toBe(false);
    await new Promise<void>((resolve) => output.write("three", () => resolve()));
    expect(readFileSync(path, "utf8")).toBe("one two three");
    expect(output.isDrained()).toBe(true);
    expect(output.bytes).toBe(13);
  });

  it("[TE23] flushes what waits before the program ends", () => {
    const output = new ScreenOutput(streamOf(fd));
    let isDone = false;
    output.write("restored", () => {
      isDone = true;
    });
    output.flushSync();
    expect(readFileSync(path, "utf8")).toBe("restored");
    expect(isDone).toBe(true);
  });

  it("[TE45] what is written on the way out comes after a frame that waits in the pool", async () => {
    const output = new ScreenOutput(streamOf(fd));
    // As many as the pool has threads: the frame's turn comes after them.
    const busy = Array.from({ length: 4 }, () => promisify(pbkdf2)("a", "b", 200_000, 32, "sha512"));
    output.write("frame ");
    await new Promise((resolve) => setImmediate(resolve));
    expect(readFileSync(path, "utf8")).toBe("");
    await output.drained(60_000);
    output.write("restored");
    output.flushSync();
    await Promise.all(busy);
    expect(readFileSync(path, "utf8")).toBe("frame restored");
  });

  it("[TE45] a terminal that takes nothing is not waited for without end", async () => {
    const pipe = join(folder, "pipe");
    spawnSync("sh", ["-c", 'mkfifo "$1"', "sh", pipe]);
    const end = openSync(pipe, "r+");
    const stuck = new ScreenOutput(streamOf(end));
    // More than a pipe holds.
    stuck.write("x".repeat(100_000));
    await stuck.drained(10);
    expect(stuck.isDrained()).toBe(false);
    const rest = stuck.drained(60_000);
    readSync(end, Buffer.alloc(65_536));
    await rest;
    expect(stuck.isDrained()).toBe(true);
    closeSync(end);
  });

  it("[TE23] is quiet when the terminal is gone", async () => {
    const output = new ScreenOutput(streamOf(9999));
    await new Promise<void>((resolve) => output.write("lost", () => resolve()));
    output.write("lost too");
    output.flushSync();
    expect(output.bytes).toBe(0);
  });

  it("[TE24] skips unchanged rows with one code", () => {
    expect(shortenFrame(`a\u001b[E\u001b[E\u001b[Eb\u001b[Ec`)).toBe("a\u001b[3Eb\u001b[Ec");
  });

  it("[TE24] sends no styles around nothing", () => {
    expect(shortenFrame("\u001b[2m\u001b[22m\u001b[36m\u001b[39m\u001b[7m1\u001b[27m")).toBe(
      "\u001b[7m1\u001b[27m",
    );
  });

  it("passes the window's size and its changes on", async () => {
    const stream = streamOf(fd);
    const output = new ScreenOutput(stream);
    expect([output.columns, output.rows]).toEqual([100, 30]);
    const resized = once(output, "resize");
    stream.emit("resize");
    await resized;
  });
});
