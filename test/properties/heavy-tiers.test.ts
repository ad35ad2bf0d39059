/**
 * Heavy formulas and calls of modules in every way that they can be run, against the same model in place: after whatever
 * edits, also such as come while something is under way, every cell of every scenario is the same to the bit, errors with
 * their words and places included. The values in place are held against the oracle.
 */
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Sheet } from "@reckon/sheet";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { editSeed, playEdit } from "../arbitraries/edit.ts";
import { modelSeed, modelText } from "../arbitraries/model.ts";
import { missingFor, startPostgres, startRedis, type TestServer } from "../contracts/servers.ts";
import { cases } from "./cases.ts";
import { exactly } from "./exact-cells.ts";
import {
  type HeavyModule,
  heavyModule,
  openWith,
  unlike,
  type Way,
  wayOf,
  weighedModel,
} from "./heavy-world.ts";
import { differences, emptyHost } from "./open-text.ts";

vi.mock("../../packages/host/src/import-module.ts", () => import("./node-import.ts"));

const folder = realpathSync(mkdtempSync(join(tmpdir(), "reckon-heavy-")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let module: HeavyModule;
beforeAll(async () => {
  module = await heavyModule(folder);
});

const weights = fc.array(fc.nat(999), { minLength: 40, maxLength: 40 });
const edits = fc.array(fc.tuple(editSeed, fc.nat(3)), { maxLength: 5 });
const drawn = fc.tuple(modelSeed, weights, edits);
type Drawn = typeof drawn extends fc.Arbitrary<infer T> ? T : never;

/** Lets answers come, a few turns of them. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

async function agree([seed, heavy, played]: Drawn, ways: readonly Way[]): Promise<void> {
  const model = weighedModel(modelText(seed), heavy);
  const plain = openWith(model, { ...emptyHost, module: () => module.atOnce });
  const sheets = ways.map(({ host }) => openWith(model, host));
  const told: string[] = [];
  const compare = async (): Promise<void> => {
    await Promise.all(sheets.map((sheet) => sheet.settled()));
    const oracle = { ...emptyHost, module: () => module.atOnce };
    const where = `after\n${told.join("\n")}\nin\n${plain.text()}`;
    expect(differences(plain, oracle), where).toEqual([]);
    sheets.forEach((sheet, i) => {
      expect(unlike(sheet, plain), `${ways[i]?.name} ${where}`).toEqual([]);
    });
  };
  for (const [edit, waits] of played) {
    const { text, isAccepted } = playEdit(plain, edit);
    told.push(text);
    for (const sheet of sheets) expect(playEdit(sheet, edit)).toEqual({ text, isAccepted });
    // Some edits come in the same turn, some while something is under way, some when all is done.
    if (waits === 3) await compare();
    else await turns(waits);
  }
  await compare();
  // As the next run finds it: with what this one has kept.
  const scenarios = plain.scenarios
    .slice(1)
    .map((name) => ({ source: `${name}.reckon`, text: plain.text(name) }));
  for (const { name, host } of ways) {
    const again = openWith({ text: plain.text(), scenarios }, host);
    await again.settled();
    expect(unlike(again, plain), `${name}, opened again, ${plain.text()}`).toEqual([]);
    again.dispose();
  }
  for (const sheet of [plain, ...sheets]) sheet.dispose();
}

describe("heavy formulas and calls", () => {
  it("[WK1] [ME30] [MO8] have the bits of computing in place: on threads, from each tier, from all, and measured", async () => {
    const disk = { path: join(folder, "reckon-a.sqlite"), bytesMax: 1e9 };
    const ways = [
      wayOf("threads", module, { threads: 2 }),
      wayOf("threads, everything long", module, { threads: 2, isSlow: true }),
      wayOf("memory", module, { tiers: { memory: { bytesMax: 1e7 } } }),
      wayOf("disk", module, { tiers: { disk } }),
      wayOf("all", module, {
        threads: 2,
        isSlow: true,
        tiers: {
          memory: { bytesMax: 20_000 },
          disk: { ...disk, path: join(folder, "reckon-b.sqlite") },
          verifyShare: 0.3,
        },
      }),
    ];
    await fc.assert(
      fc.asyncProperty(drawn, (all) => agree(all, ways)),
      cases(20),
    );
    for (const { executor, store } of ways) {
      if (executor !== undefined) expect(executor.counts().done).toBeGreaterThan(100);
      const stats = store?.stats();
      for (const tier of [stats?.memory, stats?.disk]) {
        if (tier === undefined) continue;
        expect(tier.hits).toBeGreaterThan(20);
        expect(tier.corrupt).toBe(0);
      }
      expect(stats?.verified.mismatches ?? 0).toBe(0);
    }
    expect(ways.at(-1)?.store?.stats().verified.agreed).toBeGreaterThan(10);
    for (const { close } of ways) await close();
  });
});

describe.each([
  ["redis", startRedis],
  ["postgres", startPostgres],
] as const)("heavy formulas and calls with %s", (kind, start) => {
  it("has its server on a build server", () => {
    if (process.env.CI === "true") expect(missingFor(kind)).toBeUndefined();
  });

  // Skipped where the server is not installed; .ci/run installs it.
  describe.skipIf(missingFor(kind) !== undefined)("with a server", () => {
    let server: TestServer;
    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server.end());

    it("[ME26] [ME30] have the bits of computing in place, also while the server is stopped and started", async () => {
      const shared = { url: server.url, secret: "word", connectTimeoutMs: 2000, commandTimeoutMs: 2000 };
      const ways = [
        wayOf("server", module, { tiers: { shared } }),
        wayOf("threads and server", module, { threads: 1, tiers: { shared, memory: { bytesMax: 5000 } } }),
      ];
      await fc.assert(
        fc.asyncProperty(drawn, (all) => agree(all, ways)),
        cases(5),
      );
      expect(ways[0]?.store?.stats().shared?.hits).toBeGreaterThan(5);
      const text = ["model m", 'use "fn.js" as fn', "axis item = 1..30", "block b by item", "  input x = 1"];
      const lines = ["  y = fn.mix(x * MEMBER_INDEX(item), 2)  heavy", "  z = y + fn.later(y, 1) / 3  heavy"];
      const model = { text: `${[...text, ...lines].join("\n")}\n`, scenarios: [] };
      const plain = openWith(model, { ...emptyHost, module: () => module.atOnce });
      const sheets: Sheet[] = ways.map(({ host }) => openWith(model, host));
      for (const step of ["on", "stopped in mid-run", "off", "started in mid-run", "on again"]) {
        const x = exactly(step.length / 3);
        for (const sheet of [plain, ...sheets]) sheet.set("b.x", Number(x));
        await turns(1);
        if (step === "stopped in mid-run") await server.stop();
        if (step === "started in mid-run") await server.start();
        await Promise.all(sheets.map((sheet) => sheet.settled()));
        for (const sheet of sheets) expect(unlike(sheet, plain), step).toEqual([]);
      }
      for (const sheet of [plain, ...sheets]) sheet.dispose();
      for (const { close } of ways) await close();
    });
  });
});
