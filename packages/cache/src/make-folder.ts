/** Makes a folder with all that lead to it; `mkdirSync` with `recursive` never comes back where the system has none for us. */
import { existsSync, mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** For its owner alone. Throws what the file system throws. */
export function makeFolder(path: string): void {
  const missing: string[] = [];
  for (let at = resolve(path); !existsSync(at) && dirname(at) !== at; at = dirname(at)) missing.push(at);
  for (const folder of missing.toReversed()) {
    try {
      mkdirSync(folder, { mode: 0o700 });
    } catch (error) {
      // Another process may have made it meanwhile.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}
