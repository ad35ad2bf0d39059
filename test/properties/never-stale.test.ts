/**
 * Nothing wrong is ever served: processes that share one cache file while the files of a module are edited, processes that
 * are killed while they write, files with damaged bytes, disks that are full. Whatever happens, every cell is that of a
 * run in place without a cache.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoStore } from "@reckon/cache";
import { createRuntime, loadSheet } from "@reckon/host";
import { type ModuleFunction, openSheet } from "@reckon/sheet";
import type { Scalar } from "@reckon/value";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { ModelAnswer } from "../contracts/model-process.ts";
import { RunningModel } from "../contracts/running-model.ts";
import { exactly } from "./exact-cells.ts";

vi.mock("../../packages/host/src/import-module.ts", () => import("./node-import.ts"));

const folders: string[] = [];
let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "reckon-stale-")));
  folders.push(folder);
});
afterAll(() => {
  for (const each of folders) rmSync(each, { recursive: true, force: true });
});

/** Numbers that follow from a seed. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** In one step, as editors save: nobody reads half of it. */
function save(name: string, text: string): void {
  mkdirSync(join(folder, "lib"), { recursive: true });
  writeFileSync(join(folder, `${name}.saving`), text);
  renameSync(join(folder, `${name}.saving`), join(folder, name));
}

// It takes a while, so that it is worth keeping.
const slowText = `import { near, nearVersion } from "./lib/near.ts";
import { farVersion } from "./lib/far.ts";
let n = 0;
export const slow = (x: number): number => { for (let i = 0; i < 1e5; i++) n = (n + i) % 7; return near(x) + n * 0; };
export { farVersion, nearVersion };
`;
const nearText = (version: number): string =>
  `import { far } from "./far.ts"; export const nearVersion = () => ${version}; export const near = (x: number): number => far(x) / 3 - nearVersion();\n`;
const farText = (version: number): string =>
  `export const farVersion = () => ${version}; export const far = (x: number): number => Math.sin(x * farVersion()) * 10;\n`;

/** What the module computes, written once more. */
function functionsOf(near: number, far: number): Readonly<Record<string, ModuleFunction>> {
  const slow = (x: Scalar): number => (Math.sin((x as number) * far) * 10) / 3 - near;
  return { slow, nearVersion: () => near, farVersion: () => far };
}

interface Inputs {
  readonly x: number;
  readonly constant: number;
  readonly rows: number;
}

const modelText = ({ x, constant, rows }: Inputs): string => `model m
use "slow.ts" as s
time year 2000..2003  dt 1/2
axis item = 1..6
block versions
  near = s.nearVersion()
  far = s.farVersion()
block b by item
  input x = ${x}
  i = MEMBER_INDEX(item)
  y = s.slow(x * i + ${constant})  heavy
  z = SUM(MAP(SEQUENCE(${rows}), LAMBDA(k, k / (x + i + ${constant}))))  heavy
  after = y + z / 2
block flow by year
  rate = SUM(MAP(SEQUENCE(2000), LAMBDA(k, b.x[1] / k))) * ${constant}  heavy
  level = integral(SUM(MAP(SEQUENCE(2000), LAMBDA(k, rate / k))) - ${constant})  start 1  heavy
`;

/** The cells of the text in place, with the functions that the module had. */
function rightCells(text: string, near: number, far: number): Record<string, readonly string[]> {
  const host = { table: () => ({ problem: "none" }), module: () => functionsOf(near, far) };
  const opened = openSheet({ model: { source: "m.reckon", text }, host });
  if (!opened.ok) throw new Error(opened.diagnostics.map(({ message }) => message).join("\n"));
  const sheet = opened.value;
  const cells: Record<string, readonly string[]> = {};
  for (const id of sheet.model.attributes.keys()) {
    const column = sheet.column(id);
    cells[id] = Array.from({ length: column.length }, (_, i) => exactly(column.get(i)));
  }
  sheet.dispose();
  return cells;
}

/** Whether what a process has printed is what its own text and the files that it says it loaded give. */
function expectRight({ text, cells, problem }: ModelAnswer): void {
  expect(problem).toBeUndefined();
  const [near, far] = [cells["versions.near"]?.[0], cells["versions.far"]?.[0]];
  expect(cells).toEqual(rightCells(text, Number(near), Number(far)));
}

function running(threads: number, cache: string): RunningModel {
  return new RunningModel({ model: join(folder, "m.reckon"), threads, cache, folder });
}

describe("several processes on one file", () => {
  it("[ME18] [MO1] [MO11] never get what is not theirs, whatever is edited between and while they run", async () => {
    const random = seeded(5);
    const path = join(folder, "reckon-shared.sqlite");
    let inputs: Inputs = { x: 1, constant: 2, rows: 3000 };
    const edit = (): void => {
      const which = random(5);
      if (which === 0) save("lib/near.ts", nearText(1 + random(3)));
      else if (which === 1) save("lib/far.ts", farText(1 + random(3)));
      else {
        const part = { x: [1, 1.5, -0], constant: [2, 2.5], rows: [3000, 3001] };
        const name = (["x", "constant", "rows"] as const)[which - 2] as keyof Inputs;
        inputs = { ...inputs, [name]: part[name][random(part[name].length)] };
        save("m.reckon", modelText(inputs));
      }
    };
    save("slow.ts", slowText);
    save("lib/near.ts", nearText(1));
    save("lib/far.ts", farText(1));
    save("m.reckon", modelText(inputs));
    const all = [running(2, path), running(0, path), running(1, path)];
    let [hits, sent] = [0, 0];
    for (let round = 0; round < 16; round++) {
      const asked = all.filter(() => random(4) > 0);
      for (const one of asked) one.ask();
      for (let edits = random(3); edits > 0; edits--) {
        await new Promise((resolve) => setImmediate(resolve));
        edit();
      }
      if (round % 6 === 4 && asked.length > 0) {
        // In the middle of its run, and of its writing; another takes its place.
        const victim = asked.pop() as RunningModel;
        if (random(2) === 0) expectRight(await victim.answer());
        await victim.kill();
        all[all.indexOf(victim)] = running(random(3), path);
      }
      for (const one of asked) {
        const answer = await one.answer();
        expectRight(answer);
        expect(answer.notices).toEqual([]);
        hits += answer.hits;
        sent += answer.sent;
      }
    }
    expect(hits).toBeGreaterThan(10);
    expect(sent).toBeGreaterThan(0);
    for (const one of all) expect(await one.end()).toBe(0);
    const store = createMemoStore({ disk: { path, bytesMax: 1e9 }, settings: {} });
    expect((await store.verify(10_000)).damaged).toBe(0);
    await store.close();
  });
});

describe("a file of the cache", () => {
  const inputs: Inputs = { x: 1.25, constant: 3, rows: 2000 };

  async function filled(path: string): Promise<void> {
    save("slow.ts", slowText);
    save("lib/near.ts", nearText(1));
    save("lib/far.ts", farText(1));
    save("m.reckon", modelText(inputs));
    expect((await ran(path)).hits).toBe(0);
    expect((await ran(path)).hits).toBeGreaterThan(2);
  }

  async function ran(cache: string): Promise<ModelAnswer> {
    const notices: string[] = [];
    const onNotice = (notice: string): void => void notices.push(notice);
    const runtime = createRuntime({ threads: 0, cache, cacheFolder: folder, onNotice });
    const loaded = await loadSheet({ model: join(folder, "m.reckon"), allowModules: true, runtime });
    if (!loaded.ok) throw new Error(loaded.diagnostics.map(({ message }) => message).join("\n"));
    const { sheet } = loaded;
    await sheet.settled();
    const cells: Record<string, string[]> = {};
    for (const id of sheet.model.attributes.keys()) {
      const column = sheet.column(id);
      cells[id] = Array.from({ length: column.length }, (_, i) => exactly(column.get(i)));
    }
    const text = sheet.text();
    loaded.dispose();
    await runtime.close();
    const { calls, cache: kept } = runtime.stats();
    const { reused, sent } = calls;
    return { text, cells, notices, reused, sent, hits: kept?.disk?.hits ?? 0, threads: 0 };
  }

  it("[ME6] [ME14] with damaged bytes anywhere gives right values or none", async () => {
    const random = seeded(11);
    const whole = join(folder, "reckon-whole.sqlite");
    await filled(whole);
    const bytes = readFileSync(whole);
    const right = rightCells(modelText(inputs), 1, 1);
    let [hits, told] = [0, 0];
    for (let turn = 0; turn < 100; turn++) {
      const path = join(folder, `reckon-${turn}.sqlite`);
      const damaged = Buffer.from(bytes);
      const count = [1, 1, 4, 40, 400][random(5)] as number;
      // Most of it in the first pages, where the file says what it is, or anywhere.
      const reach = [damaged.length, 4096, 100][random(3)] as number;
      for (let i = 0; i < count; i++) damaged[random(reach)] = random(256);
      writeFileSync(path, damaged);
      if (turn % 10 === 9) truncateSync(path, random(damaged.length));
      const answer = await ran(path);
      expect(answer.cells, `turn ${turn}`).toEqual(right);
      hits += answer.hits;
      told += answer.notices.length;
      expect(answer.notices.length).toBeLessThan(2);
      for (const end of ["", "-wal", "-shm"]) rmSync(`${path}${end}`, { force: true });
    }
    expect(hits).toBeGreaterThan(100);
    expect(told).toBeGreaterThan(10);
  });

  it("[ME6] [ME18] with a damaged log, as a killed process leaves one, gives right values or none", async () => {
    const random = seeded(12);
    const whole = join(folder, "reckon-open.sqlite");
    await filled(whole);
    const store = createMemoStore({ disk: { path: whole, bytesMax: 1e9 }, settings: {} });
    await store.get({ name: "x", parts: [] });
    save("m.reckon", modelText({ ...inputs, constant: 4 }));
    await ran(whole);
    expect(existsSync(`${whole}-wal`)).toBe(true);
    const right = rightCells(modelText({ ...inputs, constant: 4 }), 1, 1);
    for (let turn = 0; turn < 15; turn++) {
      const path = join(folder, `reckon-log-${turn}.sqlite`);
      copyFileSync(whole, path);
      const log = readFileSync(`${whole}-wal`);
      expect(log.length).toBeGreaterThan(1000);
      for (let i = random(20); i > 0; i--) log[random(log.length)] = random(256);
      writeFileSync(`${path}-wal`, turn % 5 === 4 ? log.subarray(0, random(log.length)) : log);
      expect((await ran(path)).cells, `turn ${turn}`).toEqual(right);
    }
    await store.close();
  });

  it.each([
    ["in a folder that is a file", "file/reckon.sqlite"],
    ["that is a folder", "folder.sqlite"],
    ["where nothing can be written", "/proc/reckon/reckon.sqlite"],
  ])("[ME16] [ME28] %s is done without, and that is told once", async (_, where) => {
    save("slow.ts", slowText);
    save("lib/near.ts", nearText(1));
    save("lib/far.ts", farText(1));
    save("m.reckon", modelText(inputs));
    save("file", "");
    mkdirSync(join(folder, "folder.sqlite"));
    const answer = await ran(where.startsWith("/proc") ? where : join(folder, where));
    expect(answer.cells).toEqual(rightCells(modelText(inputs), 1, 1));
    expect(answer.notices).toHaveLength(1);
    expect(answer.notices[0]).toMatch(/^[^\n]*cache[^\n]*$/);
  });
});
