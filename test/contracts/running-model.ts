/** Processes that open a model (model-process.ts), and what they answer. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { ModelAnswer, ModelProcess } from "./model-process.ts";

const program = fileURLToPath(new URL("./model-process.ts", import.meta.url));

export class RunningModel {
  /** What it said beside its answers. */
  messages = "";
  readonly child: ChildProcess;
  private readonly closed: Promise<number | null>;
  private readonly lines: AsyncIterator<string>;

  constructor(request: ModelProcess, env: Readonly<Record<string, string>> = {}) {
    const args = ["--conditions=@reckon/source", program, JSON.stringify(request)];
    this.child = spawn(process.execPath, args, {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, ...env },
    });
    this.child.stderr?.on("data", (piece) => {
      this.messages += String(piece);
    });
    this.closed = new Promise((resolve) => this.child.on("close", resolve));
    this.lines = createInterface({ input: this.child.stdout as NodeJS.ReadableStream })[
      Symbol.asyncIterator
    ]();
  }

  ask(): void {
    this.child.stdin?.write("run\n");
  }

  async answer(): Promise<ModelAnswer> {
    const { value, done } = await this.lines.next();
    if (done === true) throw new Error(`it ended before it answered: ${this.messages}`);
    return JSON.parse(value as string) as ModelAnswer;
  }

  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.closed;
  }

  /** By itself, once nobody asks any more. */
  async end(): Promise<number | null> {
    this.child.stdin?.end();
    return this.closed;
  }
}
