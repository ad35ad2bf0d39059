/**
 * Running the TypeScript of a document. The values that a block shows in comments are compared:
 *
 *   const x = f(1);          // 2            the value of x
 *   g(x);                    // "two"        the value of the expression …
 *   effect(() => console.log(x.value));   // 2            … or, when the statement printed something, what it printed
 *   price.set(12);           // 60           several lines printed: joined by ", "
 *
 * A remark may follow the value, behind a space or a colon. Only comments at the end of a line that begins a statement at the margin count; a comment that is no value starts
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
/** What is no expression: nothing but what it printed can be shown behind it. */
const statement =
  /^(?:[}\])]|(?:if|else|for|while|switch|throw|try|function|class|import|export|type|interface)\b)/;
const declaration = /^(?:export )?(?:const|let) (?<name>\w+)(?:: [^=]+)? = /;

/** The block as a module: what it shows in comments is handed to `shown`, what it prints to `console`. */
export function moduleText(block: string, imports: string): string {
  const lines = block.split("\n").map((line, i) => {
    const match = /^[^\s/*]/.test(line) ? shownComment.exec(line) : null;
    if (match?.groups === undefined || match.groups.code?.endsWith("{")) return line;
    const { code = "", expected = "" } = match.groups;
    const report = (value: string): string => `shown(${i + 1}, ${JSON.stringify(expected)}, ${value});`;
    const name = declaration.exec(code)?.groups?.name;
    if (name !== undefined) return `${code}; ${report(name)}`;
    const guarded = guardedExpression(code);
    if (guarded !== undefined) return `${guarded.condition} ${report(`(${guarded.expression})`)}`;
    if (statement.test(code)) return `${code}; ${report("undefined")}`;
    return report(`(${code})`);
  });
  return `import { console, shown } from "../../examples/running-block.ts";\n${imports}${lines.join("\n")}\nexport {};\n`;
}

/** `if (condition) expression` on one line, in its parts. */
function guardedExpression(code: string): { condition: string; expression: string } | undefined {
  if (!code.startsWith("if (")) return undefined;
  let depth = 0;
  for (let i = 3; i < code.length; i++) {
    depth += Number(code[i] === "(") - Number(code[i] === ")");
    if (depth > 0) continue;
    const expression = code.slice(i + 1).trim();
    return statement.test(expression) ? undefined : { condition: code.slice(0, i + 1), expression };
  }
  return undefined;
}

/** Whether the comment shows the value; spaces inside brackets are free, and a remark may follow the value. */
export function isShownValue({ expected, actual }: Shown): boolean {
  const tidy = (text: string): string =>
    text
      .replaceAll("'", '"')
      .replace(/([[{(])\s+/g, "$1")
      .replace(/\s+([\]})])/g, "$1");
  const [wanted, found] = [tidy(expected), tidy(actual)];
  return wanted === found || wanted.startsWith(`${found}: `) || wanted.startsWith(`${found} `);
}

/** A value as documents write it: `50`, `"text"`, `[1, 2]`, `{ a: 1 }`. */
export function shownValue(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  return inspect(value, { depth: 6, breakLength: Number.POSITIVE_INFINITY, compact: true }).replaceAll(
    "'",
    '"',
  );
}
