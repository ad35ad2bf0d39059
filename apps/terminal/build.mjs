// Bundles the app: one entry, with the renderer in a chunk of its own that is loaded while the model is read. React is
// built for production, which nearly halves the time to the first frame. Workspace packages come in from their `dist`,
// so turbo builds them first. Types are written by `tsc` beside it.
import { readdir, rm } from "node:fs/promises";
import { build } from "esbuild";

const out = new URL("dist/", import.meta.url);
for (const name of await readdir(out).catch(() => []))
  if (name.endsWith(".js") || name.endsWith(".js.map")) await rm(new URL(name, out));

await build({
  entryPoints: [new URL("src/index.ts", import.meta.url).pathname],
  outdir: out.pathname,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node24",
  sourcemap: false,
  // Less to read and compile; names stay, for what a crash prints.
  minifySyntax: true,
  minifyWhitespace: true,
  define: {
    "process.env.NODE_ENV": '"production"',
    // The layout engine would take its built-in binary through `fetch`, which loads Node's whole HTTP client (about 40 ms);
    // without it the binary is decoded in place. Nothing here goes to the network.
    fetch: "undefined",
  },
  // Only reached with DEV=true, and not installed.
  external: ["react-devtools-core"],
  // Some of the bundled packages are CommonJS and call `require` for Node's own modules.
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
  logLevel: "warning",
});
