// Bundles the app: one entry, with the renderer in a chunk of its own that is loaded while the model is read. React is
// built for production, which nearly halves the time to the first frame. Workspace packages come in from their `dist`,
// so turbo builds them first. Types are written by `tsc` beside it.
import { readdir, readFile, rm } from "node:fs/promises";
import { build } from "esbuild";

const out = new URL("dist/", import.meta.url);
for (const name of await readdir(out).catch(() => []))
  if (name.endsWith(".js") || name.endsWith(".js.map")) await rm(new URL(name, out));

// The renderer splits and measures every row of every frame anew, though nearly all are the rows of the frame before; that
// is most of a frame's cost (docs/decisions/0061-renderer-memory.md). Here it keeps what it found out between frames.
const boundedEntries = 4096;
const edits = [
  {
    path: /[\\/]ink[\\/]build[\\/]output\.js$/,
    from: "caches = new OutputCaches();",
    to: "caches = keptCaches();",
    more: `
const kept = new OutputCaches();
function keptCaches() {
    for (const cache of [kept.widths, kept.blockWidths, kept.styledChars])
        if (cache.size > ${boundedEntries}) cache.clear();
    return kept;
}`,
  },
  {
    path: /[\\/]widest-line[\\/]index\.js$/,
    from: "export default function widestLine(",
    to: "function measure(",
    more: `
const kept = new Map();
function widestLine(string) {
	let width = kept.get(string);
	if (width === undefined) {
		if (kept.size > ${boundedEntries}) kept.clear();
		width = measure(string);
		kept.set(string, width);
	}
	return width;
}
export { widestLine as default };`,
  },
];
const applied = new Set();
const keepBetweenFrames = {
  name: "keep between frames",
  setup({ onLoad, onEnd }) {
    for (const edit of edits)
      onLoad({ filter: edit.path }, async ({ path }) => {
        const text = await readFile(path, "utf8");
        if (text.split(edit.from).length !== 2) throw new Error(`${path} is not as expected: ${edit.from}`);
        applied.add(edit);
        return { contents: text.replace(edit.from, edit.to) + edit.more, loader: "js" };
      });
    onEnd(() => {
      if (applied.size !== edits.length) throw new Error("the renderer's files were not found");
    });
  },
};

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
  plugins: [keepBetweenFrames, besidePrograms],
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
