/**
 * Modules that go wrong in every way, as a user meets them: the cell has an error with a sentence, its neighbours have
 * their values, and the process goes on, ends by itself, and leaves no thread behind.
 */
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type { ModelAnswer } from "../contracts/model-process.ts";
import { RunningModel } from "../contracts/running-model.ts";

const folders: string[] = [];
let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "reckon-chaos-")));
  folders.push(folder);
});
afterAll(() => {
  for (const each of folders) rmSync(each, { recursive: true, force: true });
});

/** Each does it for 3 only. */
const wild = `
const held: number[][] = [];
const bad = (x: number, wrong: () => unknown): unknown => (x === 3 ? wrong() : x / 3);
const never = (): Promise<never> => new Promise(() => setTimeout(() => undefined, 1e8));
export const throws = (x: number) => bad(x, () => { throw new RangeError("no luck"); });
export const rejects = async (x: number) => bad(x, () => Promise.reject(new Error("no luck either")));
export const odd = (x: number) => bad(x, () => { throw { toString() { throw 1; } }; });
export const exits = (x: number) => bad(x, () => process.exit(3));
export const aborts = (x: number) => bad(x, () => { setTimeout(() => { throw new Error("beside"); }); return new Promise(() => undefined); });
export const late = (x: number) => bad(x, () => { setTimeout(() => { throw new Error("too late"); }, 1); return 1; });
export const lateRejection = (x: number) => bad(x, () => { setTimeout(() => void Promise.reject(new Error("too late")), 1); return 1; });
export const endless = (x: number) => bad(x, () => { for (;;); });
export const waits = (x: number) => bad(x, never);
export const hoards = (x: number) => bad(x, () => { for (;;) held.push(Array.from({ length: 10_000 }, (_, i) => i + 0.5)); });
export const symbol = (x: number) => bad(x, () => Symbol("s"));
export const call = (x: number) => bad(x, () => () => 1);
export const map = (x: number) => bad(x, () => new Map([[1, () => 1]]));
export const deep = (x: number) => bad(x, function again(): number { return again() + 1; });
`;

/** What the bad cell is; a number: it is none. */
const outcomes: Readonly<Record<string, RegExp>> = {
  throws: /^#VALUE! w\.throws failed: no luck at/,
  rejects: /^#VALUE! w\.rejects failed: no luck either at/,
  odd: /^#VALUE! w\.odd failed: something that has no text was thrown at/,
  exits: /^#VALUE! w\.exits failed: .*(?:ended|exit)/,
  aborts: /^#VALUE! w\.aborts failed: .*beside/,
  late: /^1$/,
  lateRejection: /^1$/,
  endless: /^#VALUE! w\.endless failed: no answer within 0\.5 s at/,
  // Not for what a call long past throws on its thread.
  waits: /^#VALUE! w\.waits failed: no answer within 0\.5 s at/,
  hoards: /^#VALUE! w\.hoards failed: .*memory/,
  symbol: /^#VALUE! w\.symbol gave no single value at/,
  call: /^#VALUE! w\.call gave no single value at/,
  map: /^#VALUE! w\.map gave no single value at/,
  deep: /^#VALUE! w\.deep failed: Maximum call stack size exceeded at/,
};

function modelOf(names: readonly string[]): string {
  const lines = names.flatMap((name) => [
    `  ${name} = w.${name}(i)  heavy${name === "endless" || name === "waits" ? "  timeout 0.5s" : ""}`,
    `  after_${name.toLowerCase()} = IFERROR(${name}, 100) + 1`,
  ]);
  return `model m\nuse "wild.ts" as w\naxis item = 1..8\nblock b by item\n  i = MEMBER_INDEX(item)\n${lines.join("\n")}\n  light = i * 2\n`;
}

function start(threads: number, cache: string): RunningModel {
  // A heap that a thread fills in a moment.
  const env = { NODE_OPTIONS: "--max-old-space-size=192" };
  return new RunningModel({ model: join(folder, "m.reckon"), threads, cache, folder }, env);
}

async function once(running: RunningModel): Promise<ModelAnswer> {
  running.ask();
  return running.answer();
}

describe("modules that go wrong", () => {
  it("[WK7] [WK8] [WK9] [WK10] [WK19] spoil their own cell and nothing else, and the process ends by itself", async () => {
    writeFileSync(join(folder, "wild.ts"), wild);
    writeFileSync(join(folder, "m.reckon"), modelOf(Object.keys(outcomes)));
    const running = start(2, join(folder, "reckon-chaos.sqlite"));
    const answers = [await once(running), await once(running)];
    for (const { cells, problem } of answers) {
      expect(problem).toBeUndefined();
      for (const [name, wanted] of Object.entries(outcomes)) {
        const column = cells[`b.${name}`] as readonly string[];
        expect.soft(column[2], name).toMatch(wanted);
        // Sentences, and no trace of where in the program.
        expect.soft(column[2]).not.toMatch(/\.ts:\d|node:internal|file:\/\//);
        const right = [1, 2, 3, 4, 5, 6, 7, 8].map((x) => String(x / 3));
        expect.soft(column.toSpliced(2, 1), name).toEqual(right.toSpliced(2, 1));
        const after = cells[`b.after_${name.toLowerCase()}`] as readonly string[];
        expect.soft(after[2], name).toBe(column[2]?.startsWith("#") === true ? "101" : "2");
      }
      expect(cells["b.light"]).toEqual(["2", "4", "6", "8", "10", "12", "14", "16"]);
    }
    const { pid } = running.child;
    expect(await running.end()).toBe(0);
    expect(existsSync(`/proc/${pid}`)).toBe(false);
    expect(answers.at(-1)?.threads).toBeLessThanOrEqual(answers[0]?.threads as number);
  });

  it("[MO11] [WK12] [WK19] that do not load, here or on a thread, are told as such, one after the other in one process", async () => {
    const onThreads = (action: string): string =>
      `import { isMainThread } from "node:worker_threads";\nif (!isMainThread) ${action};\nexport const f = (x: number) => x / 3;\n`;
    writeFileSync(join(folder, "m.reckon"), modelOf(["f"]));
    const running = start(2, "off");
    const tried = async (text: string): Promise<string | undefined> => {
      writeFileSync(join(folder, "wild.ts"), text);
      const { problem, cells } = await once(running);
      return problem ?? cells["b.f"]?.[2];
    };
    expect(await tried("export const f = (x) => {")).toMatch(/wild\.ts does not load: SyntaxError/);
    expect(await tried('throw new Error("no table");')).toMatch(/wild\.ts does not load: Error: no table/);
    expect(await tried('import "./gone.js";')).toMatch(/wild\.ts does not load: .*gone\.js/);
    expect(await tried(onThreads('throw new Error("not here")'))).toBe("1");
    expect(await tried(onThreads("process.exit(4)"))).toMatch(
      /^#VALUE! w\.f failed: .* exited with code 4 at/,
    );
    expect(await tried("export const f = (x: number) => x / 4;")).toBe("0.75");
    expect(await running.end()).toBe(0);
    expect(running.messages).toBe("");
  });
});
