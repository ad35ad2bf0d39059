/**
 * Where printing goes while the screen is shown: what a model's module prints with `console` would be written across
 * the grid, so it is taken line by line instead. The console is put back afterwards.
 */
import { Console } from "node:console";
import { Writable } from "node:stream";
import { stripVTControlCharacters } from "node:util";

/** Takes over `console`; the function that gives it back. Empty lines are dropped. */
export function takeConsole(onLine: (text: string) => void): () => void {
  const before = globalThis.console;
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      for (const line of stripVTControlCharacters(chunk.toString("utf8")).split("\n"))
        if (line.trim() !== "") onLine(line);
      done();
    },
  });
  globalThis.console = new Console(stream, stream);
  return () => {
    globalThis.console = before;
  };
}
