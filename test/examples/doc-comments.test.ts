/**
 * The examples in doc comments run, all of them, by the rules of the documents' TypeScript blocks. They import nothing: a name
 * that the file exports, or any package, is there. Each runs in a folder of its own with the models of two examples.
 */
import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { files, isTest, root, textOf, workspaces } from "../tidy/repository.ts";
import { fencedBlocks } from "./fenced-block.ts";
import { takeShown } from "./running-block.ts";
import { isShownValue, moduleText } from "./typescript-block.ts";

const folder = join(root, "test", "dist", "doc-comments");
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

/** Goes to a new folder with the files that examples may read; what they write stays there. */
function enterPlace(name: string): void {
  const place = join(folder, name);
  mkdirSync(place);
  for (const example of ["points", "saas"]) {
    const from = join(root, "docs", "examples", example);
    for (const file of readdirSync(from)) copyFileSync(join(from, file), join(place, file));
  }
  process.chdir(place);
}

/** Names exported for use outside, with the package that has them; types are left out, they do not run. */
const packageOfName = new Map(
  workspaces
    .filter(({ isApp }) => !isApp)
    .flatMap(({ folder: at, manifest }) =>
      Array.from(textOf(`${at}/src/index.ts`).matchAll(/export \{([^}]*)\}/g)).flatMap((match) =>
        (match[1] as string)
          .split(",")
          .map((name) => name.trim())
          .filter((name) => name !== "" && !name.startsWith("type "))
          .map((name) => [name, manifest.name] as const),
      ),
    ),
);

/** Every example of a source file, without the comment's stars. */
function examplesOf(path: string): { readonly text: string; readonly line: number }[] {
  return Array.from(textOf(path).matchAll(/^[ \t]*\/\*\*[\s\S]*?\*\//gm)).flatMap((comment) => {
    const before = textOf(path).slice(0, comment.index).split("\n").length - 1;
    const page = comment[0].replace(/^[ \t]*\/?\*{1,2}\/?[ ]?/gm, "");
    if (!page.includes("@example")) return [];
    return fencedBlocks(page)
      .filter(({ language }) => language === "ts")
      .map(({ text, line }) => ({ text, line: before + line }));
  });
}

function importsFor(path: string, text: string): string {
  const own = new Set(
    Array.from(
      textOf(path).matchAll(/^export (?:async )?(?:function\*?|const|class) (\w+)/gm),
      (match) => match[1],
    ),
  );
  const names = new Set(text.replace(/"[^"]*"/g, "").match(/(?<!(?<!\.\.)\.)\b[A-Za-z_]\w*\b/g) ?? []);
  const declared = new Set(
    Array.from(text.matchAll(/\b(?:const|let|import \{[^}]*?) (\w+)/g), (match) => match[1]),
  );
  return [...names]
    .filter((name) => !declared.has(name) && !text.includes("import "))
    .flatMap((name) => {
      if (own.has(name)) return [`import { ${name} } from "../../../${path}";\n`];
      const target = packageOfName.get(name);
      return target === undefined ? [] : [`import { ${name} } from "${target}";\n`];
    })
    .join("");
}

const sources = files.filter(
  (path) => /^(?:packages|apps)\/[^/]+\/src\/.*\.tsx?$/.test(path) && !isTest(path),
);
const examples = sources.flatMap((path) =>
  examplesOf(path).map(({ text, line }) => {
    const place = `${path.replaceAll(/[/.]/g, "-")}-${line}`;
    const file = join(folder, `${place}.ts`);
    writeFileSync(file, moduleText(text, importsFor(path, text)));
    return { name: `${path}:${line}`, file, place };
  }),
);

it("every `@example` is a block that runs", () => {
  const written = sources.flatMap((path) => textOf(path).match(/^[ \t]*(?:\/\*)?\* @example/gm) ?? []);
  expect(examples.length).toBe(written.length);
});

it.each(examples)("$name", async ({ file, place }) => {
  enterPlace(place);
  takeShown();
  await import(file);
  const shown = takeShown();
  expect(shown.filter((one) => !isShownValue(one))).toEqual([]);
});
