import { Console } from "node:console";
import { expect, it } from "vitest";
import { takeConsole } from "./console-lines.ts";

it("[TE48] takes what is printed line by line and gives the console back, whatever console it was", () => {
  const own = globalThis.console;
  const { write } = process.stdout;
  const plain = new Console(process.stderr);
  globalThis.console = plain;
  try {
    const lines: string[] = [];
    const giveBack = takeConsole((line) => lines.push(line));
    console.log("one\n\n\u001b[31mtwo\u001b[0m", { a: 1 });
    console.error("three");
    process.stdout.write("four\n");
    giveBack();
    expect(lines).toEqual(["one", "two { a: 1 }", "three", "four"]);
    expect(process.stdout.write).toBe(write);
    expect(globalThis.console).toBe(plain);
  } finally {
    globalThis.console = own;
  }
});
