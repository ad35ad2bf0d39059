import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

// Tests import the sources of every package (the condition below), so they run with nothing built.
// The projects are declared inline: projects found by a glob do not inherit the condition.
// Behind it stand the conditions that Vite takes for a server by default.
const conditions = ["@reckon/source", "module", "node", "development|production"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // By default one core is left alone, which of two is half: most tests wait for processes and threads meanwhile.
    maxWorkers: "100%",
    // A machine that does other things as well is no failure, and more cases (RECKON_CASES) take longer.
    testTimeout: Math.max(60_000, 60 * Number(process.env["RECKON_CASES"] ?? 0)),
    hookTimeout: 60_000,
    // Processes and threads that tests start from the sources keep them compiled: 0.25 s each instead of 0.7.
    env: { NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache") },
    projects: [
      { extends: true, test: { name: "packages", include: ["packages/*/src/**/*.test.ts"] } },
      {
        extends: true,
        test: { name: "apps", include: ["apps/*/src/**/*.test.ts", "apps/*/src/**/*.test.tsx"] },
      },
      {
        extends: true,
        test: {
          name: "whole",
          include: ["test/**/*.test.ts", "test/**/*.test.tsx"],
        },
      },
    ],
  },
});
