/**
 * The documents are true: every TypeScript block is type-checked and run, every model in them is checked and opened,
 * every `$ reckon …` is run and its output compared. `docs/spec/README.md` states the rules for writers.
 */
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { renderDiagnostic } from "@reckon/formula";
import { checkModel, checkScenario, diagnosticsOf, parseModel, parseScenario } from "@reckon/model";
import { readTable } from "@reckon/tables";
import { afterAll, describe, expect, it } from "vitest";
import { files, root, textOf } from "../tidy/repository.ts";
import { type FencedBlock, fencedBlocks, isShown, shownCommands } from "./fenced-block.ts";
import { takeShown } from "./running-block.ts";
import { isShownValue, moduleText } from "./typescript-block.ts";

const pages = files
  .filter((path) => path.endsWith(".md") && !path.startsWith("docs/decisions/"))
  .map((path) => ({ path, blocks: fencedBlocks(textOf(path)) }));

function blocksOf(language: string): { path: string; blocks: FencedBlock[] }[] {
  return pages
    .map(({ path, blocks }) => ({ path, blocks: blocks.filter((block) => block.language === language) }))
    .filter(({ blocks }) => blocks.length > 0);
}

describe("TypeScript", () => {
  // Inside the test workspace, so that imports resolve; `dist` is ignored by git and the tools.
  const folder = join(root, "test", "dist", "docs");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const modules = blocksOf("ts").flatMap(({ path, blocks }) =>
    blocks.map((block) => {
      const file = join(folder, `${path.replaceAll(/[/.]/g, "-")}-${block.line}.ts`);
      writeFileSync(file, moduleText(block.text, ""));
      return { file, name: `${path}:${block.line}` };
    }),
  );

  it("has the right types", () => {
    const config = { extends: "../../tsconfig.json", include: ["."], references: [] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    const compiler = join(root, "node_modules", ".bin", "tsc");
    const compiled = spawnSync(compiler, ["--noEmit", "--incremental", "false", "-p", folder], {
      encoding: "utf8",
    });
    expect(compiled.stdout).toBe("");
  });

  it.each(modules)("$name runs as it says", async ({ file }) => {
    takeShown();
    await import(file);
    const shown = takeShown();
    expect(shown.filter((one) => !isShownValue(one))).toEqual([]);
  });
});

describe("models", () => {
  describe.each(blocksOf("reckon"))("$path", ({ path }) => {
    const blocks = pages.find((page) => page.path === path)?.blocks ?? [];
    it.each(blocks.filter(({ language }) => language === "reckon"))("line $line", (block) => {
      const messages = messagesOf(path, blocks, block);
      if (block.title.split(" ").includes("wrong")) {
        const shown = blocks[blocks.indexOf(block) + 1] as FencedBlock;
        expect(shown.language).toBe("text");
        if (!isShown(shown.text.trim(), messages)) expect(messages).toBe(shown.text);
        expect(messages).not.toBe("");
      } else expect(messages).toBe("");
    });
  });
});

/** What is wrong with a block. A scenario is checked against the last model above it; a fragment is parsed only. */
function messagesOf(path: string, blocks: readonly FencedBlock[], block: FencedBlock): string {
  const source = block.title.split(" ").find((word) => word.endsWith(".reckon")) ?? fileNameOf(block);
  const render = (text: string, found: Parameters<typeof renderDiagnostic>[0][]) =>
    found.map((diagnostic) => renderDiagnostic(diagnostic, () => text)).join("\n\n");
  if (/^\s*(?:#.*\n\s*)*model\b/.test(block.text)) {
    return render(block.text, [
      ...checkModel(parseModel(source, block.text), tablesOf(path, blocks)).diagnostics,
    ]);
  }
  if (/^\s*(?:#.*\n\s*)*scenario\b/.test(block.text)) {
    const above = blocks.slice(0, blocks.indexOf(block)).findLast(({ text }) => /^\s*model\b/.test(text));
    const scenario = parseScenario(source, block.text);
    if (above === undefined) return render(block.text, [...diagnosticsOf(scenario)]);
    const model = checkModel(parseModel("model.reckon", above.text), tablesOf(path, blocks)).value;
    if (model === undefined) throw new Error(`the model above ${path}:${block.line} is wrong`);
    return render(block.text, [...checkScenario(scenario, model).diagnostics]);
  }
  const isDeclaration = /^\s*(?:#.*\n\s*)*(?:use|time|axis|block)\b/.test(block.text);
  const text = `model fragment\n${isDeclaration ? "" : "block fragment\n"}${block.text}`;
  return render(text, [...diagnosticsOf(parseModel(source, text))]);
}

function fileNameOf(block: FencedBlock): string {
  return `${/^\s*(?:model|scenario)\s+(\w+)/m.exec(block.text)?.[1] ?? "fragment"}.reckon`;
}

/** Tables are blocks of the page, titled with their file name, or files beside the page. */
function tablesOf(path: string, blocks: readonly FencedBlock[]) {
  return (name: string) => {
    const text = blocks.find(({ title }) => title === name)?.text ?? textOf(join(dirname(path), name));
    return readTable(name, text);
  };
}

describe("commands", () => {
  const scratch: string[] = [];
  afterAll(() => {
    for (const folder of scratch) rmSync(folder, { recursive: true, force: true });
  });

  // The command goes back to where npm was called from, which is not where a page's command stands.
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:npm_|INIT_CWD|FORCE_COLOR)/.test(name)),
  );
  const commands = blocksOf("sh").flatMap(({ path, blocks }) =>
    blocks.flatMap((block) => shownCommands(block).map((shown) => ({ path, ...shown }))),
  );

  it("are shown in the documents", () => {
    expect(commands.length).toBeGreaterThan(5);
  });

  it.each(commands)("$path:$line $command", ({ path, command, output }) => {
    const folder = mkdtempSync(join(tmpdir(), "reckon-docs-"));
    scratch.push(folder);
    fillFolder(folder, path);
    const bin = join(root, "apps", "cli", "bin", "reckon.js");
    expect(existsSync(join(root, "apps", "cli", "dist")), "the command is not built: npm run build").toBe(
      true,
    );
    const run = spawnSync("sh", ["-c", `reckon() { node "${bin}" "$@"; }\n${command} 2>&1`], {
      cwd: folder,
      encoding: "utf8",
      env: {
        ...environment,
        NO_COLOR: "1",
        COLUMNS: "100",
        XDG_CONFIG_HOME: folder,
        XDG_CACHE_HOME: folder,
        XDG_DATA_HOME: folder,
      },
    });
    if (!isShown(output, run.stdout)) expect(run.stdout.trimEnd()).toBe(output);
  });
});

/** The files that a page's commands see: those of its folder, and the models and tables written in the page. */
function fillFolder(folder: string, path: string): void {
  if (path.startsWith("docs/examples/")) {
    for (const name of readdirSync(join(root, dirname(path))))
      copyFileSync(join(root, dirname(path), name), join(folder, name));
  }
  for (const block of pages.find((page) => page.path === path)?.blocks ?? []) {
    if (
      block.language === "reckon" &&
      /^\s*(?:model|scenario)\b/m.test(block.text) &&
      !block.title.includes("wrong")
    ) {
      writeFileSync(join(folder, fileNameOf(block)), block.text);
    }
    if (/^[\w-]+\.\w+$/.test(block.title)) writeFileSync(join(folder, block.title), block.text);
  }
}
