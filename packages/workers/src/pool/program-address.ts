/** Addresses of programs and modules, checked before a thread hears of them. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What this package runs on its threads: `.ts` beside the sources, `.js` in the build. */
export const isFromSources: boolean = import.meta.url.endsWith(".ts");

/** The address of a program of this package, as it is written in the sources. */
export function ownProgram(source: URL): string {
  return isFromSources ? source.href : source.href.replace(/\.ts$/, ".js");
}

const good = new Set<string>();
const goodMax = 10_000;

/** What is wrong with the address of a module, if anything. A good one is checked once. */
export function addressProblem(address: string): string | undefined {
  if (good.has(address)) return undefined;
  if (!URL.canParse(address)) return `${address} is no absolute address; give a \`file:\` URL`;
  const url = new URL(address);
  if (url.protocol !== "file:") return `${address} is no file; give a \`file:\` URL`;
  if (!existsSync(fileURLToPath(url))) return `${address} does not exist`;
  if (good.size >= goodMax) good.clear();
  good.add(address);
  return undefined;
}
