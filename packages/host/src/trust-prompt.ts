/** The question about a folder's modules at a plain prompt, before anything is drawn. */
import { createInterface } from "node:readline/promises";
import type { TrustQuestion } from "./api.ts";

/** No line that is typed holds a line end. */
const closedByKey = "\n";

/**
 * Asks at the terminal, on standard error so that results in a pipe stay clean. `undefined` for anything but a plain
 * yes or no: Enter alone, Ctrl-C and Ctrl-D run nothing and are no answer to remember.
 */
export async function askAtTerminal(question: TrustQuestion): Promise<boolean | undefined> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // A prompt that is closed never answers its question.
  const closed = new Promise<string>((resolve) => {
    lines.once("close", () => resolve(closedByKey));
  });
  try {
    process.stderr.write(
      `A model in ${question.folder} runs code for the first time: ${question.modules.join(", ")}\n` +
        "Code can read and change everything that you can. A yes or no is remembered for this folder.\n",
    );
    const typed = await Promise.race([lines.question("Run it? [y/N] "), closed]);
    // Ctrl-C and Ctrl-D leave the cursor behind the question.
    if (typed === closedByKey) process.stderr.write("\n");
    const answer = typed.trim().toLowerCase();
    if (answer === "y" || answer === "yes") return true;
    return answer === "n" || answer === "no" ? false : undefined;
  } finally {
    lines.close();
  }
}
