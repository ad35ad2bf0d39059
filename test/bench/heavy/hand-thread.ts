/** What a thread by hand runs: a function of a module, for one number after another. */
import { parentPort, workerData } from "node:worker_threads";

const { module, name } = workerData as { readonly module: string; readonly name: string };
const { [name]: compute } = (await import(module)) as Record<string, (size: number) => number>;
if (parentPort === null || compute === undefined) throw new Error(`${name} of ${module} runs on a thread`);
const port = parentPort;
port.on("message", (size: number) => port.postMessage(compute(size)));
