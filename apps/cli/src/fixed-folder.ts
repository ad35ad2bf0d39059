/**
 * Keeps this process in the folder in which the command was typed. Relative paths (`--out`, `--ledger`, `--rows`, `--cache`, the model's)
 * are read again and again while a batch runs, and a module that could change the folder would move them all. On threads Node
 * refuses `process.chdir`; here it is refused in the same words, so that entities come out the same whoever computes them.
 */
import { syncBuiltinESMExports } from "node:module";

/** From here on, for good. */
export function fixFolder(): void {
  process.chdir = () => {
    throw new Error("process.chdir() is not supported in workers");
  };
  // `import { chdir } from "node:process"` has it as well.
  syncBuiltinESMExports();
}
