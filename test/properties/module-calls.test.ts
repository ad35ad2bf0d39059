/** Calls of module functions: in place, on threads and from the cache they give the same, and nothing stale is found. */
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createRuntime, type LoadedSheet, loadSheet, type Runtime, type RuntimeOptions } from "@reckon/host";
import type { CallRunner } from "@reckon/plan";
import { openSheet } from "@reckon/sheet";
import { isErrorValue, type Scalar } from "@reckon/value";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

vi.mock("../../packages/host/src/import-module.ts", () => import("./node-import.ts"));

let folder: string;
const runtimes: Runtime[] = [];
const sheets: LoadedSheet[] = [];
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "reckon-calls-")));
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const { dispose } of sheets.splice(0)) dispose();
  for (const { close } of runtimes.splice(0)) await close();
  rmSync(folder, { recursive: true, force: true });
});

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

function runtimeWith(options: RuntimeOptions): Runtime {
  const runtime = createRuntime({ cacheFolder: join(folder, "cache"), ...options });
  runtimes.push(runtime);
  return runtime;
}

async function load(runtime?: Runtime): Promise<LoadedSheet> {
  const loaded = await loadSheet({
    model: join(folder, "m.reckon"),
    allowModules: true,
    ...(runtime === undefined ? {} : { runtime }),
  });
  if (!loaded.ok) throw new Error(loaded.problem ?? loaded.diagnostics.map(loaded.render).join("\n"));
  sheets.push(loaded);
  return loaded;
}

async function settled(runtime?: Runtime): Promise<LoadedSheet> {
  const loaded = await load(runtime);
  await loaded.sheet.settled();
  return loaded;
}

function cellsOf({ sheet }: LoadedSheet, id: string): Scalar[] {
  const column = sheet.column(id);
  return Array.from({ length: column.length }, (_, i) => column.get(i));
}

/** As a text in which −0 is not 0, with the details of errors. */
function exact(cells: readonly Scalar[]): string[] {
  return cells.map((cell) => {
    if (isErrorValue(cell)) return `${cell.code} ${cell.detail} at ${JSON.stringify(cell.origin)}`;
    if (typeof cell === "string") return JSON.stringify([...cell].map((char) => char.codePointAt(0)));
    return Object.is(cell, -0) ? "-0" : String(cell);
  });
}

/** How many calls were made, here or elsewhere. */
function made(runtime: Runtime): number {
  const { inPlace, sent } = runtime.stats().calls;
  return inPlace + sent;
}

const odd = `
const values = [
  0, -0, 1.5, -1e-320, 5e-324, 1.7976931348623157e308, NaN, Infinity, "", "a", "\\ud800", "\\ufffd", "\\u0000", "é", true, false,
  null, undefined, 7n, [1, 2], [], {}, new Map(), Symbol("s"), () => 1, { kind: "error", code: "#N/A" },
  { kind: "error", code: "#N/A", detail: "none", origin: { attribute: "x.y", at: ["1"] } }, { kind: "error", code: "odd" },
];
export const count = values.length;
export function value(i) { return values[i]; }
export function later(i) { return Promise.resolve(values[i]); }
export function echo(x) { return x; }
export function throws(i) { throw i % 2 === 0 ? new TypeError("even " + i) : "odd " + i; }
export async function rejects(i) { throw new Error("no " + i); }
export function math(i) { return Math.pow(1.1, i) + Math.sin(i) * Math.exp(i / 7); }
export function thenable(i) { return { then: (resolve) => resolve(values[i]) }; }
`;

const oddModel = `model m
use "odd.js" as odd
axis item = 1..28
block b by item
  i = MEMBER_INDEX(item) - 1
  value = odd.value(i)  heavy
  later = odd.later(i)  heavy
  echo = odd.echo(value)  heavy
  throws = odd.throws(i)  heavy  retry 1
  rejects = odd.rejects(i)  heavy
  math = odd.math(i)  heavy
  thenable = odd.thenable(i)  heavy
  twice = odd.echo(odd.math(i)) + odd.math(i)  heavy
`;
const oddNames = ["value", "later", "echo", "throws", "rejects", "math", "thenable", "twice"];

describe("calls of module functions", () => {
  it("[MO8] agree bit for bit in place, on threads and from the cache, and so do errors and their words", async () => {
    write({ "odd.js": odd, "m.reckon": oddModel });
    const inPlace = await settled();
    const wanted = oddNames.map((name) => exact(cellsOf(inPlace, `b.${name}`)));
    expect(new Set(wanted.flat()).size).toBeGreaterThan(60);
    const ways: RuntimeOptions[] = [
      { threads: 2, cache: "off" },
      { threads: 0 },
      { threads: 2 },
      { threads: 2, verifyShare: 1 },
      { threads: 1, cache: join(folder, "other") },
      { threads: 0, cache: join(folder, "other") },
    ];
    for (const way of ways) {
      const runtime = runtimeWith(way);
      const loaded = await settled(runtime);
      expect(oddNames.map((name) => exact(cellsOf(loaded, `b.${name}`)))).toEqual(wanted);
      await runtime.close();
    }
    expect(runtimes[0]?.stats().calls.sent).toBeGreaterThan(200);
    expect(runtimes[1]?.stats().calls.sent).toBe(0);
    expect(runtimes[2]?.stats().calls.sent).toBeLessThan(runtimes[0]?.stats().calls.sent as number);
  });

  // It takes a while: what takes less than a look-up is not kept.
  const slow = {
    "slow.ts":
      'import { helper } from "./lib/helper.ts"; export const slow = (x: number): number => helper(x);',
    "lib/helper.ts":
      'import { factor } from "./factor.ts"; let n = 0; export const helper = (x: number): number => { for (let i = 0; i < 4e5; i++) n = (n + i) % 7; return x * factor; };',
    "lib/factor.ts": "export const factor = 2;",
  };
  const model = (lines: string): string =>
    `model m\nuse "slow.ts" as s\naxis item = 1..40\nblock b by item\n  i = MEMBER_INDEX(item)\n${lines}`;

  it.each([
    ["the formula reads another name", "  j = i\n  z = s.slow(j)  heavy\n"],
    ["the order of the lines is another", "  z = s.slow(i)  heavy\n  first = 1\n"],
    ["a formula around it is another", "  z = 1 + s.slow(i)  heavy\n"],
    ["the call stands in another formula twice", "  z = s.slow(i) + s.slow(i)  heavy\n"],
  ])("[MO4] are found again when %s", async (_what, lines) => {
    write({ ...slow, "m.reckon": model("  y = s.slow(i)  heavy\n") });
    const first = runtimeWith({ threads: 2 });
    const before = cellsOf(await settled(first), "b.y");
    expect(made(first)).toBe(40);
    await first.close();
    write({ "m.reckon": model(lines).replaceAll(" as s", " as other").replaceAll("s.slow", "other.slow") });
    const second = runtimeWith({ threads: 2 });
    const after = cellsOf(await settled(second), "b.z");
    expect(made(second)).toBe(0);
    expect(before[6]).toBe(14);
    expect([14, 15, 28]).toContain(after[6]);
  });

  it("[FO46] a cell calls anew with −0, which is not 0, and with what another text is", async () => {
    const signs =
      'export const sign = (x) => (Object.is(x, -0) ? "-" : typeof x === "string" ? escape(x) : x);';
    write({
      "sign.js": signs,
      "m.reckon": `model m
use "sign.js" as s
block b
  y = s.sign(0) & s.sign(0 * -1) & s.sign(0) & s.sign("0") & s.sign(UNICHAR(65533))
`,
    });
    expect(cellsOf(await settled(), "b.y")).toEqual(["0-00%uFFFD"]);
    expect(cellsOf(await settled(runtimeWith({ threads: 0 })), "b.y")).toEqual(["0-00%uFFFD"]);
  });

  it("[MO4] one changed argument is one call", async () => {
    write({ ...slow, "m.reckon": model("  y = s.slow(i)  heavy\n") });
    const first = runtimeWith({ threads: 2 });
    await settled(first);
    await first.close();
    write({ "m.reckon": model("  y = s.slow(IF(i = 7, 1000, i))  heavy\n") });
    const second = runtimeWith({ threads: 2 });
    const after = cellsOf(await settled(second), "b.y");
    expect([made(second), after[6], after[7]]).toEqual([1, 2000, 16]);
  });

  it.each([
    ["a helper two imports away", { "lib/factor.ts": "export const factor = 3;" }, 21],
    ["a comment in it", { "lib/factor.ts": "export const factor = 2; " }, 14],
    ["the function", { "slow.ts": `${slow["slow.ts"]} ` }, 14],
  ])(
    "[MO1] [MO4] are not found when one byte of %s changes, and found again when it is back",
    async (_what, change, wanted) => {
      write({ ...slow, "m.reckon": model("  y = s.slow(i)  heavy\n") });
      for (const [files, count, value] of [
        [{}, 40, 14],
        [change, 40, wanted],
        [slow, 0, 14],
        [change, 0, wanted],
      ] as const) {
        write(files as Record<string, string>);
        const runtime = runtimeWith({ threads: 1 });
        const cells = cellsOf(await settled(runtime), "b.y");
        expect([made(runtime), cells[6]]).toEqual([count, value]);
        await runtime.close();
      }
    },
  );

  it("[MO2] are not found in another run where a module has no version, and the user is told why", async () => {
    write({
      ...slow,
      "lib/factor.ts": "export const factor = Date.now() > 0 ? 2 : 3;",
      "m.reckon": model("  y = s.slow(i)  heavy\n"),
    });
    const notices: string[] = [];
    for (let run = 0; run < 2; run++) {
      const runtime = runtimeWith({ threads: 1, onNotice: (notice) => notices.push(notice) });
      expect(cellsOf(await settled(runtime), "b.y")[6]).toBe(14);
      expect(made(runtime)).toBe(40);
      await runtime.close();
    }
    expect(notices).toEqual(
      Array(2).fill(
        "results of slow.ts are not kept for other runs: lib/factor.ts reads the clock (Date.now) in line 1",
      ),
    );
  });

  it("[MO3] [MO10] a module that changes in mid-run: the calls of the former version are over, and not kept for the other", async () => {
    const stuck = "export const helper = (x: number): Promise<number> => new Promise(() => {});";
    write({ ...slow, "lib/helper.ts": stuck, "m.reckon": model("  y = s.slow(i)  heavy\n  z = y + 1\n") });
    const runtime = runtimeWith({ threads: 2 });
    const loaded = await load(runtime);
    expect(loaded.sheet.statusOf("b.y")).toBe("pending");
    await new Promise((resolve) => setImmediate(resolve));
    write({ "lib/helper.ts": slow["lib/helper.ts"] });
    const file = loaded.files().find(({ path }) => path.endsWith("helper.ts"));
    if (file === undefined) throw new Error("the helper is not among the files");
    expect((await loaded.refresh(file, slow["lib/helper.ts"])).ok).toBe(true);
    await loaded.sheet.settled();
    expect([cellsOf(loaded, "b.y")[6], cellsOf(loaded, "b.z")[6]]).toEqual([14, 15]);
    expect(runtime.stats().calls.cancelled).toBe(40);
    await runtime.close();
    const second = runtimeWith({ threads: 2 });
    expect(cellsOf(await settled(second), "b.y")[6]).toBe(14);
    expect(made(second)).toBe(0);
  });

  it("[MO10] an edit in mid-run cancels what it makes pointless, and keeps the rest", async () => {
    const some =
      "export const helper = (x: number): number | Promise<number> => x < 0 ? new Promise(() => {}) : x * 2;";
    write({
      ...slow,
      "lib/helper.ts": some,
      "m.reckon": model("  input sign = -1\n  y = s.slow(i * sign)  heavy\n  z = s.slow(i)  heavy\n"),
    });
    const runtime = runtimeWith({ threads: 2, cache: "off" });
    const loaded = await load(runtime);
    loaded.sheet.set("b.sign", 3);
    await loaded.sheet.settled();
    expect([cellsOf(loaded, "b.y")[6], cellsOf(loaded, "b.z")[6]]).toEqual([42, 14]);
    expect(runtime.stats().calls.cancelled).toBe(40);
  });

  it("[MO9] a function that never returns is given up after the time that the formula says", async () => {
    const some = "export const helper = (x: number): number => { for (; x === 3; ); return x * 2; };";
    write({ ...slow, "lib/helper.ts": some, "m.reckon": model("  y = s.slow(i)  heavy  timeout 1s\n") });
    const runtime = runtimeWith({ threads: 2, cache: "off" });
    const cells = cellsOf(await settled(runtime), "b.y");
    expect(cells[2]).toMatchObject({ code: "#VALUE!", detail: "s.slow failed: no answer within 1 s" });
    expect([cells[1], cells[3], cells[39]]).toEqual([4, 8, 80]);
  });

  it("[MO8] a function that ends its thread is a failure of its own calls alone", async () => {
    const some = "export const helper = (x: number): number => x === 3 ? process.exit(7) : x * 2;";
    write({ ...slow, "lib/helper.ts": some, "m.reckon": model("  y = s.slow(i)  heavy  retry 1\n") });
    const runtime = runtimeWith({ threads: 2, cache: "off" });
    const cells = cellsOf(await settled(runtime), "b.y");
    expect(cells[2]).toMatchObject({ code: "#VALUE!" });
    expect(cells.filter(isErrorValue)).toHaveLength(1);
    expect([cells[1], cells[3], cells[39]]).toEqual([4, 8, 80]);
  });

  it("[MO11] a thread computes with the files that the program has loaded, or not at all", async () => {
    write({ ...slow, "m.reckon": model("  y = s.slow(i)  heavy\n") });
    const runtime = runtimeWith({ threads: 1 });
    const loaded = await load(runtime);
    write({ "lib/factor.ts": "export const factor = 3;" });
    await loaded.sheet.settled();
    expect(cellsOf(loaded, "b.y")[6]).toBe(14);
    await runtime.close();
    const second = runtimeWith({ threads: 1 });
    expect(cellsOf(await settled(second), "b.y")[6]).toBe(21);
  });

  it("[MO12] light work starts no thread, opens no cache and measures nothing", async () => {
    const helper = "export const helper = (x: number): number => x * 2;";
    write({ ...slow, "lib/helper.ts": helper, "m.reckon": model("  y = s.slow(i)\n  z = y * 2\n") });
    // On a busy machine anything may take long.
    vi.spyOn(performance, "now").mockReturnValue(1);
    const runtime = runtimeWith({});
    expect(cellsOf(await settled(runtime), "b.z")[6]).toBe(28);
    const stats = runtime.stats();
    expect([stats.workers, stats.cache, stats.calls.sent, stats.calls.inPlace]).toEqual([
      undefined,
      undefined,
      0,
      40,
    ]);
    await runtime.close();
    expect(existsSync(join(folder, "cache"))).toBe(false);
  });

  it.each(["ftp://somewhere/cache", "redis://:secret@[bad"])(
    "[MO4] where %s is no cache nothing is kept, and the user is told once",
    async (cache) => {
      write({ ...slow, "m.reckon": model("  y = s.slow(i)  heavy\n  z = s.slow(y)  heavy\n") });
      const notices: string[] = [];
      const runtime = runtimeWith({ threads: 1, cache, onNotice: (notice) => notices.push(notice) });
      expect(cellsOf(await settled(runtime), "b.z")[6]).toBe(28);
      await runtime.close();
      expect(notices).toHaveLength(1);
      expect(notices[0]).not.toContain("secret");
    },
  );

  it("[MO3] all files of a module are watched, those of packages, too", async () => {
    write({
      "p.ts": 'import { v } from "pack"; export const f = () => v;',
      "node_modules/pack/package.json":
        '{ "name": "pack", "version": "1.0.0", "type": "module", "exports": "./i.js" }',
      "node_modules/pack/i.js": 'export { v } from "./v.js";',
      "node_modules/pack/v.js": "export const v = 1;",
      "m.reckon": 'model m\nuse "p.ts" as p\nblock b\n  y = p.f()\n',
    });
    const loaded = await settled();
    expect(loaded.sheet.get("b.y")).toBe(1);
    const file = loaded.files().find(({ path }) => path.endsWith("v.js"));
    expect(file).toMatchObject({ kind: "module", source: "p.ts" });
    write({ "node_modules/pack/v.js": "export const v = 2;" });
    expect((await loaded.refresh(file as NonNullable<typeof file>, "")).ok).toBe(true);
    expect(loaded.sheet.get("b.y")).toBe(2);
  });
});

describe("calls that are ready together", () => {
  /** A sheet whose calls wait until the test answers them. */
  function holding(lines: string) {
    const waiting: { readonly args: readonly Scalar[]; readonly answer: (value: Scalar) => void }[] = [];
    const calls: CallRunner = {
      call: (_called, args) => new Promise((answer) => waiting.push({ args, answer })),
    };
    const host = { table: () => ({ problem: "none" }), module: () => ({ f: () => 0 }), calls };
    const text = `model m\nuse "m.ts" as m\ntime year 2001..2004\naxis item = 1..300\n${lines}`;
    const opened = openSheet({ model: { source: "m.reckon", text }, host });
    if (!opened.ok) throw new Error(opened.diagnostics.map(({ message }) => message).join("\n"));
    return { sheet: opened.value, take: () => waiting.splice(0) };
  }

  it("[MO7] all members of all columns that do not wait for each other ask in one turn", async () => {
    const { sheet, take } = holding(
      "block b by item\n  i = MEMBER_INDEX(item)\n  x = m.f(i)\n  y = m.f(-i)\n  z = m.f(x + y)\n",
    );
    const first = take();
    expect(first).toHaveLength(600);
    for (const { args, answer } of first) answer((args[0] as number) * 10);
    await new Promise((resolve) => setImmediate(resolve));
    const second = take();
    expect(second.map(({ args }) => args[0])).toEqual(Array(300).fill(0));
    for (const { answer } of second) answer(5);
    await sheet.settled();
    expect([sheet.get("b.x", { item: "7" }), sheet.get("b.z", { item: "7" })]).toEqual([70, 5]);
  });

  it("[MO7] a recurrence waits for its own earlier periods only", async () => {
    const { sheet, take } = holding(
      "block b by item, year\n  x = m.f(x[t-1] + MEMBER_INDEX(item))  start 0\n",
    );
    for (let year = 0; year < 4; year++) {
      const asked = take();
      expect(asked).toHaveLength(300);
      for (const { args, answer } of asked) answer(args[0] as number);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await sheet.settled();
    expect(sheet.get("b.x", { item: "7", year: "2004" })).toBe(28);
  });
});
