import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSimulatedClock } from "@reckon/batch";
import { afterEach, beforeEach, expect, it } from "vitest";
import { bundleName, makeBundle } from "./bundle.ts";
import { programWith } from "./fixtures/program.ts";
import { ProgramShelf } from "./program-shelf.ts";
import type { ServerStore } from "./server-store.ts";
import { sweepBundles } from "./unpack-bundle.ts";

const weekMs = 7 * 24 * 3_600_000;
let folder: string;
let shelf: ProgramShelf;
let address: string;
let fetched: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "reckon-shelf-"));
  const bundle = await makeBundle(programWith(), undefined);
  address = bundle.address;
  fetched = 0;
  const store = {
    get: async (name: string) => {
      fetched += 1;
      return name === bundleName(address) ? bundle.bytes : undefined;
    },
    touch: async () => true,
  } as unknown as ServerStore;
  shelf = new ProgramShelf({
    store,
    trust: { verifiers: [], allowUnsigned: true },
    folder: join(folder, "bundles"),
    clock: createSimulatedClock(),
    onBundle: () => undefined,
  });
});
afterEach(async () => {
  await shelf.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The folder that the program is in. */
const used = (): Promise<string> =>
  shelf.with(address, async (program) => {
    if (!("place" in program)) throw new Error(JSON.stringify(program));
    return program.place.folder;
  });

it("[QU26] fetches and unpacks a bundle once, and again where its folder is gone", async () => {
  const first = await used();
  expect(await used()).toBe(first);
  expect(fetched).toBe(1);
  rmSync(first, { recursive: true });
  const second = await used();
  expect(existsSync(join(second, "program.json"))).toBe(true);
  expect(fetched).toBe(2);
});

it("[QU26] a folder that is used is swept by nobody, however old it is; one that was left is", async () => {
  const place = await used();
  const old = new Date(Date.now() - 2 * weekMs);
  utimesSync(place, old, old);
  await used();
  await sweepBundles(join(folder, "bundles"), Date.now());
  expect(existsSync(place)).toBe(true);
  utimesSync(place, old, old);
  await sweepBundles(join(folder, "bundles"), Date.now());
  expect(readdirSync(join(folder, "bundles"))).toEqual([]);
});
