/**
 * The examples in doc comments run, by the rules of the documents' TypeScript blocks. They import nothing: a name that
 * the file exports, or any package, is there.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { files, isTest, root, textOf, workspaces } from "../tidy/repository.ts";
import { fencedBlocks } from "./fenced-block.ts";
import { takeShown } from "./running-block.ts";
import { isShownValue, moduleText } from "./typescript-block.ts";

const folder = join(root, "test", "dist", "doc-comments");
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
// What examples write lies there as well.
process.chdir(folder);

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
  const names = new Set(text.replace(/"[^"]*"/g, "").match(/(?<!\.)\b[A-Za-z_]\w*\b/g) ?? []);
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

// The host's examples work on files that are not there, those of batches on programs, ledgers and queues besides.
const sources = files.filter(
  (path) => /^packages\/(?!host|batch|cluster)[^/]+\/src\/.*\.ts$/.test(path) && !isTest(path),
);
const examples = sources.flatMap((path) =>
  examplesOf(path).map(({ text, line }) => {
    const file = join(folder, `${path.replaceAll(/[/.]/g, "-")}-${line}.ts`);
    writeFileSync(file, moduleText(text, importsFor(path, text)));
    return { name: `${path}:${line}`, file };
  }),
);

it("there are examples", () => {
  expect(examples.length).toBeGreaterThan(10);
});

it.each(examples)("$name", async ({ file }) => {
  takeShown();
  await import(file);
  const shown = takeShown();
  expect(shown.filter((one) => !isShownValue(one))).toEqual([]);
});
