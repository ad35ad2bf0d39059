/**
 * Settings as one text: equal settings give equal texts, whatever the order of their names.
 *
 * The text is made by `fast-json-stable-stringify`, which merges what JSON cannot say: NaN and the infinities become
 * `null`, −0 becomes 0, `undefined` vanishes, a `Map` or a `Set` becomes `{}`, a `Date` its text. All of these are
 * refused first, so that settings with different meanings never share results. Values never come here: they have
 * canonical bytes.
 */
import stringify from "fast-json-stable-stringify";
import type { PlainSettings } from "./api.ts";
import { CacheMisuse } from "./cache-misuse.ts";

const nestingMax = 50;

/** Throws `CacheMisuse` for settings that are not plain. */
export function settingsText(settings: PlainSettings): string {
  refuseMerged(settings, "settings", 0);
  return stringify(settings);
}

function refuseMerged(value: unknown, place: string, depth: number): void {
  if (depth > nestingMax) throw new CacheMisuse("not-plain", `${place} is nested deeper than ${nestingMax}`);
  if (value === null || typeof value === "string" || typeof value === "boolean") return;
  if (typeof value === "number") {
    if (!Number.isFinite(value) || Object.is(value, -0)) {
      throw new CacheMisuse(
        "not-plain",
        `${place} is ${Object.is(value, -0) ? "−0" : value}, which JSON cannot say`,
      );
    }
    return;
  }
  if (typeof value !== "object") throw new CacheMisuse("not-plain", `${place} is ${typeof value}`);
  if (typeof (value as { toJSON?: unknown }).toJSON === "function") {
    throw new CacheMisuse("not-plain", `${place} writes itself (toJSON)`);
  }
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) refuseMerged(value[i], `${place}[${i}]`, depth + 1);
    return;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new CacheMisuse("not-plain", `${place} is no plain record`);
  }
  if (Object.getOwnPropertySymbols(value).length > 0) {
    throw new CacheMisuse("not-plain", `${place} has names that are symbols`);
  }
  for (const [name, item] of Object.entries(value)) refuseMerged(item, `${place}.${name}`, depth + 1);
}
