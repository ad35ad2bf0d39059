import type { BenchEngine } from "../engine.ts";

/** How to load each adapter; nothing is loaded that is not asked for, so that a process holds one engine. */
const adapters: Readonly<Record<string, () => Promise<BenchEngine>>> = {
  reckon: async () => (await import("./reckon.ts")).reckon,
  "reckon-computed": async () => (await import("./reckon-computed.ts")).reckonComputed,
  "reckon-family": async () => (await import("./reckon-family.ts")).reckonFamily,
  "reckon-language": async () => (await import("./reckon-language.ts")).reckonLanguage,
  floor: async () => (await import("./floor.ts")).floor,
  "floor-family": async () => (await import("./floor.ts")).floorFamily,
  "reckon-threads": async () => (await import("./threads.ts")).reckonThreads,
  "floor-threads": async () => (await import("./threads.ts")).floorThreads,
  piscina: async () => (await import("./threads.ts")).piscina,
  "worker-a-task": async () => (await import("./threads.ts")).workerATask,
  hyperformula: async () => (await import("./hyperformula.ts")).hyperformula,
  ironcalc: async () => (await import("./ironcalc.ts")).ironcalc,
  preact: async () => (await import("./preact.ts")).preact,
  alien: async () => (await import("./alien.ts")).alien,
  vue: async () => (await import("./vue.ts")).vue,
  "solid-signals": async () => (await import("./solid-signals.ts")).solidSignals,
  "solid-js": async () => (await import("./solid-js.ts")).solidJs,
  mobx: async () => (await import("./mobx.ts")).mobx,
  "s-js": async () => (await import("./s-js.ts")).sJs,
  reactively: async () => (await import("./reactively.ts")).reactively,
  "signal-polyfill": async () => (await import("./signal-polyfill.ts")).signalPolyfill,
};

export const engineNames: readonly string[] = Object.keys(adapters);

export async function loadEngine(name: string): Promise<BenchEngine> {
  const load = adapters[name];
  if (load === undefined) throw new RangeError(`no engine ${name}; there are ${engineNames.join(", ")}`);
  return await load();
}
