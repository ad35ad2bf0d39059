import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { runInNewContext } from "node:vm";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";

/**
 * A page's script: the bundle runs in a context that has what browsers have and nothing of Node's, and esbuild
 * refuses any import of a built-in module on the way.
 */
async function runAsPage(script: string): Promise<string[]> {
  const result = await build({
    stdin: { contents: script, resolveDir: import.meta.dirname, loader: "ts" },
    bundle: true,
    write: false,
    format: "iife",
    platform: "browser",
    target: "es2024",
    conditions: ["@reckon/source"],
    logLevel: "silent",
  });
  const printed: string[] = [];
  const page = {
    console: { log: (...parts: unknown[]) => printed.push(parts.join(" ")) },
    AbortController,
    AbortSignal,
    performance,
    queueMicrotask,
    TextEncoder,
    setTimeout,
  };
  await runInNewContext(result.outputFiles[0]?.text ?? "", page);
  await new Promise((resolve) => setTimeout(resolve, 0));
  return printed;
}

describe("in a browser", () => {
  it("the embedding example runs unchanged", async () => {
    const printed = await runAsPage(`
      import { createEngine, effect } from "@reckon/engine";
      const engine = createEngine();
      const price = engine.input(10);
      const units = engine.input(5);
      const revenue = engine.computed([price, units], (p, u) => p * u);
      effect(() => console.log(revenue.signal.value));
      price.set(12);
    `);
    expect(printed).toEqual(["50", "60"]);
  });

  it("a whole sheet opens, recalculates and saves", async () => {
    const text = readFileSync(new URL("../../docs/examples/loan/loan.reckon", import.meta.url), "utf8");
    const printed = await runAsPage(`
      import { openSheet } from "@reckon/sheet";
      const opened = openSheet({
        model: { source: "loan.reckon", text: ${JSON.stringify(text)} },
        host: { table: () => ({ problem: "none" }), module: () => ({ problem: "none" }) },
      });
      console.log(opened.ok, opened.diagnostics.length, opened.value.text() === ${JSON.stringify(text)});
    `);
    expect(printed).toEqual(["true 0 true"]);
  });

  it("is refused what only Node has", async () => {
    expect(builtinModules).toContain("fs");
    await expect(runAsPage(`import { readFileSync } from "node:fs"; readFileSync("x");`)).rejects.toThrow(
      /node:fs/,
    );
  });
});
