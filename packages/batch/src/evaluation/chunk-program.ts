/** Where the program stands that threads run to compute chunks. */
import { existsSync } from "node:fs";

/** The build has it in one file with all that it imports: a thread has that in a third of the time. */
export function chunkProgram(): URL {
  if (import.meta.url.endsWith(".ts")) return new URL("./chunk-thread.ts", import.meta.url);
  const bundled = new URL("../thread/chunk-thread.js", import.meta.url);
  return existsSync(bundled) ? bundled : new URL("./chunk-thread.js", import.meta.url);
}
