import type { MemoStore } from "@reckon/engine";
import type { Column } from "@reckon/value";
import { describe } from "vitest";
import { memoStoreContract } from "./memo-store-contract.ts";

/** The reference: a map. */
function mapStore(): MemoStore {
  const kept = new Map<string, Column>();
  return {
    get: (key) => kept.get(key),
    put: (key, column) => {
      kept.set(key, column);
    },
  };
}

describe("[EX9] memo stores", () => {
  memoStoreContract("a map", mapStore);
});
