/** Models whose module writes down each of its calls, so that tests can tell what was computed, and how often. */
import { existsSync, readFileSync } from "node:fs";
import { Place } from "./command-line.ts";

/** `work(id, size)`: twice the size, after `ms` of work. Fails for ids that stand in `broken.txt`. */
function callsModule(ms: number): string {
  return `import { appendFileSync, existsSync, readFileSync } from "node:fs";
const beside = (name) => new URL(name, import.meta.url);
export function work(id, size) {
  appendFileSync(beside("./calls.log"), id + "\\n");
  const broken = existsSync(beside("./broken.txt")) ? readFileSync(beside("./broken.txt"), "utf8").split("\\n") : [];
  const end = performance.now() + ${ms};
  while (performance.now() < end);
  if (broken.includes(id)) throw new Error(id + " is broken");
  return size * 2;
}
`;
}

const storesModel = `model stores  "Stores"
use "./calls.js" as calls
axis store = table("stores.csv", key id)

block sales by store
  input size = store.size  range 0..1000
  name   = store.id
  double = calls.work(store.id, size)
  share  = double / 3
`;

export interface StoresOptions {
  readonly stores?: number;
  /** Of a call. */
  readonly ms?: number;
}

/** A folder with the model and its rows: `s1` … with sizes 1, 2 …. */
export function storesPlace({ stores = 12, ms = 0 }: StoresOptions = {}): Place {
  return new Place({
    "stores.reckon": storesModel,
    "stores.csv": storesCsv(stores),
    "calls.js": callsModule(ms),
  });
}

export function storesCsv(stores: number, sizeOf: (i: number) => number | string = (i) => i): string {
  return `id,size\n${Array.from({ length: stores }, (_, i) => `s${i + 1},${sizeOf(i + 1)}\n`).join("")}`;
}

/** The ids that the module was called for so far. */
export function calls(place: Place): readonly string[] {
  const path = place.path("calls.log");
  return existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n") : [];
}

/** A batch over the stores, without a cache: every call that is needed is made. */
export const overStores: readonly string[] = [
  "batch",
  "stores.reckon",
  "--over",
  "store",
  "--allow-modules",
  "--cache",
  "off",
];

/** The lines of a JSON output as objects; the last one is the summary. */
export function jsonLines(text: string): readonly Record<string, unknown>[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

export function summaryOf(stdout: string): Record<string, unknown> {
  return jsonLines(stdout).at(-1) as Record<string, unknown>;
}
