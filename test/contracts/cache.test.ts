/** The cache's tiers, each alone and together, against what every memo store must do. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoStore, type MemoStoreOptions } from "@reckon/cache";
import { afterAll, describe } from "vitest";
import { memoStoreContract, type StoreUnderTest } from "./memo-store-contract.ts";

const folder = mkdtempSync(join(tmpdir(), "reckon-cache-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
const disk = (): NonNullable<MemoStoreOptions["disk"]> => ({
  path: join(folder, `reckon-${++files}.sqlite`),
  bytesMax: 1e9,
});
const memory = { bytesMax: 1e9 };

function under(options: Omit<MemoStoreOptions, "settings">): StoreUnderTest {
  const store = createMemoStore({ ...options, settings: { seed: 1 } });
  return { store, close: store.close };
}

/** Every look-up goes to the file, since everything is written before it. */
function written(): StoreUnderTest {
  const { store, close } = under({ disk: disk() });
  const { flush } = store as ReturnType<typeof createMemoStore>;
  return {
    store: {
      ...store,
      get: async (key) => {
        await flush();
        return store.get(key);
      },
    },
    close: close as () => Promise<void>,
  };
}

describe("[EX9] [ME1] the cache", () => {
  memoStoreContract("in memory", () => under({ memory }));
  memoStoreContract("on disk", () => under({ disk: disk() }));
  memoStoreContract("on disk, written", written);
  memoStoreContract("in memory and on disk", () => under({ memory, disk: disk() }));
});
