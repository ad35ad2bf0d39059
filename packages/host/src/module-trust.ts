/**
 * Which folders' formula modules may run. A module is code with all the rights of the user, so it is imported only
 * when its folder, or one above it, was trusted: by an answer given earlier, by an answer given now, or for this run
 * by `--allow-modules`.
 *
 * `trust.json` holds `{ "version": 1, "folders": { "/users/me/models": "trusted" | "refused" } }`. The nearest
 * folder at or above the module decides, so a refused folder inside a trusted one stays refused. Paths are resolved
 * through links first: a link into another folder does not borrow the trust of the folder it stands in. A file that
 * cannot be read as such trusts nobody.
 */
import { mkdir, readFile, realpath, rename, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import envPaths from "env-paths";
import type { TrustQuestion } from "./api.ts";
import { isMissing } from "./source-file.ts";

export type TrustAnswer = "trusted" | "refused";

export interface TrustRequest {
  /** Folder of the model, absolute. */
  readonly folder: string;
  readonly modules: readonly { readonly path: string; readonly source: string }[];
  readonly allowModules: boolean;
  readonly ask?: ((question: TrustQuestion) => Promise<boolean | undefined>) | undefined;
  readonly configFolder: string;
}

/** The user's configuration folder of this program; follows `XDG_CONFIG_HOME` on Linux. */
export function defaultConfigFolder(): string {
  return envPaths("reckon", { suffix: "" }).config;
}

/** The file in which answers are remembered. */
export function trustFile(configFolder: string): string {
  return join(configFolder, "trust.json");
}

/**
 * Decides for each module whether it may run, asking at most once per folder. Gives the sources of those that may
 * not, and whether that was an answer. Missing modules are left out: loading them says that they are missing.
 */
export async function untrustedModules(
  request: TrustRequest,
): Promise<ReadonlyMap<string, "unasked" | "refused">> {
  const refused = new Map<string, "unasked" | "refused">();
  if (request.allowModules || request.modules.length === 0) return refused;
  const answers = await readAnswers(request.configFolder);
  const open = new Map<string, string[]>();
  const modelFolder = await realpath(request.folder);
  for (const module of request.modules) {
    const path = await resolveLink(module.path);
    if (path === undefined) continue;
    const answer = answerFor(answers, dirname(path));
    if (answer === "refused") refused.set(module.source, "refused");
    if (answer !== undefined) continue;
    const folder = isInside(modelFolder, path) ? modelFolder : dirname(path);
    open.set(folder, [...(open.get(folder) ?? []), module.source]);
  }
  for (const [folder, modules] of open) {
    const isTrusted = request.ask === undefined ? undefined : await request.ask({ folder, modules });
    if (isTrusted !== true) {
      for (const source of modules) refused.set(source, isTrusted === undefined ? "unasked" : "refused");
    }
    if (isTrusted === undefined) continue;
    answers.set(folder, isTrusted ? "trusted" : "refused");
    await writeAnswers(request.configFolder, answers);
  }
  return refused;
}

/** The remembered answer of the nearest folder at or above `folder`. Cost: the depth of the folder. */
export function answerFor(
  answers: ReadonlyMap<string, TrustAnswer>,
  folder: string,
): TrustAnswer | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const answer = answers.get(at);
    if (answer !== undefined || at === dirname(at)) return answer;
  }
}

function isInside(folder: string, path: string): boolean {
  const step = relative(folder, path);
  return step !== "" && step.split(sep)[0] !== "..";
}

async function resolveLink(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw cause;
  }
}

async function readAnswers(configFolder: string): Promise<Map<string, TrustAnswer>> {
  const answers = new Map<string, TrustAnswer>();
  let folders: unknown;
  try {
    const read = JSON.parse(await readFile(trustFile(configFolder), "utf8")) as { folders?: unknown } | null;
    folders = read?.folders;
  } catch (cause) {
    // Not there yet, or damaged: nobody is trusted, and the next answer writes it anew.
    if (!isMissing(cause) && !(cause instanceof SyntaxError)) throw cause;
  }
  if (typeof folders !== "object" || folders === null) return answers;
  for (const [folder, answer] of Object.entries(folders)) {
    if (answer === "trusted" || answer === "refused") answers.set(folder, answer);
  }
  return answers;
}

async function writeAnswers(configFolder: string, answers: ReadonlyMap<string, TrustAnswer>): Promise<void> {
  await mkdir(configFolder, { recursive: true });
  const text = JSON.stringify({ version: 1, folders: Object.fromEntries(answers) }, null, 2);
  const temporary = `${trustFile(configFolder)}.${process.pid}.tmp`;
  await writeFile(temporary, `${text}\n`, { mode: 0o600 });
  await rename(temporary, trustFile(configFolder));
}
