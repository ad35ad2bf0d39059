import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type LoadedModule, loadModule } from "./module-loader.ts";

vi.mock("./import-module.ts", () => import("./fixtures/node-import.ts"));

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "reckon-modules-")));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Files = Readonly<Record<string, string>>;

function write(files: Files, at: string = folder): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(at, name)), { recursive: true });
    writeFileSync(join(at, name), text);
  }
}

type Loaded = Extract<LoadedModule, { readonly kind: "loaded" }>;

async function load(name = "root.ts", at: string = folder): Promise<Loaded> {
  const loaded = await loadModule(join(at, name), name);
  if (loaded.kind === "failed") throw new Error(loaded.problem);
  return loaded;
}

const world: Files = {
  "root.ts": [
    'import { h } from "./lib/h.ts";',
    'import rates from "./rates.json" with { type: "json" };',
    'import { three } from "es";',
    'import cj from "cj";',
    "export function f(x: number): number { return h(x) + rates.k + three + cj.zero(); }",
    'export async function late(): Promise<number> { return (await import("./lib/late.ts")).v; }',
  ].join("\n"),
  "rates.json": '{ "k": 1 }',
  "lib/h.ts": 'import { two } from "../two.ts"; export const h = (x: number) => x * two;',
  "two.ts": "export const two = 2;",
  "lib/late.ts": 'import { four } from "./four.ts"; export const v = four;',
  "lib/four.ts": "export const four = 4;",
  "node_modules/es/package.json":
    '{ "name": "es", "version": "2.0.0", "type": "module", "exports": "./i.js" }',
  "node_modules/es/i.js": 'import "./j.js"; export const three = 3;',
  "node_modules/es/j.js": "export {};",
  "node_modules/cj/package.json": '{ "name": "cj", "version": "1.2.3", "main": "lib/index.js" }',
  "node_modules/cj/lib/index.js":
    'const { z } = require("./z"); exports.zero = () => z; exports.lazy = () => require("./lazy").v;',
  "node_modules/cj/lib/z.js": 'exports.z = require("./z.json").z;',
  "node_modules/cj/lib/z.json": '{ "z": 0 }',
  "node_modules/cj/lib/lazy.js": "exports.v = 5;",
};

describe("the version of a module", () => {
  it("[MO1] [MO2] of a script and of a module with the same text are others, in whichever order they are read", async () => {
    // Nothing in a module, and in a script a place.
    const text = 'globalThis["seen here"] = typeof __dirname;\n';
    const reasons = ["b.cjs asks where its file is (__dirname) in line 1"];
    write({ "a.mjs": text, "b.cjs": text, "one.mjs": 'import "./a.mjs";', "two.mjs": 'import "./b.cjs";' });
    expect((await load("one.mjs")).closure.unknown).toEqual([]);
    expect((await load("two.mjs")).closure.unknown).toEqual(reasons);
    expect((await load("one.mjs")).closure.unknown).toEqual([]);
  });

  it("[MO1] is the same for the same files, wherever they are", async () => {
    write(world);
    const first = await load();
    expect(first.closure.unknown).toEqual([]);
    expect((await load()).closure.hash).toBe(first.closure.hash);
    write(world, join(folder, "elsewhere"));
    const other = await load("root.ts", join(folder, "elsewhere"));
    expect(other.closure.hash).toBe(first.closure.hash);
    expect(other.exports.f?.(5)).toBe(14);
  });

  it.each([
    ["the module", "root.ts", (text: string) => `${text}\n`],
    ["what it imports", "lib/h.ts", (text: string) => `${text} `],
    ["a helper two imports away", "two.ts", (text: string) => text.replace("2", "3")],
    ["a JSON file", "rates.json", (text: string) => text.replace("1", "7")],
    ["what is imported later", "lib/late.ts", (text: string) => `${text} `],
    ["what that imports", "lib/four.ts", (text: string) => text.replace("= 4", "= 5")],
    ["a package", "node_modules/es/i.js", (text: string) => `${text} `],
    ["a file inside a package", "node_modules/es/j.js", (text: string) => `${text} `],
    [
      "the version of a package",
      "node_modules/es/package.json",
      (text: string) => text.replace("2.0.0", "2.0.1"),
    ],
    ["what a package requires", "node_modules/cj/lib/z.js", (text: string) => `${text} `],
    ["a JSON file of a package", "node_modules/cj/lib/z.json", (text: string) => text.replace("0", "1")],
    [
      "what a package requires later",
      "node_modules/cj/lib/lazy.js",
      (text: string) => text.replace("5", "6"),
    ],
  ])("[MO1] is another after one byte of %s changed", async (_what, name, change) => {
    write(world);
    const before = await load();
    write({ [name]: change(world[name] as string) });
    const after = await load();
    expect(after.closure.unknown).toEqual([]);
    expect(after.closure.hash).not.toBe(before.closure.hash);
    write(world);
    expect((await load()).closure.hash).toBe(before.closure.hash);
  });

  it("[MO1] is another when an import leads elsewhere, though all files are the same", async () => {
    const a = { "root.ts": 'export { v } from "p";\nexport const f = () => 1;' };
    const inner = (name: string, v: number) => ({
      [`node_modules/${name}/package.json`]: `{ "name": "${name}", "version": "1.0.0", "type": "module", "exports": "./index.js" }`,
      [`node_modules/${name}/index.js`]: `export const v = ${v};`,
    });
    write({ ...a, ...inner("p", 1) });
    const before = await load();
    write({ ...inner("p", 2) });
    expect((await load()).closure.hash).not.toBe(before.closure.hash);
  });

  it("[MO3] a changed file of a package is loaded afresh, with what imports it", async () => {
    write(world);
    expect((await load()).exports.f?.(5)).toBe(14);
    write({ "node_modules/es/i.js": "export const three = 30;" });
    expect((await load()).exports.f?.(5)).toBe(41);
    write({ "node_modules/cj/lib/z.json": '{ "z": 100 }' });
    expect((await load()).exports.f?.(5)).toBe(141);
    write({ "two.ts": "export const two = 3;" });
    expect((await load()).exports.f?.(5)).toBe(146);
  });

  it("[MO3] a load that begins in another one takes no package from under it", async () => {
    write({ ...world, "slow.ts": `await globalThis.slowLoad();\n${world["root.ts"]}` });
    const quick = await load("root.ts");
    let second: Promise<Loaded> | undefined;
    const slow = {
      // Where it waits its package is loaded already.
      slowLoad: async (): Promise<void> => {
        write({ "node_modules/es/i.js": "export const three = 30;" });
        second = load("root.ts");
        for (let i = 0; i < 300; i++) await new Promise((resolve) => setImmediate(resolve));
      },
    };
    vi.stubGlobal("slowLoad", async () => undefined);
    const calm = await load("slow.ts");
    vi.stubGlobal("slowLoad", slow.slowLoad);
    const disturbed = await load("slow.ts");
    vi.unstubAllGlobals();
    expect([disturbed.exports.f?.(5), disturbed.closure.hash]).toEqual([14, calm.closure.hash]);
    const after = await second;
    expect([after?.exports.f?.(5), after?.closure.hash === quick.closure.hash]).toEqual([41, false]);
  });

  it("[MO3] all files are told, with the hashes of what was loaded", async () => {
    write(world);
    const { files } = await load();
    const names = files.map(({ path }) => path.slice(folder.length + 1)).sort();
    expect(names).toEqual(
      Object.keys(world)
        .filter((name) => !name.endsWith("package.json"))
        .sort(),
    );
    expect(new Set(files.map(({ hash }) => hash.length))).toEqual(new Set([64]));
  });

  it.each([
    [
      'import { readFileSync } from "node:fs"; export const f = () => readFileSync("x");',
      "root.ts uses node:fs",
    ],
    ["export const f = (x) => import(x);", "root.ts imports what only the call tells in line 1"],
    ['export const f = () => import("es");', "root.ts imports es only later, in line 1"],
    [
      'import { createRequire } from "node:module"; export const f = 1;',
      "root.ts imports what only the call tells",
    ],
    ["export const f = () => Date.now();", "root.ts reads the clock (Date.now) in line 1"],
    ["export const f = () => process.env.HOME;", "root.ts reads its surroundings (process) in line 1"],
    ['import "./sly.ts"; export const f = 1;', "sly.ts draws random numbers (Math.random) in line 2"],
    ['import "odd"; export const f = 1;', "package node_modules/odd@1.0.0/index.js uses node:os"],
  ])("[MO2] nobody knows what a module computes that says %s", async (text, why) => {
    write({
      ...world,
      "root.ts": text,
      "sly.ts": "\nexport const r = () => Math.random();",
      "node_modules/odd/package.json": '{ "name": "odd", "version": "1.0.0" }',
      "node_modules/odd/index.js": 'exports.cpus = () => require("os").cpus();',
    });
    expect((await load()).closure.unknown.join("; ")).toContain(why);
  });

  it("[MO1] modules of Node that compute from their arguments alone count by name", async () => {
    write({
      "root.ts":
        'import { createHash } from "node:crypto"; import { join } from "path"; export const f = () => 1;',
    });
    expect((await load()).closure.unknown).toEqual([]);
  });

  it("[MO3] what is imported only when it is reached is what the version was made of, or fails", async () => {
    const lazy = {
      ...world,
      "root.ts": `${world["root.ts"]}\nexport function lazy(): number { return cj.lazy(); }`,
      "lib/late.ts": 'import { four } from "./four.ts"; export const v: number = four as number;',
    };
    write(lazy);
    const same = await load();
    expect([await same.exports.late?.(), same.exports.lazy?.()]).toEqual([4, 5]);
    const before = await load();
    write({ "lib/four.ts": "export const four = 40;" });
    await expect(before.exports.late?.()).rejects.toThrow("four.ts has changed since the module was loaded");
    const after = await load();
    expect([await after.exports.late?.(), after.closure.hash === before.closure.hash]).toEqual([40, false]);
    await expect(before.exports.late?.()).rejects.toThrow("four.ts has changed");
  });

  it("[MO3] what a package requires only when it is reached is that, too", async () => {
    const [name] = ["node_modules/cj/lib/lazy.js"] as const;
    write({
      ...world,
      "root.ts": 'import cj from "cj"; export function lazy(): number { return cj.lazy(); }',
    });
    const before = await load();
    write({ [name]: "exports.v = 50;" });
    expect(() => before.exports.lazy?.()).toThrow("lazy.js has changed since the module was loaded");
    expect((await load()).exports.lazy?.()).toBe(50);
  });

  it("[MO1] is another in another time zone, locale or version of Node, and in another mode where that is read", async () => {
    const mode = 'export const f = () => (process.env.NODE_ENV === "production" ? 1 : 2);';
    write({ "root.ts": "export const f = () => 1;", "mode.ts": mode });
    const hashes: string[] = [];
    const add = async (): Promise<void> => void hashes.push((await load()).closure.hash);
    const options = Intl.DateTimeFormat().resolvedOptions();
    const spy = vi.spyOn(Intl.DateTimeFormat.prototype, "resolvedOptions");
    for (const other of [{}, { timeZone: "Pacific/Apia" }, { locale: "tlh" }]) {
      spy.mockReturnValue({ ...options, ...other });
      await add();
    }
    spy.mockRestore();
    const version = vi.spyOn(process, "version", "get").mockReturnValue("v99.0.0");
    await add();
    version.mockRestore();
    expect(new Set(hashes).size).toBe(4);
    const modes: string[] = [];
    for (const name of ["root.ts", "mode.ts"])
      for (const value of ["production", "test"]) {
        vi.stubEnv("NODE_ENV", value);
        modes.push((await load(name)).closure.hash);
      }
    vi.unstubAllEnvs();
    expect([modes[0] === modes[1], modes[2] === modes[3]]).toEqual([true, false]);
  });

  it("[MO1] is another when the same text is a script and no module", async () => {
    const files = { "root.mts": 'import "./side.js"; export const f = () => 1;', "side.js": "typeof this;" };
    const hashes: string[] = [];
    for (const type of ["module", "commonjs"]) {
      const at = join(folder, type);
      write({ ...files, "package.json": `{ "name": "m", "type": "${type}" }` }, at);
      hashes.push((await load("root.mts", at)).closure.hash);
    }
    expect(new Set(hashes).size).toBe(2);
  });

  it("[MO2] nobody knows what a compiled add-on computes", async () => {
    write({
      ...world,
      "node_modules/cj/lib/lazy.js": 'exports.v = () => require("./fast.node");',
      "node_modules/cj/lib/fast.node": "machine code",
    });
    expect((await load()).closure.unknown).toEqual([
      "package node_modules/cj@1.2.3/lib/fast.node is a compiled add-on",
    ]);
  });

  it("[MO1] two packages that call themselves the same are told apart by who imports them", async () => {
    const inner = (folder: string, v: number): Files => ({
      [`${folder}/package.json`]:
        '{ "name": "p", "version": "1.0.0", "type": "module", "exports": "./i.js" }',
      [`${folder}/i.js`]: `export const v = ${v};`,
    });
    const hashWith = async (one: number, two: number): Promise<string> => {
      write({
        "root.ts": 'import { v as a } from "a"; import { v as b } from "b"; export const f = () => a - b;',
        ...inner("one", one),
        ...inner("two", two),
      });
      return (await load()).closure.hash;
    };
    mkdirSync(join(folder, "node_modules"), { recursive: true });
    symlinkSync(join(folder, "one"), join(folder, "node_modules/a"));
    symlinkSync(join(folder, "two"), join(folder, "node_modules/b"));
    expect(await hashWith(1, 2)).not.toBe(await hashWith(2, 1));
  });

  it("[MO1] [MO3] a link is followed, and watched", async () => {
    write(world);
    mkdirSync(join(folder, "models"));
    symlinkSync(join(folder, "root.ts"), join(folder, "models/link.ts"));
    const linked = await load("models/link.ts");
    expect([linked.closure.hash, linked.exports.f?.(5)]).toEqual([(await load()).closure.hash, 14]);
    const names = linked.files.map(({ path }) => path);
    expect(names).toEqual(expect.arrayContaining([join(folder, "models/link.ts"), join(folder, "root.ts")]));
  });

  it.each([
    [
      "TypeScript",
      "lib/h.ts",
      "export const a = 1;\n\nexport const h = (\n\tx: number +) => x;\n",
      "lib/h.ts:4:13",
    ],
    ["what cannot be stripped", "two.ts", "export const two = 2;\nenum A { B }\n", "two.ts:2:1"],
    [
      "JavaScript",
      "node_modules/es/j.js",
      "export {};\nexport const j = 1 +;\n",
      "node_modules/es/j.js:2:21",
    ],
    [
      "CommonJS",
      "node_modules/cj/lib/z.js",
      "exports.z = 0;\n\nexports.y = ;\n",
      "node_modules/cj/lib/z.js:3:13",
    ],
    [
      "a name that is not exported",
      "lib/h.ts",
      'import { no } from "../two.ts";\nexport const h = no;\n',
      "lib/h.ts:1:10",
    ],
    [
      "a name that is declared twice",
      "node_modules/es/j.js",
      "export {};\nlet j;\nlet j;\n",
      "node_modules/es/j.js",
    ],
    ["what is thrown", "two.ts", "export const two = 2;\nnull.x;\n", "two.ts:2:6"],
  ])("[MO17] tells file, line and column of %s", async (_, name, text, place) => {
    const warned = vi.spyOn(process, "emitWarning");
    write({ ...world, [name]: text });
    const loaded = await loadModule(join(folder, "root.ts"), "./models/root.ts");
    expect(loaded.kind === "failed" && loaded.problem).toMatch(
      /^\.\/models\/root\.ts does not load: \w+Error: /,
    );
    expect(loaded.kind === "failed" && loaded.problem).toMatch(new RegExp(` \\(models/${place}\\)$`));
    expect(warned).not.toHaveBeenCalled();
  });

  it("[MO3] a module that does not load tells its files", async () => {
    write({ ...world, "two.ts": "export const two = 2; throw new Error('no two');" });
    const loaded = await loadModule(join(folder, "root.ts"), "root.ts");
    expect(loaded).toMatchObject({
      kind: "failed",
      problem: "root.ts does not load: Error: no two (two.ts:1:29)",
    });
    expect(loaded.files.map(({ path }) => path)).toContain(join(folder, "two.ts"));
  });
});
