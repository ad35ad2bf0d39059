/**
 * The programs that a worker has at hand: each bundle is fetched, checked and unpacked once. Of several programs the one that was
 * used last the longest ago goes first, when nothing computes with it.
 *
 * A bundle that was refused is refused again without being fetched. One that is not on the server, or is damaged there, is asked
 * for again: its conductor puts it there anew when it hears that. That it is damaged is told at once the first time; then a whole
 * one is waited for.
 */
import type { BatchClock, ProgramPlace } from "@reckon/batch";
import { bundleMs, bundleName } from "../bundle/bundle.ts";
import {
  type BundleTrust,
  type CheckedBundle,
  checkBundle,
  type RefusedCheck,
} from "../bundle/check-bundle.ts";
import type { BundleRefusal } from "../bundle/manifest.ts";
import { dropFolder, keepFolder, unpackBundle } from "../bundle/unpack-bundle.ts";
import type { ServerStore } from "../server/server-store.ts";

const programsMax = 4;
/** A conductor puts its bundles back after the server has lost them. */
const awaitedMs = 5_000;
const askEveryMs = 250;

export interface ShelfParts {
  readonly store: ServerStore;
  readonly trust: BundleTrust;
  readonly folder: string;
  readonly clock: BatchClock;
  readonly onBundle: (
    address: string,
    taken: { readonly model: string } | { readonly refusal: BundleRefusal },
  ) => void;
}

export type ShelvedProgram = { readonly place: ProgramPlace } | { readonly refusal: BundleRefusal };

/** The bundle is not on the server, or is damaged there. */
export class LostBundle extends Error {
  readonly address: string;

  constructor(address: string, message: string) {
    super(message);
    this.name = "LostBundle";
    this.address = address;
  }
}

interface Entry {
  readonly program: Promise<ShelvedProgram>;
  active: number;
}

export class ProgramShelf {
  private readonly parts: ShelfParts;
  /** By address, the one used last at the end. */
  private readonly entries = new Map<string, Entry>();
  /** By address: found damaged, and not whole since. */
  private readonly damaged = new Set<string>();

  constructor(parts: ShelfParts) {
    this.parts = parts;
  }

  /** Has `use` compute with the program. Rejects with `LostBundle` when the bundle is not on the server, or not whole. */
  async with<T>(address: string, use: (program: ShelvedProgram) => Promise<T>): Promise<T> {
    const entry = await this.taken(address);
    try {
      return await use(await entry.program);
    } finally {
      entry.active -= 1;
      await this.makeRoom();
    }
  }

  async close(): Promise<void> {
    const entries = [...this.entries.values()];
    this.entries.clear();
    await Promise.all(entries.map(end));
  }

  /** A folder that somebody has removed is made again. */
  private async taken(address: string): Promise<Entry> {
    const entry = this.take(address);
    const found = await entry.program.catch(() => undefined);
    if (found === undefined || !("place" in found) || (await keepFolder(found.place.folder))) return entry;
    entry.active -= 1;
    if (this.entries.get(address) === entry) this.entries.delete(address);
    return this.take(address);
  }

  private take(address: string): Entry {
    let entry = this.entries.get(address);
    if (entry === undefined) {
      const program = this.fetch(address);
      // What could not be fetched is asked for again.
      program.catch(() => this.entries.delete(address));
      entry = { program, active: 0 };
    }
    this.entries.delete(address);
    this.entries.set(address, entry);
    entry.active += 1;
    return entry;
  }

  private async makeRoom(): Promise<void> {
    for (const [address, entry] of this.entries) {
      if (this.entries.size <= programsMax) return;
      if (entry.active > 0) continue;
      this.entries.delete(address);
      await end(entry);
    }
  }

  private async fetch(address: string): Promise<ShelvedProgram> {
    const { store, folder, onBundle } = this.parts;
    const checked = await this.awaited(address);
    if ("refusal" in checked) {
      onBundle(address, checked);
      return checked;
    }
    await store.touch(bundleName(address), bundleMs);
    const place = await unpackBundle(checked, folder);
    onBundle(address, { model: checked.manifest.model });
    return { place };
  }

  private async awaited(address: string): Promise<CheckedBundle | RefusedCheck> {
    const { store, clock, trust } = this.parts;
    for (const began = clock.now(); ; ) {
      const bytes = await store.get(bundleName(address));
      const checked = bytes === undefined ? undefined : checkBundle(bytes, address, trust);
      const isDamaged = checked !== undefined && "isDamaged" in checked && checked.isDamaged;
      if (checked !== undefined && !isDamaged) {
        this.damaged.delete(address);
        return checked;
      }
      const isFirst = isDamaged && !this.damaged.has(address);
      if (isDamaged) this.damaged.add(address);
      if (isFirst || clock.now() - began > awaitedMs)
        throw new LostBundle(address, `the bundle is ${isDamaged ? "damaged" : "not"} on the queue's server`);
      await new Promise<void>((resolve) => clock.after(askEveryMs, resolve));
    }
  }
}

async function end({ program }: Entry): Promise<void> {
  const found = await program.catch(() => undefined);
  if (found !== undefined && "place" in found) await dropFolder(found.place.folder);
}
