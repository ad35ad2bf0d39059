/** Rules about every source file that a linter does not check, or does not check everywhere. */
import { describe, expect, it } from "vitest";
import { files, isTest, textOf } from "./repository.ts";

const linesMax = 500;
const linesWithoutHeaderMax = 60;

const sources = files.filter((path) => /\.(?:ts|tsx|mts|js|mjs)$/.test(path));
const configs = new Set(["test/vitest.config.ts"]);

/** A name made of these says nothing about its subject. */
const emptyWords = new Set(
  "manager helper helpers util utils misc common base core service processor handler data info impl new v2".split(
    " ",
  ),
);

function linesOf(path: string): string[] {
  return textOf(path).split("\n");
}

function hits(paths: readonly string[], pattern: RegExp): string[] {
  return paths.flatMap((path) =>
    linesOf(path).flatMap((line, i) => (pattern.test(line) ? [`${path}:${i + 1} ${line.trim()}`] : [])),
  );
}

function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.toLowerCase());
}

describe("shape", () => {
  it("finds the sources", () => {
    expect(sources.length).toBeGreaterThan(30);
  });

  it(`no source file is longer than ${linesMax} lines`, () => {
    const long = sources.filter((path) => linesOf(path).length - 1 > linesMax);
    expect(long.map((path) => `${path}: ${linesOf(path).length - 1}`)).toEqual([]);
  });

  it(`a file over ${linesWithoutHeaderMax} lines says at its top what it is`, () => {
    const bare = sources
      .filter((path) => !isTest(path) && linesOf(path).length > linesWithoutHeaderMax)
      .filter((path) => !/^(?:#!.*\n)?\s*(?:\/\*\*|\/\/)/.test(textOf(path)));
    expect(bare).toEqual([]);
  });

  it("every file ends with one line break and has no carriage return", () => {
    const exempt = /\.(?:reckon|csv|txt|svg|snap)$/;
    const wrong = files.filter(
      (path) => /\.[a-z]+$/.test(path) && !exempt.test(path) && !/\.(?:png|sqlite)$/.test(path),
    );
    expect(wrong.filter((path) => !/[^\n]\n$/.test(textOf(path)) || textOf(path).includes("\r"))).toEqual([]);
  });
});

describe("names", () => {
  it("source files are in kebab-case", () => {
    const wrong = sources.filter((path) => !/(?:^|\/)[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z-]+)+$/.test(path));
    expect(wrong).toEqual([]);
  });

  it("file names have no empty words", () => {
    const wrong = sources.filter((path) => {
      const name = path.slice(path.lastIndexOf("/") + 1).replace(/\.[^.]+$/, "");
      return wordsOf(name).some((word) => emptyWords.has(word));
    });
    expect(wrong).toEqual([]);
  });

  it("type names have no empty words", () => {
    const wrong = sources.flatMap((path) =>
      Array.from(
        textOf(path).matchAll(/^(?:export )?(?:abstract )?(?:class|interface|type) (\w+)/gm),
        (match) => ({
          path,
          name: match[1] as string,
        }),
      ),
    );
    expect(wrong.length).toBeGreaterThan(50);
    expect(wrong.filter(({ name }) => wordsOf(name).some((word) => emptyWords.has(word)))).toEqual([]);
    expect(wrong.filter(({ name }) => /^(?:I[A-Z][a-z]|Abstract[A-Z])/.test(name))).toEqual([]);
  });
});

describe("habits", () => {
  it("nothing is exported as default", () => {
    expect(
      hits(
        sources.filter((path) => !configs.has(path)),
        /^export\s+default\b/,
      ),
    ).toEqual([]);
  });

  it("no catch is empty", () => {
    const wrong = sources.filter((path) =>
      /\bcatch\s*(?:\([^)]*\)\s*)?\{(?:\s|\/\/[^\n]*\n|\/\*[^*]*\*\/)*\}/.test(textOf(path)),
    );
    expect(wrong).toEqual([]);
  });

  it("only an index re-exports", () => {
    const wrong = hits(
      sources.filter((path) => !path.endsWith("/index.ts")),
      /^export\s+(?:type\s+)?(?:\{[^}]*\}|\*.*)\s+from\b/,
    );
    expect(wrong).toEqual([]);
  });

  it("no test is left alone with the others silenced", () => {
    expect(hits(sources.filter(isTest), /\b(?:it|test|describe)\.only\b|\bfit\(|\bfdescribe\(/)).toEqual([]);
  });

  it("a skipped test says why on the line above", () => {
    const wrong = sources.filter(isTest).flatMap((path) =>
      linesOf(path).flatMap((line, i, lines) => {
        const skips = /\b(?:it|test|describe)\.(?:skip|skipIf|todo)\b/.test(line);
        return skips && !/\/\/.*\bskip/i.test(lines[i - 1] ?? "") ? [`${path}:${i + 1}`] : [];
      }),
    );
    expect(wrong).toEqual([]);
  });
});

describe("nothing of one machine", () => {
  const texts = files.filter((path) => !/\.(?:png|parquet|xlsx)$/.test(path));
  // Put together from parts, so that this file does not find itself. Nobody's name is `me`: examples may use it.
  const homes = ["work", "home", "Users", "root", "mnt"].join("|");
  const machinePath = new RegExp(`(?:^|[\\s"'\`(=:])/(?:${homes})/(?!me\\b)[\\w.-]`);
  const registry = new RegExp(["registry", "npmjs"].join("\\."), "i");

  it("no absolute path", () => {
    expect(hits(texts, machinePath)).toEqual([]);
  });

  it("no registry", () => {
    expect(hits(texts, registry)).toEqual([]);
  });

  it("the lock file names no host", () => {
    expect(textOf("package-lock.json")).not.toMatch(/"resolved": "[a-z+]+:\/\//);
  });
});
