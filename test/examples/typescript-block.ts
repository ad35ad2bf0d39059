/**
 * Running the TypeScript of a document. The values that a block shows in comments are compared:
 *
 *   const x = f(1);          // 2            the value of x
 *   g(x);                    // "two"        the value of the expression …
 *   effect(() => console.log(x.value));   // 2            … or, when the statement printed something, what it printed
 *   price.set(12);           // 60           several lines printed: joined by ", "
 *
 * Only comments at the end of a line that begins a statement at the margin count; a comment that is no value starts
 * with a capital letter or stands on a line of its own. A block becomes a module of its own in a folder that git
 * ignores, is type-checked with all the others, and is then imported.
 */
import { inspect } from "node:util";

export interface Shown {
  readonly expected: string;
  readonly actual: string;
  readonly line: number;
}

const shownComment = /^(?<code>.*?);?\s+\/\/ (?<expected>[^A-Z].*|TRUE|FALSE|NaN|Infinity)$/;
const declaration = /^(?:export )?(?:const|let) (?<name>\w+)(?:: [^=]+)? = /;

/** The block as a module: what it shows in comments is handed to `shown`, what it prints to `console`. */
export function moduleText(block: string, imports: string): string {
  const lines = block.split("\n").map((line, i) => {
    const match = /^[^\s/*]/.test(line) ? shownComment.exec(line) : null;
    if (match?.groups === undefined) return line;
    const { code = "", expected = "" } = match.groups;
    const report = (value: string): string => `shown(${i + 1}, ${JSON.stringify(expected)}, ${value});`;
    const name = declaration.exec(code)?.groups?.name;
    if (name !== undefined) return `${code}; ${report(name)}`;
    if (/^[}\])]/.test(code)) return `${code}; ${report("undefined")}`;
    return report(`(${code})`);
  });
  return `import { console, shown } from "../../examples/running-block.ts";\n${imports}${lines.join("\n")}\nexport {};\n`;
}

/** A value as documents write it: `50`, `"text"`, `[1, 2]`, `{ a: 1 }`. */
export function shownValue(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  return inspect(value, { depth: 6, breakLength: Number.POSITIVE_INFINITY, compact: true }).replaceAll(
    "'",
    '"',
  );
}
