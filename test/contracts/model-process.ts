/**
 * A process that opens a model with threads and a cache, started by tests.
 *
 *   node model-process.ts '{ "model": "m.reckon", "threads": 2, "cache": "reckon.sqlite", "folder": "…" }'
 *
 * It opens the model once for each line of its input, in a runtime of its own, and prints one line a time: the text it
 * opened, all cells as `exactly` has them, what was counted, what was told. Then it comes to its end by itself.
 */
import { existsSync, readdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { createRuntime, loadSheet } from "@reckon/host";
import { exactly } from "../properties/exact-cells.ts";

export interface ModelProcess {
  readonly model: string;
  readonly threads: number;
  readonly cache: string;
  /** In the place of the user's cache folder. */
  readonly folder: string;
}

export interface ModelAnswer {
  readonly text: string;
  readonly problem?: string;
  readonly cells: Readonly<Record<string, readonly string[]>>;
  readonly notices: readonly string[];
  readonly reused: number;
  readonly sent: number;
  /** Of the disk tier. */
  readonly hits: number;
  /** Of the process when all was closed, Node's own included; 0 where the system does not tell. */
  readonly threads: number;
}

async function answered({ model, threads, cache, folder }: ModelProcess): Promise<ModelAnswer> {
  const notices: string[] = [];
  const runtime = createRuntime({
    threads,
    cache,
    cacheFolder: folder,
    onNotice: (notice) => notices.push(notice),
  });
  const loaded = await loadSheet({ model, allowModules: true, runtime });
  if (!loaded.ok) {
    await runtime.close();
    const problem = loaded.problem ?? loaded.diagnostics.map(loaded.render).join("\n");
    return { text: "", problem, cells: {}, notices, reused: 0, sent: 0, hits: 0, threads: 0 };
  }
  const { sheet } = loaded;
  await sheet.settled();
  const cells: Record<string, string[]> = {};
  for (const id of sheet.model.attributes.keys()) {
    const column = sheet.column(id);
    cells[id] = Array.from({ length: column.length }, (_, i) => exactly(column.get(i)));
  }
  const text = sheet.text();
  loaded.dispose();
  const { calls, cache: kept } = runtime.stats();
  await runtime.close();
  const { reused, sent } = calls;
  return { text, cells, notices, reused, sent, hits: kept?.disk?.hits ?? 0, threads: threadsNow() };
}

function threadsNow(): number {
  return existsSync("/proc/self/task") ? readdirSync("/proc/self/task").length : 0;
}

const request = JSON.parse(process.argv[2] ?? "{}") as ModelProcess;
const print = (answer: ModelAnswer): void => void process.stdout.write(`${JSON.stringify(answer)}\n`);
for await (const _ of createInterface({ input: process.stdin })) print(await answered(request));
