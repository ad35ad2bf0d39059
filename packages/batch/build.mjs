// Bundles what threads import to compute chunks: hundreds of files become one, and a thread has it in a third of the time.
// Workspace packages come in from their `dist`, so turbo builds them first.
import { readFile, rm } from "node:fs/promises";
import { build } from "esbuild";

const out = new URL("dist/thread/", import.meta.url);
await rm(out, { recursive: true, force: true });

// Threads run programs that stand beside these files, which in the bundle they do not: their own place is named instead.
const besidePrograms = {
  name: "programs of threads",
  setup({ onLoad }) {
    for (const [name, path] of [
      ["@reckon/host", "module-calls.js"],
      ["@reckon/workers", "worker-executor.js"],
      ["@reckon/workers", "measure/measure-costs.js"],
    ])
      onLoad(
        {
          filter: new RegExp(`[\\\\/]${name.slice(8)}[\\\\/]dist[\\\\/]${path.replaceAll("/", "[\\\\/]")}$`),
        },
        async (file) => {
          const text = await readFile(file.path, "utf8");
          const own = `new URL(${JSON.stringify(`./${path}`)}, import.meta.resolve(${JSON.stringify(name)})).href`;
          return { contents: text.replaceAll("import.meta.url", own), loader: "js" };
        },
      );
  },
};

await build({
  plugins: [besidePrograms],
  entryPoints: [new URL("dist/evaluation/chunk-thread.js", import.meta.url).pathname],
  outdir: out.pathname,
  bundle: true,
  // Clients of servers stay in files of their own: they are imported when a cache is opened there.
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node24",
  sourcemap: false,
  // Less to read and compile; names stay, for what a crash prints.
  minifySyntax: true,
  minifyWhitespace: true,
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
  logLevel: "warning",
});
