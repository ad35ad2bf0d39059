// Everything that must hold before a change lands, in one command: format, lint, types, boundaries, dead code,
// tests and the examples of the documents (the last two are one run: the examples are tests).
// All steps run even when one fails, so that one round shows everything. `--without-tests` leaves the last one out.
import { spawnSync } from "node:child_process";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const steps = [
  ["format and lint", "biome", ["check", "."]],
  ["types", "tsc", ["-b", "test/tsconfig.json"]],
  ["boundaries", "turbo", ["boundaries"]],
  ["dead code", "knip", ["--treat-config-hints-as-errors"]],
  ["tests and examples", "node", [".ci/test.mjs"]],
];
const failed = [];
const chosen = process.argv.includes("--without-tests") ? steps.slice(0, -1) : steps;
for (const [name, command, args] of chosen) {
  process.stdout.write(`\n— ${name}\n`);
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: "inherit",
    env: {
      ...process.env,
      TURBO_TELEMETRY_DISABLED: "1",
      PATH: `${join(root, "node_modules", ".bin")}${delimiter}${process.env.PATH}`,
    },
  });
  if (result.status !== 0) failed.push(name);
}
process.stdout.write(failed.length === 0 ? "\nall checks passed\n" : `\nfailed: ${failed.join(", ")}\n`);
process.exit(failed.length === 0 ? 0 : 1);
