/**
 * What the text of a module tells without running it: what it imports only later, and what it uses beside its arguments.
 *
 *   1. Comments are blanked, so that a word in one is no use. Where the text is not understood it stays as it is: then a
 *      word too many is found, and none too few.
 *   2. `import("./a.ts")` and `require("./a")` with the name written out are imports; with anything else in the brackets nobody
 *      can say what is imported.
 *   3. Files, the network, the clock, chance, the environment and the place of the file are things whose change no hash of a
 *      text sees. They are looked for by name.
 *
 * This finds what people write, not what somebody hides (`globalThis["fe" + "tch"]`). Cost: the text.
 */

/** Something that keeps a module's results from being kept. */
interface Unknown {
  /** From 1 on. */
  readonly line: number;
  /** Behind the words "because it": `reads the clock (Date.now)`. */
  readonly what: string;
}

export interface ModuleText {
  /** Imports that run when the code reaches them, with the name written out. */
  readonly later: readonly { readonly specifier: string; readonly line: number }[];
  /** Imports at the top, for a file that no load has reached. */
  readonly first: readonly { readonly specifier: string; readonly line: number }[];
  readonly unknown: readonly Unknown[];
  /** Reads `process.env.NODE_ENV`, and nothing else of the environment. */
  readonly readsMode: boolean;
}

export type ModuleKind = "module" | "commonjs";

export function readModuleText(text: string, kind: ModuleKind): ModuleText {
  const code = suspicious.test(text) ? (withoutComments(text) ?? text) : text;
  const lineAt = lineCounter(code);
  const unknown: Unknown[] = [];
  for (const { pattern, what } of usesOf(kind)) {
    for (const { 0: found, index } of code.matchAll(pattern)) {
      const name = found.replaceAll(/^[\s(=,]+|[\s(]+$/g, "").replaceAll(/\s+/g, " ");
      unknown.push({ line: lineAt(index), what: `${what} (${name})` });
    }
  }
  const later: { specifier: string; line: number }[] = [];
  for (const match of code.matchAll(kind === "module" ? imports : requires)) {
    const { index, 0: found } = match;
    const { type, specifier } = match.groups ?? {};
    if (type !== undefined || (kind === "module" && namesType(code, index + found.length))) continue;
    if (specifier !== undefined) later.push({ specifier, line: lineAt(index) });
    else unknown.push({ line: lineAt(index), what: "imports what only the call tells" });
  }
  const first = kind === "commonjs" ? [] : firstImports(code, lineAt);
  unknown.sort((a, b) => a.line - b.line);
  return { later, first, unknown, readsMode: mode.test(code) };
}

/** Most files have nothing of all that, and this is found out fast. */
const suspicious =
  /import\s*\(|import\s*\.|require|random|getRandom|Date|now\b|timeOrigin|process|fetch|Socket|EventSource|XMLHttp|Storage|navigator|eval|Function|__dirname|__filename/;

/** Behind an import that is a promise stands nothing else than these; behind one in a type the name of the type. */
function namesType(code: string, end: number): boolean {
  const behind = code.slice(end, end + 40);
  return /^\s*\./.test(behind) && !/^\s*\.\s*(?:then|catch|finally)\b/.test(behind);
}

const mode = /\bprocess\.env\.NODE_ENV\b/;

/** With the name in quotes and nothing joined to it; in types of TypeScript there is a name of a type behind it. */
const imports =
  /(?<type>\btypeof\s+)?(?<![.\w$])import\s*\(\s*(?:(?<quote>["'`])(?<specifier>(?:(?!\k<quote>)[^\\\n$])+)\k<quote>\s*(?:,[^()]*)?\))?/g;
const requires =
  /(?<type>\btypeof\s+)?(?<![.\w$])require\b(?:\s*\(\s*(?<quote>["'`])(?<specifier>(?:(?!\k<quote>)[^\\\n$])+)\k<quote>\s*\))?/g;

function firstImports(
  code: string,
  lineAt: (index: number) => number,
): { readonly specifier: string; readonly line: number }[] {
  const found: { specifier: string; line: number }[] = [];
  const from =
    /\b(?:import|export)\b(?!\s+type\b(?!\s*,|\s+from))[^"'`;()]*?\bfrom\s*(["'])(?<specifier>[^"'\n]+)\1/g;
  const bare = /\bimport\s*(["'])(?<specifier>[^"'\n]+)\1/g;
  for (const pattern of [from, bare])
    for (const { groups, index } of code.matchAll(pattern))
      found.push({ specifier: groups?.specifier as string, line: lineAt(index) });
  return found;
}

interface Use {
  readonly pattern: RegExp;
  readonly what: string;
}

/** A global name, not a property or a method of something else. */
const global = "(?:\\b(?:globalThis|window|self|global)\\.|(?<![.\\w$]))";

/**
 * `{ random } = Math`, or the whole of it under another name: `M = Math`. What stands before it is looked at only where
 * the owner stands alone behind `=`, which is rare.
 */
function takenFrom(names: string, owners: string): RegExp {
  const given = `=\\s*(?:globalThis\\s*\\.\\s*)?(?:${owners})`;
  const some = `\\{[^{}]{0,300}\\b(?:${names})\\b[^{}]{0,300}\\}`;
  return new RegExp(`${given}(?=\\s*(?:[;,)}\\n]|$))(?<=(?:[\\w$]|${some})\\s*${given})`, "g");
}

const everywhere: readonly Use[] = [
  {
    pattern: new RegExp(`${global}(?:fetch|WebSocket|EventSource|XMLHttpRequest)\\s*\\(`, "g"),
    what: "uses the network",
  },
  { pattern: /\bMath\s*(?:\?\s*)?\.\s*random\b|\bMath\s*(?:\?\s*\.\s*)?\[/g, what: "draws random numbers" },
  { pattern: takenFrom("random", "Math"), what: "draws random numbers" },
  {
    pattern: /\b(?:getRandomValues|random(?:UUID|Bytes|Int|FillSync|Fill))\b/g,
    what: "draws random numbers",
  },
  {
    pattern:
      /\b(?:Date|performance)\s*(?:\?\s*)?\.\s*(?:now|timeOrigin)\b|\b(?:Date|performance)\s*(?:\?\s*\.\s*)?\[/g,
    what: "reads the clock",
  },
  {
    pattern:
      /\bnew\s+(?:globalThis\s*\.\s*)?Date\b(?!\s*\(\s*[^\s)])|(?<![.\w$]|new\s)Date\s*\(|\bTemporal\s*\.\s*Now\b/g,
    what: "reads the clock",
  },
  { pattern: takenFrom("now|timeOrigin", "Date|performance"), what: "reads the clock" },
  {
    pattern: new RegExp(
      `${global}process\\b(?!\\s*\\.\\s*env\\s*\\.\\s*NODE_ENV\\b)(?=\\s*(?:\\?\\s*\\.|[.[]))`,
      "g",
    ),
    what: "reads its surroundings",
  },
  { pattern: takenFrom("", "process"), what: "reads its surroundings" },
  {
    pattern: /[=(,]\s*(?:globalThis\s*\.\s*)?fetch\s*(?=[;,)\n]|$)/g,
    what: "uses the network",
  },
  {
    pattern: takenFrom("Math|Date|performance|process|fetch|crypto|WebSocket", "globalThis"),
    what: "reads its surroundings",
  },
  {
    pattern: new RegExp(`${global}(?:localStorage|sessionStorage|navigator)\\s*\\.`, "g"),
    what: "reads its surroundings",
  },
  { pattern: /(?<![.\w$])(?:eval|Function)\s*\(/g, what: "runs code that it makes" },
];

const inModules: readonly Use[] = [
  { pattern: /\bcreateRequire\b/g, what: "imports what only the call tells" },
  { pattern: /\bimport\s*\.\s*meta\b/g, what: "asks where its file is" },
];

const inCommonjs: readonly Use[] = [
  { pattern: /(?<![.\w$])__(?:dirname|filename)\b/g, what: "asks where its file is" },
];

function usesOf(kind: ModuleKind): readonly Use[] {
  return [...everywhere, ...(kind === "module" ? inModules : inCommonjs)];
}

function lineCounter(text: string): (index: number) => number {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (index) => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] as number) <= index) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}

const beforePattern =
  /(?:^|[(,=:[!&|?{};+\-*%~^<>]|\b(?:return|typeof|case|in|of|delete|void|throw|new|else|do|await|yield|instanceof))\s*$/;

/** The text with spaces in the place of comments; `undefined` where it is not understood. */
export function withoutComments(text: string): string | undefined {
  const pieces: string[] = [];
  /** How many braces are open in each template that is left for an expression. */
  const templates: number[] = [];
  let kept = 0;
  let at = 0;
  const blank = (end: number): void => {
    pieces.push(text.slice(kept, at), text.slice(at, end).replaceAll(/[^\n]/g, " "));
    kept = end;
    at = end;
  };
  while (at < text.length) {
    const char = text[at] as string;
    const next = text[at + 1];
    if (char === "\\") return undefined;
    if (char === "/" && next === "/") blank(endOr(text.indexOf("\n", at), text.length));
    else if (char === "/" && next === "*") {
      const end = text.indexOf("*/", at + 2);
      if (end < 0) return undefined;
      blank(end + 2);
    } else if (char === "/" && beforePattern.test(lineBefore(text, at))) at = endOfPattern(text, at);
    else if (char === '"' || char === "'") at = endOfString(text, at);
    else if (char === "`" || (char === "}" && templates.at(-1) === 0)) {
      if (char === "}") templates.pop();
      const end = endOfTemplate(text, at + 1);
      if (end === undefined) return undefined;
      if (text[end - 1] === "{") templates.push(0);
      at = end;
    } else {
      const open = templates.length - 1;
      if (open >= 0 && char === "{") templates[open] = (templates[open] as number) + 1;
      if (open >= 0 && char === "}") templates[open] = (templates[open] as number) - 1;
      at++;
    }
  }
  if (templates.length > 0) return undefined;
  pieces.push(text.slice(kept));
  return pieces.join("");
}

function endOr(found: number, otherwise: number): number {
  return found < 0 ? otherwise : found;
}

/** As much of what stands before as decides whether a slash begins a pattern. */
function lineBefore(text: string, at: number): string {
  return text.slice(Math.max(0, at - 40), at);
}

/** Behind the closing slash; at the end of the line where there is none. */
function endOfPattern(text: string, start: number): number {
  let isInClass = false;
  for (let at = start + 1; at < text.length; at++) {
    const char = text[at];
    if (char === "\n") return at;
    if (char === "\\") at++;
    else if (char === "[") isInClass = true;
    else if (char === "]") isInClass = false;
    else if (char === "/" && !isInClass) return at + 1;
  }
  return text.length;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const char = text[at];
    if (char === "\n") return at;
    if (char === "\\") at++;
    else if (char === text[start]) return at + 1;
  }
  return text.length;
}

/** Behind the closing quote, or behind the brace that opens an expression. */
function endOfTemplate(text: string, start: number): number | undefined {
  for (let at = start; at < text.length; at++) {
    const char = text[at];
    if (char === "\\") at++;
    else if (char === "`") return at + 1;
    else if (char === "$" && text[at + 1] === "{") return at + 2;
  }
  return undefined;
}
