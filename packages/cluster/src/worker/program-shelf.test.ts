import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BatchError, createSimulatedClock } from "@reckon/batch";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bundle, bundleMs, bundleName, makeBundle } from "../bundle/bundle.ts";
import { sweepBundles } from "../bundle/unpack-bundle.ts";
import { programWith } from "../fixtures/program.ts";
import type { ServerStore } from "../server/server-store.ts";
import { ProgramShelf, type ShelfParts } from "./program-shelf.ts";

const root = mkdtempSync(join(tmpdir(), "reckon-shelf-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Programs that differ in their keys only. */
const bundles: Bundle[] = [];
beforeAll(async () => {
  for (let i = 0; i < 7; i++)
    bundles.push(await makeBundle({ ...programWith(), key: `${i}`.repeat(64) }, undefined));
});
const addressOf = (i: number): string => (bundles[i] as Bundle).address;

interface Shelved {
  readonly shelf: ProgramShelf;
  readonly clock: ReturnType<typeof createSimulatedClock>;
  /** What the server has. */
  readonly held: Map<string, Uint8Array>;
  readonly touched: (readonly [name: string, liveMs: number])[];
  readonly told: string[];
  readonly fetched: () => number;
  readonly folder: string;
}

function shelved(given: Partial<ShelfParts> & { readonly get?: ServerStore["get"] } = {}): Shelved {
  const clock = createSimulatedClock();
  const held = new Map(bundles.map(({ address, bytes }) => [bundleName(address), bytes]));
  const touched: (readonly [string, number])[] = [];
  const told: string[] = [];
  let fetched = 0;
  const folder = mkdtempSync(join(root, "shelf-"));
  const { get = async (name) => held.get(name), ...parts } = given;
  const store = {
    get: async (name: string) => {
      fetched += 1;
      return await get(name);
    },
    touch: async (name: string, liveMs: number) => touched.push([name, liveMs]) > 0,
  } as ServerStore;
  const shelf = new ProgramShelf({
    store,
    trust: { verifiers: [], allowUnsigned: true },
    folder,
    clock,
    onBundle: (_, taken) => told.push("refusal" in taken ? taken.refusal.code : taken.model),
    ...parts,
  });
  return { shelf, clock, held, touched, told, fetched: () => fetched, folder };
}

/** Where a program lies while it is used. */
async function placeOf(shelf: ProgramShelf, i: number): Promise<string> {
  return await shelf.with(addressOf(i), async (program) => ("place" in program ? program.place.folder : ""));
}

describe("programs of a worker", () => {
  it("[QU26] are fetched once, and again where their folder is gone; they live on with their use", async () => {
    const { shelf, touched, told, fetched } = shelved();
    const first = await placeOf(shelf, 0);
    expect(existsSync(join(first, "program.json"))).toBe(true);
    expect(await placeOf(shelf, 0)).toBe(first);
    expect(fetched()).toBe(1);
    expect(touched).toEqual([[bundleName(addressOf(0)), bundleMs]]);
    expect(told).toEqual([programWith().model.source]);
    rmSync(first, { recursive: true });
    const second = await placeOf(shelf, 0);
    expect(existsSync(join(second, "program.json"))).toBe(true);
    expect(fetched()).toBe(2);
    await shelf.close();
    expect(existsSync(second)).toBe(false);
  });

  it("[QU26] that are used are swept by nobody, however old they are; those that were left are", async () => {
    const { shelf, folder } = shelved();
    const place = await placeOf(shelf, 0);
    const old = new Date(Date.now() - 2 * bundleMs);
    utimesSync(place, old, old);
    await placeOf(shelf, 0);
    await sweepBundles(folder, Date.now());
    expect(existsSync(place)).toBe(true);
    utimesSync(place, old, old);
    await sweepBundles(folder, Date.now());
    expect(readdirSync(folder)).toEqual([]);
    await shelf.close();
  });

  it("that could not be fetched are asked for again", async () => {
    let isAway = true;
    const { shelf, held } = shelved({
      get: async (name) => {
        if (isAway) throw new BatchError("queue", "away");
        return held.get(name);
      },
    });
    await expect(placeOf(shelf, 0)).rejects.toThrow("away");
    isAway = false;
    expect(await placeOf(shelf, 0)).not.toBe("");
    await shelf.close();
  });

  it("are awaited for five seconds, as their conductor puts them back", async () => {
    const { shelf, clock, held } = shelved();
    const name = bundleName(addressOf(0));
    const bytes = held.get(name) as Uint8Array;
    held.delete(name);
    clock.after(3_000, () => held.set(name, bytes));
    const placed = placeOf(shelf, 0);
    await clock.advance(4_000);
    expect(await placed).not.toBe("");
    held.delete(bundleName(addressOf(1)));
    await expect(clock.runUntil(placeOf(shelf, 1))).rejects.toMatchObject({
      name: "LostBundle",
      address: addressOf(1),
      message: "the bundle is not on the queue's server",
    });
    expect(clock.now()).toBeGreaterThan(9_000);
    expect(clock.now()).toBeLessThan(10_000);
    await shelf.close();
  });

  it("[QU28] that are damaged are told at once, then whole ones awaited; those at hand are not looked at", async () => {
    const { shelf, clock, held, told } = shelved();
    const name = bundleName(addressOf(0));
    const whole = held.get(name) as Uint8Array;
    const message = "the bundle is damaged on the queue's server";
    held.set(name, whole.slice(0, -1));
    await expect(placeOf(shelf, 0)).rejects.toMatchObject({ name: "LostBundle", message });
    expect(clock.now()).toBe(0);
    await expect(clock.runUntil(placeOf(shelf, 0))).rejects.toThrow(message);
    expect(clock.now()).toBeGreaterThan(5_000);
    clock.after(3_000, () => held.set(name, whole));
    const placed = placeOf(shelf, 0);
    await clock.advance(4_000);
    expect(await placed).not.toBe("");
    expect(told).toEqual([programWith().model.source]);
    held.set(name, Buffer.from("no bundle"));
    expect(await placeOf(shelf, 0)).not.toBe("");
    await shelf.close();
  });

  it("are four at most, but stay as long as something is computed with them", async () => {
    const { shelf, folder } = shelved();
    let end: () => void = () => undefined;
    const computing = new Promise<void>((resolve) => {
      end = resolve;
    });
    let first = "";
    const long = shelf.with(addressOf(0), async (program) => {
      first = "place" in program ? program.place.folder : "";
      await computing;
    });
    for (const i of [1, 2, 3, 4, 5]) await placeOf(shelf, i);
    expect(existsSync(first)).toBe(true);
    expect(readdirSync(folder)).toHaveLength(4);
    end();
    await long;
    await placeOf(shelf, 6);
    expect(existsSync(first)).toBe(false);
    expect(readdirSync(folder)).toHaveLength(4);
    await shelf.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("[QU2] that are refused are told as such, and unpacked nowhere", async () => {
    const { shelf, told, folder } = shelved({ trust: { verifiers: [], allowUnsigned: false } });
    const answer = await shelf.with(addressOf(0), async (program) => program);
    expect(answer).toMatchObject({ refusal: { code: "unsigned" } });
    expect(told).toEqual(["unsigned"]);
    expect(readdirSync(folder)).toEqual([]);
    await shelf.close();
  });
});
