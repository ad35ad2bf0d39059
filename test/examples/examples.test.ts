/** Every example against its committed output; the files below hold each against an independent calculation. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { loadSheet } from "@reckon/host";
import { describe, expect, it } from "vitest";
import { differences, snapshot } from "../properties/open-text.ts";
import { root } from "../tidy/repository.ts";
import { digest, digestDifferences, exampleHost, expectedDigest, openExample } from "./example-sheet.ts";

/** Figures agree to this part of their size; where a declared loop is solved, to what its tolerance leaves open. */
const tolerance = 1e-9;
const loopTolerance: Readonly<Record<string, number>> = { saas: 1e-6 };

const names = readdirSync(join(root, "docs", "examples"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

describe.each(names)("%s", (name) => {
  it("gives the committed figures in every scenario, and its checks pass", async () => {
    const sheet = await openExample(name);
    const actual = digest(sheet);
    const differences = digestDifferences(
      actual,
      expectedDigest(name, actual),
      loopTolerance[name] ?? tolerance,
    );
    expect(differences).toEqual([]);
    for (const scenario of sheet.scenarios) {
      expect(sheet.checks(scenario).filter(({ state }) => state !== "pass")).toEqual([]);
    }
  });

  it("equals a naive recomputation in every cell", async () => {
    const sheet = await openExample(name);
    expect(differences(sheet, await exampleHost(name), loopTolerance[name])).toEqual([]);
  });

  it("opens from its folder with the scenarios beside it, to the same figures", async () => {
    const model = join(root, "docs", "examples", name, `${name}.reckon`);
    const loaded = await loadSheet({ model, discover: true, allowModules: true });
    if (!loaded.ok) throw new Error(loaded.problem ?? loaded.diagnostics.map(loaded.render).join("\n"));
    await loaded.sheet.settled();
    expect(snapshot(loaded.sheet)).toEqual(snapshot(await openExample(name)));
    loaded.dispose();
  });

  it("has no open warning", async () => {
    const sheet = await openExample(name);
    expect(sheet.diagnostics).toEqual([]);
    for (const scenario of sheet.scenarios) {
      expect(sheet.loops(scenario).filter(({ verdict }) => verdict !== "converged")).toEqual([]);
    }
  });
});

it("there are at least four", () => {
  expect(names.length).toBeGreaterThanOrEqual(4);
});
