/** What is wrong with a file of data, as a sentence; `line` is 1-based where one line is to blame. */
export interface TableProblem {
  readonly problem: string;
  readonly line?: number;
}

/** A problem whose sentence names the file and, where known, the line. */
export function tableProblem(source: string, text: string, line?: number): TableProblem {
  return line === undefined
    ? { problem: `${source}: ${text}` }
    : { problem: `${source}:${line}: ${text}`, line };
}

/** The first name that is empty or stands twice, as a problem. Names are compared as written. */
export function problemOfNames(
  source: string,
  names: readonly string[],
  line?: number,
): TableProblem | undefined {
  const seen = new Map<string, number>();
  for (const [i, name] of names.entries()) {
    if (name === "") return tableProblem(source, `column ${i + 1} has no name`, line);
    const before = seen.get(name);
    if (before !== undefined) {
      return tableProblem(source, `columns ${before + 1} and ${i + 1} are both called \`${name}\``, line);
    }
    seen.set(name, i);
  }
  return undefined;
}

/** `1 cell`, `3 cells` */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}
