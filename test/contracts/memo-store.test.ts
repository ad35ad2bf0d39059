import { type MemoKey, type MemoStore, memoBytes } from "@reckon/engine";
import { type Column, markFirstError } from "@reckon/value";
import { describe } from "vitest";
import { memoStoreContract } from "./memo-store-contract.ts";

const textOf = (key: MemoKey): string => Buffer.from(memoBytes(key)).toString("latin1");

/** The reference: a map. */
function mapStore(): MemoStore {
  const kept = new Map<string, Column>();
  return {
    get: (key) => kept.get(textOf(key)),
    put: (key, column) => {
      if (!column.marks?.some((mark) => mark >= markFirstError)) kept.set(textOf(key), column);
    },
  };
}

describe("[EX9] memo stores", () => {
  memoStoreContract("a map", () => ({ store: mapStore() }));
});
