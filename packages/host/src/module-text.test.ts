import { describe, expect, it } from "vitest";
import { readModuleText, withoutComments } from "./module-text.ts";

/** What a text is said to use, each with its line. */
function unknownIn(text: string, kind: "module" | "commonjs" = "module"): string[] {
  return readModuleText(text, kind).unknown.map(({ line, what }) => `${line}: ${what}`);
}

function laterIn(text: string, kind: "module" | "commonjs" = "module"): string[] {
  return readModuleText(text, kind).later.map(({ specifier }) => specifier);
}

describe("the text of a module", () => {
  it.each([
    ["await fetch(url)", "uses the network (fetch)"],
    ["globalThis.fetch(url)", "uses the network (globalThis.fetch)"],
    ["const x = Math.random();", "draws random numbers (Math.random)"],
    ["crypto.randomUUID()", "draws random numbers (randomUUID)"],
    ["Date.now()", "reads the clock (Date.now)"],
    ["new Date()", "reads the clock (new Date)"],
    ["new Date", "reads the clock (new Date)"],
    ["Date()", "reads the clock (Date)"],
    ["performance.now()", "reads the clock (performance.now)"],
    ["process.env.HOME", "reads its surroundings (process)"],
    ["process['env']", "reads its surroundings (process)"],
    ["import(name)", "imports what only the call tells"],
    ['import("./a-" + name)', "imports what only the call tells"],
    [`import(\`./\${name}.ts\`)`, "imports what only the call tells"],
    ["createRequire(x)", "imports what only the call tells (createRequire)"],
    ["import.meta.url", "asks where its file is (import.meta)"],
    ["eval(text)", "runs code that it makes (eval)"],
    ["new Function('x', text)", "runs code that it makes (Function)"],
    ["const { random, floor } = Math;", "draws random numbers (Math)"],
    ["const M = Math;", "draws random numbers (Math)"],
    ["Math?.random()", "draws random numbers (Math?.random)"],
    ["Math['random']()", "draws random numbers (Math[)"],
    ["const { now } = Date;", "reads the clock (Date)"],
    ["const { now: at } = performance;", "reads the clock (performance)"],
    ["const D = Date;", "reads the clock (Date)"],
    ["new globalThis.Date()", "reads the clock (new globalThis.Date)"],
    ["performance?.now()", "reads the clock (performance?.now)"],
    ["const { env } = process;", "reads its surroundings (process)"],
    ["process?.env.HOME", "reads its surroundings (process)"],
    ["const get = fetch;", "uses the network (fetch)"],
    ["urls.map(fetch)", "uses the network (fetch)"],
    ["const { Date: D } = globalThis;", "reads its surroundings (globalThis)"],
  ])("[MO2] is told of %s", (text, what) => {
    expect(unknownIn(`\n${text}`)).toEqual([`2: ${what}`]);
  });

  it.each([
    "new Date(2026, 1, 1).getTime()",
    "new Date(serial)",
    "const { floor, max } = Math;",
    "const { process } = tools; process(x)",
    "export function process(x) { return x.now; }",
    "const date = Date.UTC(2026, 1, 1)",
    "store.fetch(x)",
    "// Date.now()",
    "/* fetch(x)\n Math.random() */",
    'const note = 1; // see "fetch(x)"',
    "const updated = isUpdated(x)",
    "type A = import('pkg').A;",
    "const processed = 1; processed.x",
    "process.env.NODE_ENV",
    "/[/*]/.test(x); y",
    "const a = b / c; // fetch(x) /",
  ])("[MO2] nothing is told of %s", (text) => {
    expect(unknownIn(text)).toEqual([]);
    expect(laterIn(text)).toEqual([]);
  });

  it.each([
    "const s = 'http://x'; fetch(s)",
    `const t = \`http://\${host}\`; fetch(t)`,
    `const t = \`\${{ a: \`//\${b}\` }}\`; fetch(t)`,
    "if (x) /https?:\\/\\//.test(u) && fetch(u)",
    "const r = /[/*]/; fetch(r) /* a comment */",
    "const q = a / b; fetch(q) // c",
    "const c = '/*'; fetch(c)",
  ])("[MO2] a comment is not seen where there is none: %s", (text) => {
    expect(unknownIn(text).join()).toContain("network");
  });

  it("[MO1] tells what is imported later, with the name written out", () => {
    expect(
      laterIn('await import("./a.ts"); import(`./b.ts`); import("./c.json", { with: { type: "json" } })'),
    ).toEqual(["./a.ts", "./b.ts", "./c.json"]);
    expect(laterIn('require("./a"); typeof require; x.require("b")', "commonjs")).toEqual(["./a"]);
    expect(unknownIn("require(name)", "commonjs")).toEqual(["1: imports what only the call tells"]);
    expect(unknownIn("factory(require)", "commonjs")).toEqual(["1: imports what only the call tells"]);
    expect(unknownIn("__dirname", "commonjs")).toEqual(["1: asks where its file is (__dirname)"]);
  });

  it("[MO1] tells what is imported at the top of a file that was not loaded", () => {
    const text = `import a, { b } from "./a.ts";\nimport type { T } from "./t.ts";\nimport "./c.ts";\nexport * from './d.ts';\nexport { e } from "e";`;
    expect(
      readModuleText(text, "module")
        .first.map(({ specifier }) => specifier)
        .sort(),
    ).toEqual(["./a.ts", "./c.ts", "./d.ts", "e"]);
  });

  it("comments become blanks, and lines stay lines", () => {
    expect(withoutComments("a // b\nc /* d\ne */ f")).toBe("a     \nc     \n     f");
    expect(withoutComments("a \\ b")).toBeUndefined();
    expect(withoutComments("`${a")).toBeUndefined();
    expect(withoutComments("/* open")).toBeUndefined();
  });
});
