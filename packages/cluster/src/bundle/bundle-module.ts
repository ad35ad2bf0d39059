/**
 * A formula module with everything that it imports, as one file. Node's own modules stay imports.
 *
 *   1. What cannot be in one file is refused, with file and line: native add-ons, and imports whose name only the call tells.
 *   2. The code is neither renamed nor made smaller: what throws is found again by its name, and nothing computes other bits.
 *   3. Code of the older kind (`require`) that asks for one of Node's modules gets a `require` for these; only then, as a module
 *      that makes one itself can reach anything.
 *
 * Cost: reading and writing what is imported; some 10 ms and up.
 */
import { dirname, relative } from "node:path";
import { BatchError } from "@reckon/batch";
import { type BuildFailure, type BuildOptions, build, type Message, type Plugin } from "esbuild";

const requireOfNode =
  'import { createRequire as reckonRequire } from "node:module"; const require = reckonRequire(import.meta.url);';

/** Names that are only known when the code runs; esbuild would leave them as they are, and tell nobody. */
const mustBeKnown = {
  "unsupported-dynamic-import": "error",
  "unsupported-require-call": "error",
  "indirect-require": "error",
} as const;

const messagesMax = 3;

/** The text of the one file. Rejects with `BatchError` where there can be none. `path`: as the model writes it. */
export async function bundleModule(path: string, file: string): Promise<string> {
  const text = await bundled(path, file, "");
  return text.includes("__require(") ? bundled(path, file, requireOfNode) : text;
}

async function bundled(path: string, file: string, banner: string): Promise<string> {
  const options: BuildOptions & { readonly write: false } = {
    entryPoints: [file],
    // Comments name files relative to it, so where the folder stands plays no part.
    absWorkingDir: dirname(file),
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node24",
    charset: "utf8",
    legalComments: "none",
    logLevel: "silent",
    logOverride: mustBeKnown,
    banner: { js: banner },
    plugins: [noOtherWays],
  };
  try {
    const { outputFiles } = await build(options);
    return outputFiles[0]?.text ?? "";
  } catch (error) {
    const { errors } = error as Partial<BuildFailure>;
    if (errors === undefined) throw error;
    const told = errors.slice(0, messagesMax).map((message) => textOf(message, file, path));
    throw new BatchError("misuse", `${path} cannot be sent to workers: ${told.join("; ")}`);
  }
}

/** Files next to the module are not sent, so what reaches them by other ways than imports would fail far away. */
const noOtherWays: Plugin = {
  name: "no other ways",
  setup(building) {
    building.onResolve({ filter: /^(?:node:)?module$/ }, () => ({
      errors: [{ text: "node:module makes imports whose names only the call tells" }],
    }));
    building.onLoad({ filter: /\.node$/ }, () => ({ errors: [{ text: "a native add-on" }] }));
    building.onResolve({ filter: /\.node$/ }, () => ({ errors: [{ text: "a native add-on" }] }));
  },
};

function textOf({ text, location }: Message, root: string, path: string): string {
  if (location === null) return text;
  const file = location.file === "" ? path : inModel(location.file, root, path);
  return `${text} (${file}:${location.line})`;
}

/** esbuild names files relative to the folder of the module; people know them relative to the model. */
function inModel(file: string, root: string, path: string): string {
  const folder = dirname(path);
  const inFolder = relative(dirname(root), `${dirname(root)}/${file}`);
  return folder === "." ? inFolder : `${folder}/${inFolder}`;
}
