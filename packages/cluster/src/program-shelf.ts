/**
 * The programs that a worker has at hand: each bundle is fetched, checked and unpacked once. Of several programs the one that was
 * used last the longest ago goes first, when nothing computes with it.
 *
 * A bundle that was refused is refused again without being fetched; one that is not there is asked for again.
 */
import { type BatchClock, BatchError, type ProgramPlace } from "@reckon/batch";
import { bundleMs, bundleName } from "./bundle.ts";
import { type BundleTrust, checkBundle } from "./check-bundle.ts";
import type { BundleRefusal } from "./manifest.ts";
import type { ServerStore } from "./server-store.ts";
import { dropFolder, keepFolder, unpackBundle } from "./unpack-bundle.ts";

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

interface Entry {
  readonly program: Promise<ShelvedProgram>;
  active: number;
}

export class ProgramShelf {
  private readonly parts: ShelfParts;
  /** By address, the one used last at the end. */
  private readonly entries = new Map<string, Entry>();

  constructor(parts: ShelfParts) {
    this.parts = parts;
  }

  /** Has `use` compute with the program. Rejects when the bundle is not on the server. */
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
    const { store, trust, folder, onBundle } = this.parts;
    const bytes = await this.awaited(bundleName(address));
    const checked = checkBundle(bytes, address, trust);
    if ("refusal" in checked) {
      onBundle(address, checked);
      return checked;
    }
    await store.touch(bundleName(address), bundleMs);
    const place = await unpackBundle(checked, folder);
    onBundle(address, { model: checked.manifest.model });
    return { place };
  }

  private async awaited(name: string): Promise<Uint8Array> {
    const { store, clock } = this.parts;
    for (const began = clock.now(); ; ) {
      const bytes = await store.get(name);
      if (bytes !== undefined) return bytes;
      if (clock.now() - began > awaitedMs)
        throw new BatchError("queue", "the bundle is not on the queue's server");
      await new Promise<void>((resolve) => clock.after(askEveryMs, resolve));
    }
  }
}

async function end({ program }: Entry): Promise<void> {
  const found = await program.catch(() => undefined);
  if (found !== undefined && "place" in found) await dropFolder(found.place.folder);
}
