import type { Runtime } from "@reckon/host";
import { openSheet, type Sheet } from "@reckon/sheet";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WaitLine } from "./wait-line.ts";

const text = `model m
use "./slow.ts" as slow
block b
  input x = 1
  first = slow.later(x)
  second = slow.later(x + 1)
`;
const wipe = "\r\u001b[K";

/** A sheet that awaits two formulas, what a line said of it, and a way to answer the first of them. */
function waiting(): { sheet: Sheet; said: string[]; line: WaitLine; answer: () => Promise<void> } {
  const answers: (() => void)[] = [];
  const later = (x: unknown): Promise<number> =>
    new Promise((resolve) => answers.push(() => resolve(x as number)));
  const host = { table: () => ({ problem: "none" }), module: () => ({ later: later as never }) };
  const opened = openSheet({ model: { source: "m.reckon", text }, host });
  if (!opened.ok) throw new Error(opened.diagnostics.map(({ message }) => message).join("\n"));
  const sheet = opened.value;
  sheet.column("b.first");
  sheet.column("b.second");
  const said: string[] = [];
  const answer = async (): Promise<void> => {
    answers.shift()?.();
    await vi.advanceTimersByTimeAsync(0);
  };
  return { sheet, said, line: new WaitLine((piece) => said.push(piece)), answer };
}

const runtime = { stats: () => ({ calls: { sentMs: 0 } }) } as unknown as Runtime;

/** As wide as the terminal is said to be. */
function setColumns(columns: number | undefined): void {
  Object.defineProperty(process.stderr, "columns", { value: columns, configurable: true, writable: true });
}

describe("what is awaited, on a line", () => {
  const { columns } = process.stderr as { columns?: number };
  beforeEach(() => {
    vi.useFakeTimers();
    setColumns(undefined);
  });
  afterEach(() => {
    vi.useRealTimers();
    setColumns(columns);
  });

  it("[CL73] is said from half a second on, again and again, and wiped at the end", async () => {
    const { sheet, said, line, answer } = waiting();
    line.begin(sheet, runtime, ["base"]);
    vi.advanceTimersByTime(499);
    expect(said).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(said).toEqual(["\rreckon: 0 of 2 heavy formulas, less than 1 s so far\u001b[K"]);
    await answer();
    vi.advanceTimersByTime(600);
    expect(said.at(-1)).toBe("\rreckon: 1 of 2 heavy formulas, 1 s so far\u001b[K");
    expect(said).toHaveLength(4);
    line.end();
    expect(said.at(-1)).toBe(wipe);
    line.end();
    vi.advanceTimersByTime(10_000);
    expect(said).toHaveLength(5);
    sheet.dispose();
  });

  it("[CL73] what the calculation has taken before counts, and nothing is wiped that was not said", () => {
    const { sheet, said, line } = waiting();
    line.begin(sheet, runtime, ["base"], 400);
    vi.advanceTimersByTime(99);
    line.wipe();
    expect(said).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(said).toHaveLength(1);
    // Somebody else writes: the line makes room, and comes back.
    line.wipe();
    line.wipe();
    expect(said.slice(1)).toEqual([wipe]);
    vi.advanceTimersByTime(200);
    expect(said).toHaveLength(3);
    line.end();
    sheet.dispose();
  });

  it("[CL73] says nothing where nothing is awaited, and is one line of any terminal", async () => {
    const { sheet, said, line, answer } = waiting();
    setColumns(30);
    line.begin(sheet, runtime, ["base"], 1e6);
    vi.advanceTimersByTime(0);
    expect(said).toEqual(["\rreckon: 0 of 2 heavy formulas\u001b[K"]);
    await answer();
    await answer();
    vi.advanceTimersByTime(1_000);
    expect(said).toHaveLength(1);
    line.end();
    sheet.dispose();
  });
});
