import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it, vi } from "vitest";
import { moduleVersion } from "./module-closure.ts";
import { loadModule } from "./module-loader.ts";

vi.mock("./import-module.ts", () => import("./fixtures/node-import.ts"));

const folder = mkdtempSync(join(tmpdir(), "reckon-version-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each([
  ["without imports", "export function one() {\n  return 1;\n}\n"],
  [
    "with imports of Node",
    'import { createHash } from "crypto";\nimport "node:path";\nexport { createHash };\n',
  ],
  ["with one that comes later", 'export async function two() {\n  return import("node:fs");\n}\n'],
])("[QU5] the version of one file is known before it is loaded: %s", async (_what, text) => {
  const file = join(folder, "bundled.mjs");
  writeFileSync(file, text);
  const before = moduleVersion(file);
  const loaded = await loadModule(file, "bundled.mjs");
  expect(loaded.kind === "loaded" && loaded.closure.hash).toBe(before);
});
