/** `reckon cache`: what is kept of heavy formulas, why something was not found, whether it is sound, and forgetting it. */
import { createInterface } from "node:readline/promises";
import { nearestName } from "@reckon/formula";
import { createRuntime, type Runtime } from "@reckon/host";
import type { CacheRequest } from "./cache-request.ts";
import { type ExitCode, exitFailure, exitGood, exitModel } from "./exit-code.ts";
import type { Output } from "./output.ts";
import { timeText } from "./run-stats.ts";
import { layTable } from "./text-table.ts";

type Store = NonNullable<Awaited<ReturnType<Runtime["cache"]>>>;
type Survey = Awaited<ReturnType<Store["survey"]>>;
type Tier = NonNullable<Survey["disk"]>;
type Request<A extends CacheRequest["action"]> = Extract<CacheRequest, { readonly action: A }>;

/** Opens the cache, without threads and without a model, and does what is asked for. */
export async function cacheCommand(request: CacheRequest, output: Output): Promise<ExitCode> {
  const cacheSecret = process.env.RECKON_CACHE_SECRET;
  const runtime = createRuntime({
    threads: 0,
    ...(request.cache === undefined ? {} : { cache: request.cache }),
    ...(cacheSecret === undefined || cacheSecret === "" ? {} : { cacheSecret }),
    onNotice: (notice) => output.message(`reckon: ${notice}`),
  });
  try {
    const store = await runtime.cache();
    if (store === undefined) return exitFailure;
    switch (request.action) {
      case "stats":
        return await printStats(store, runtime, request, output);
      case "why-miss":
        return printMiss(store, request, output);
      case "verify":
        return await verify(store, request, output);
      case "clear":
        return await clear(store, runtime, request, output);
    }
  } finally {
    await runtime.close();
  }
}

async function printStats(
  store: Store,
  { places }: Runtime,
  { isJson }: Request<"stats">,
  output: Output,
): Promise<ExitCode> {
  const survey = await store.survey();
  if (isJson) {
    const { disk, shared, lifetime } = survey;
    print(
      {
        disk: jsonTier(disk, places.disk),
        shared: jsonTier(shared, places.shared),
        lifetime: lifetime ?? null,
      },
      output,
    );
    return exitGood;
  }
  const tiers = [
    { name: "disk", tier: survey.disk, place: places.disk },
    { name: "shared", tier: survey.shared, place: places.shared },
  ].filter(({ tier }) => tier !== undefined);
  const lines = tiers.map(({ name, tier }) => ({
    label: name,
    cells: [counted(tier?.entries), sized(tier?.bytes)],
  }));
  // Behind the figures, where nothing cuts a path short.
  const ends = ["", ...tiers.map(({ tier, place = "" }) => `  ${stateText(tier as Tier)}, ${place}`)];
  const table = layTable(["entries", "size"], lines, Number.POSITIVE_INFINITY);
  for (const [i, line] of table.entries()) output.data(`${line}${ends[i] ?? ""}\n`);
  const { lifetime } = survey;
  if (lifetime !== undefined) {
    const { hits, misses, puts, evictions, corrupt, savedMs } = lifetime;
    output.data("\nall runs with this file\n");
    const rows = [
      ["reused", counted(hits)],
      ["missed", counted(misses)],
      ["kept", counted(puts)],
      ["evicted", counted(evictions)],
      ["damaged", counted(corrupt)],
      ["time saved", timeText(savedMs)],
    ] as const;
    const width = Math.max(...rows.map(([, text]) => text.length));
    for (const [name, text] of rows) output.data(`  ${name.padEnd(10)}  ${text.padStart(width)}\n`);
  }
  return exitGood;
}

/** What `--json` says of a tier; `null` where there is none. */
function jsonTier(tier: Tier | undefined, place: string | undefined): object | null {
  if (tier === undefined) return null;
  const { entries, bytes, state } = tier;
  return { place: place ?? null, entries: entries ?? null, bytes: bytes ?? null, state };
}

function stateText({ state }: Tier): string {
  return state === "on" ? "on" : state === "waiting" ? "tried again later" : "off";
}

function printMiss(store: Store, { attribute, isJson }: Request<"why-miss">, output: Output): ExitCode {
  const recent = store.misses(recentMisses);
  // Calls of module functions are looked up by themselves: `plant.strain (f.strain)`.
  const calls = recent.filter(({ name }) => name.startsWith(`${attribute} (`));
  const misses = [store.whyMiss(attribute), ...calls].filter((miss) => miss !== undefined);
  if (isJson) {
    print(
      { attribute, misses: misses.map((miss) => ({ ...miss, at: new Date(miss.at).toISOString() })) },
      output,
    );
    return exitGood;
  }
  for (const { at, text } of misses)
    output.data(`${new Date(at).toISOString().slice(0, 19).replace("T", " ")}  ${text}\n`);
  if (misses.length > 0) return exitGood;
  const names = [...new Set(recent.map(({ name }) => name.replace(/ \(.*$/, "")))];
  const near = nearestName(attribute, names);
  const hint = near === undefined ? listed(names) : `; did you mean \`${near}\`?`;
  output.message(`reckon: no look-up of \`${attribute}\` has missed${hint}`);
  return exitGood;
}

const recentMisses = 200;
const namesShown = 5;

function listed(names: readonly string[]): string {
  if (names.length === 0) return "; nothing has missed yet";
  return `; the last that did: ${names.slice(0, namesShown).join(", ")}`;
}

async function verify(store: Store, { share, isJson }: Request<"verify">, output: Output): Promise<ExitCode> {
  const { disk, shared } = await store.survey();
  const entries = (disk?.entries ?? 0) + (shared?.entries ?? 0);
  const { checked, damaged } = await store.verify(Math.ceil(entries * share));
  if (isJson) print({ entries, checked, damaged }, output);
  else {
    const found = damaged === 0 ? "all are sound" : `${counted(damaged)} were damaged, and are removed`;
    output.data(
      `read ${counted(checked)} of ${counted(entries)} entries: ${checked === 0 ? "nothing to check" : found}\n`,
    );
  }
  return damaged === 0 ? exitGood : exitModel;
}

async function clear(
  store: Store,
  { places }: Runtime,
  { tier, isSure, isJson }: Request<"clear">,
  output: Output,
): Promise<ExitCode> {
  if (tier === "shared" && places.shared === undefined) {
    output.message("reckon: there is no shared tier; name its server with --cache");
    return exitFailure;
  }
  const what = [tier === "shared" ? undefined : places.disk, tier === "disk" ? undefined : places.shared];
  const question = `Forget all that is kept in ${what.filter(Boolean).join(" and ")}? [y/N] `;
  if (!isSure && process.stdin.isTTY && process.stderr.isTTY && !(await isYes(question))) {
    output.message("reckon: nothing was cleared");
    return exitGood;
  }
  const removed = await store.clear(tier);
  if (isJson) print({ removed }, output);
  else output.data(`removed ${counted(removed)} ${removed === 1 ? "entry" : "entries"}\n`);
  return exitGood;
}

async function isYes(question: string): Promise<boolean> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await prompt.question(question, { signal: endOf(prompt) });
    return /^y(?:es)?$/i.test(answer.trim());
  } catch {
    // The end of input, or Ctrl-C: no answer is a no.
    return false;
  } finally {
    prompt.close();
  }
}

function endOf(prompt: ReturnType<typeof createInterface>): AbortSignal {
  const controller = new AbortController();
  for (const event of ["close", "SIGINT"] as const) prompt.once(event, () => controller.abort());
  return controller.signal;
}

function print(value: object, output: Output): void {
  output.data(`${JSON.stringify(value, null, 2)}\n`);
}

function counted(value: number | undefined): string {
  return value === undefined ? "?" : String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

const units = ["B", "kB", "MB", "GB", "TB"] as const;

function sized(bytes: number | undefined): string {
  if (bytes === undefined) return "?";
  let size = bytes;
  let at = 0;
  for (; size >= 999.5 && at < units.length - 1; at++) size /= 1000;
  return `${at === 0 || size >= 99.5 ? Math.round(size) : size.toPrecision(2)} ${units[at]}`;
}
