import { Readable, Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { evalLines } from "./eval-lines.ts";

/** Feeds the pieces and gives the answers, parsed. */
async function answersTo(...pieces: (string | Buffer)[]): Promise<unknown[]> {
  let written = "";
  // A buffer of one byte: every write asks to wait, as a slow reader does.
  const output = new Writable({
    highWaterMark: 1,
    write(chunk, _encoding, done) {
      written += String(chunk);
      setImmediate(done);
    },
  });
  await evalLines(Readable.from(pieces.map((piece) => Buffer.from(piece))), output);
  return written
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as unknown);
}

const line = (formula: unknown, inputs?: unknown) => `${JSON.stringify({ formula, inputs })}\n`;

describe("evalLines", () => {
  it("[CL25] answers values, errors, arrays and diagnostics, in order", async () => {
    const answers = await answersTo(
      line("=A1+1", { A1: 2 }) +
        line("=SUM(A1:B2)", {
          "A1:B2": [
            [1, 2],
            [3, null],
          ],
        }) +
        line("=1/0") +
        line('="a"&TRUE') +
        line("=A1:A2*2", { "A1:A2": [[1], [{ error: "#N/A" }]] }) +
        line("=1+"),
    );
    expect(answers.slice(0, 5)).toEqual([
      { value: 3 },
      { value: 6 },
      { error: "#DIV/0!" },
      { value: "aTRUE" },
      { value: 2, array: [[2], [{ error: "#N/A" }]] },
    ]);
    expect(answers[5]).toMatchObject({ diagnostics: [{ severity: "error", line: 1 }] });
  });

  it("[CL26] answers malformed lines with diagnostics and goes on; empty lines have no answer", async () => {
    const wrong = ["{", "3", "null", "[1]", '{"formula": 1}', '{"formula": "=1", "inputs": [1]}'];
    const inputs = ['{"A1": {"error": "#OOPS"}}', '{"A1": [[1], [1, 2]]}', '{"A1": []}', '{"A1": {"x": 1}}'];
    const lines = [...wrong, ...inputs.map((each) => `{"formula": "=A1", "inputs": ${each}}`)];
    const answers = await answersTo(`\n${lines.join("\n")}\n\n   \r\n${line("=2")}`);
    expect(answers).toHaveLength(lines.length + 1);
    // The first line is empty, and counts.
    for (const [i, answer] of answers.slice(0, -1).entries()) {
      expect(answer).toMatchObject({
        diagnostics: [{ code: "eval/malformed-line", severity: "error", line: i + 2 }],
      });
    }
    expect(answers.at(-1)).toEqual({ value: 2 });
  });

  it("[CL26] counts lines that are split between pieces, and one too long as one", async () => {
    const long = "x".repeat(16 * 1024 * 1024);
    const answers = await answersTo(line("=1"), "{", "\n", long, long, long, long, long, "x\n", "}\n");
    expect(answers).toMatchObject([
      { value: 1 },
      { diagnostics: [{ line: 2 }] },
      { diagnostics: [{ line: 3 }] },
      { diagnostics: [{ line: 4 }] },
    ]);
  });

  it("joins lines and characters that are split between pieces, and answers a last line without an end", async () => {
    const bytes = Buffer.from(`${line('="é"')}${line("=1")}{"formula": "=3"}`);
    const pieces = Array.from(bytes, (_, i) => bytes.subarray(i, i + 1));
    expect(await answersTo(...pieces)).toEqual([{ value: "é" }, { value: 1 }, { value: 3 }]);
  });

  it("gives equal answers whatever the pieces, for thousands of lines", async () => {
    const text = Array.from({ length: 3000 }, (_, i) => line(`=${i}+1`)).join("");
    const answers = await answersTo(text);
    expect(answers).toHaveLength(3000);
    expect(answers.at(-1)).toEqual({ value: 3000 });
  });
});
