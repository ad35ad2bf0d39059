/**
 * Runs the real `reckon` in real processes, on the built program, in a folder of its own.
 *
 * Nothing here waits for a time: a long-running command is waited for by what it prints. The time limit is the test's.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

export const root: string = fileURLToPath(new URL("../..", import.meta.url));
export const program: string = join(root, "apps/cli/bin/reckon.js");

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** The command, with its first operands, that starts `reckon` in its own way. */
  readonly within?: readonly string[];
}

/** A folder with files, removed behind the test, and `reckon` in it. */
export class Place {
  readonly folder: string;

  constructor(files: Readonly<Record<string, string>> = {}) {
    this.folder = realpathSync(mkdtempSync(join(tmpdir(), "reckon-e2e-")));
    for (const [name, text] of Object.entries(files)) this.write(name, text);
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  /** A copy of an example of the documents. */
  static ofExample(name: string): Place {
    const place = new Place();
    cpSync(join(root, "docs/examples", name), place.folder, { recursive: true });
    return place;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
  }

  /** Runs to the end. */
  reckon(args: readonly string[], options: RunOptions = {}): Outcome {
    const [command, ...operands] = [...(options.within ?? []), process.execPath, program, ...args] as [
      string,
    ];
    const { status, signal, stdout, stderr } = spawnSync(command, operands, {
      cwd: options.cwd ?? this.folder,
      env: this.environment(options.env),
      input: options.input ?? "",
      encoding: "utf8",
      maxBuffer: 256 * 1024 * 1024,
    });
    return { code: status, signal, stdout, stderr };
  }

  /** Runs to the end; standard output as JSON. */
  json(args: readonly string[], options: RunOptions = {}): unknown {
    const outcome = this.reckon(args, options);
    try {
      return JSON.parse(outcome.stdout) as unknown;
    } catch {
      throw new Error(`no JSON (exit code ${outcome.code}):\n${outcome.stdout}\n${outcome.stderr}`);
    }
  }

  /** Starts a command that goes on until it is ended; it is ended behind the test at the latest. */
  start(args: readonly string[], options: RunOptions = {}): Running {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: options.cwd ?? this.folder,
      env: this.environment(options.env),
      stdio: ["ignore", "pipe", "pipe"],
    });
    const running = new Running(child);
    onTestFinished(() => running.end("SIGKILL").then(() => undefined));
    return running;
  }

  environment(more: RunOptions["env"] = {}): NodeJS.ProcessEnv {
    const folders = {
      XDG_CONFIG_HOME: this.path(".config"),
      XDG_CACHE_HOME: this.path(".cache"),
      XDG_DATA_HOME: this.path(".data"),
    };
    const env: NodeJS.ProcessEnv = { ...process.env, ...folders, ...more };
    // What the test runner sets for itself says nothing about a user's shell.
    for (const name of ["FORCE_COLOR", "NODE_OPTIONS", "COLUMNS", "npm_command", "INIT_CWD", "NODE_ENV"]) {
      if (!(name in more)) delete env[name];
    }
    return env;
  }
}

/** A command that is still running. */
export class Running {
  private readonly child: ChildProcess;
  private readonly ended: Promise<Outcome>;
  private out = "";
  private err = "";
  /** How far the waits have read. */
  private outTaken = 0;
  private errTaken = 0;
  private wake: () => void = () => {};
  private hasEnded = false;

  constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.setEncoding("utf8").on("data", (piece: string) => {
      this.out += piece;
      this.wake();
    });
    child.stderr?.setEncoding("utf8").on("data", (piece: string) => {
      this.err += piece;
      this.wake();
    });
    this.ended = new Promise((resolve) => {
      child.on("close", (code, signal) => {
        this.hasEnded = true;
        this.wake();
        resolve({ code, signal, stdout: this.out, stderr: this.err });
      });
    });
  }

  get pid(): number {
    return this.child.pid as number;
  }

  /** The text on standard output since the last wait, up to and including `mark`. */
  async output(mark: string | RegExp): Promise<string> {
    const at = await this.until(() => find(this.out, this.outTaken, mark), mark);
    const text = this.out.slice(this.outTaken, at);
    this.outTaken = at;
    return text;
  }

  /** Likewise on standard error. */
  async message(mark: string | RegExp): Promise<string> {
    const at = await this.until(() => find(this.err, this.errTaken, mark), mark);
    const text = this.err.slice(this.errTaken, at);
    this.errTaken = at;
    return text;
  }

  /** All of standard output so far. */
  get stdout(): string {
    return this.out;
  }

  async end(signal: NodeJS.Signals): Promise<Outcome> {
    if (!this.hasEnded) this.child.kill(signal);
    return this.ended;
  }

  closeOutput(): void {
    this.child.stdout?.destroy();
  }

  wait(): Promise<Outcome> {
    return this.ended;
  }

  private async until(look: () => number | undefined, mark: string | RegExp): Promise<number> {
    for (;;) {
      const at = look();
      if (at !== undefined) return at;
      if (this.hasEnded) throw new Error(`ended without ${mark}:\n${this.out}\n${this.err}`);
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }
}

function find(text: string, from: number, mark: string | RegExp): number | undefined {
  if (typeof mark === "string") {
    const at = text.indexOf(mark, from);
    return at < 0 ? undefined : at + mark.length;
  }
  const match = mark.exec(text.slice(from));
  return match === null ? undefined : from + match.index + match[0].length;
}
