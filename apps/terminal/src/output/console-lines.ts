/**
 * Where printing goes while the screen is shown: what a model's module prints with `console`, or writes to standard output, would be
 * written across the grid, so it is taken line by line instead. Both are put back afterwards. (The screen itself is written by
 * its file descriptor.)
 */
import { Console } from "node:console";
import { Writable } from "node:stream";
import { stripVTControlCharacters } from "node:util";

/** Takes over `console` and `process.stdout.write`; the function that gives it back. Empty lines are dropped. */
export function takeConsole(onLine: (text: string) => void): () => void {
  const before = globalThis.console;
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      for (const line of stripVTControlCharacters(chunk.toString("utf8")).split("\n"))
        if (line.trim() !== "") onLine(line);
      done();
    },
  });
  const { stdout } = process;
  const write = stdout.write;
  globalThis.console = new Console(stream, stream);
  stdout.write = stream.write.bind(stream) as typeof write;
  return () => {
    globalThis.console = before;
    stdout.write = write;
  };
}
