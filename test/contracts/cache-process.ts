/**
 * A process that uses a cache file, started by tests.
 *
 *   fill <path> <from> <to>    looks up each number in turn and puts what is missing; prints { hits, notices }
 *   forever <path> <from>      puts numbers without end, and prints the last one after each flush
 *   read <path> <from> <to>    as somebody who is not root: looks up each; prints { hits, notices }
 */
import { type CacheNotice, createMemoStore } from "@reckon/cache";
import type { MemoKey } from "@reckon/engine";
import { Column, encodeCanonical } from "@reckon/value";

const costMs = 60_000;
const cells = 200;

function keyOf(i: number): MemoKey {
  return { name: `n${i % 10}`, parts: [{ name: "i", bytes: encodeCanonical(i) }] };
}

function columnOf(i: number): Column {
  const column = new Column({ outer: 1, periods: cells });
  for (let cell = 0; cell < cells; cell++) column.set(cell, i + cell / cells);
  return column;
}

async function run(mode: string, path: string, from: number, to: number): Promise<void> {
  const notices: CacheNotice[] = [];
  const onNotice = (notice: CacheNotice): void => void notices.push(notice);
  const store = createMemoStore({ disk: { path, bytesMax: 1e9 }, settings: null, onNotice });
  let hits = 0;
  for (let i = from; i < to; i++) {
    const found = await store.get(keyOf(i));
    if (found !== undefined) {
      hits++;
      const right = columnOf(i);
      for (let cell = 0; cell < cells; cell++) {
        if (!Object.is(found.get(cell), right.get(cell))) throw new Error(`${i} came back wrong`);
      }
    } else await store.put(keyOf(i), columnOf(i), costMs);
    if (i % 10 === 9) await store.flush();
    if (mode === "forever" && i % 10 === 9) process.stdout.write(`${i}\n`);
  }
  await store.close();
  process.stdout.write(`${JSON.stringify({ hits, notices: notices.map(({ code }) => code) })}\n`);
}

const [mode = "", path = "", from = "0", to = "Infinity"] = process.argv.slice(2);
if (mode === "read" && process.getuid?.() === 0) {
  // Root may do anything: as nobody in particular it is told what others are.
  process.setgid?.(65534);
  process.setuid?.(65534);
}
await run(mode, path, Number(from), Number(to));
