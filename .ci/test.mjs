// Runs the whole test suite and ends with the line `N passed, N failed`.
//
// In CI (the variable CI is set) a skipped test is a failure: CI installs what the tests need.
// Arguments go to Vitest: `npm test -- packages/engine`.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "reckon-test-"));
const report = join(folder, "report.json");
const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
const run = spawnSync(
  process.execPath,
  [
    vitest,
    "run",
    "--config",
    "test/vitest.config.ts",
    "--root",
    ".",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: ["ignore", "inherit", "inherit"] },
);
const { passed, failed, skipped } = readCounts();
rmSync(folder, { recursive: true, force: true });
const skipFails = Boolean(process.env.CI) && skipped > 0;
if (skipFails) process.stdout.write(`${skipped} tests were skipped; in CI that is a failure\n`);
const failures = failed + (skipFails ? skipped : 0);
// A run can fail outside any test (an unhandled rejection, a file that does not load).
const unexplained = run.status !== 0 && failures === 0 ? 1 : 0;
process.stdout.write(
  `${passed} passed, ${failures + unexplained} failed${skipped && !skipFails ? `, ${skipped} skipped` : ""}\n`,
);
process.exit(failures + unexplained > 0 || passed === 0 ? 1 : 0);

function readCounts() {
  try {
    const json = JSON.parse(readFileSync(report, "utf8"));
    return {
      passed: json.numPassedTests,
      failed: json.numFailedTests,
      skipped: json.numPendingTests + json.numTodoTests,
    };
  } catch (cause) {
    process.stdout.write(`the test runner left no report: ${cause.message}\n`);
    return { passed: 0, failed: 0, skipped: 0 };
  }
}
