/**
 * Real servers for tests: a Redis and a PostgreSQL of their own, on free ports, in a temporary folder.
 *
 *   1. The programs are looked for on the path, and where Debian puts PostgreSQL's. What is missing is said.
 *   2. A server runs under a shell that ends it as soon as its input ends: however this process goes, the server goes.
 *   3. PostgreSQL refuses to run as root; then it runs as `postgres` or `nobody`.
 *
 * Where a program is missing the tests are skipped, and on a build server (`CI`) that is a failure.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { accessSync, chownSync, constants, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const password = "right";
const postgresFolder = "/usr/lib/postgresql";

export interface TestServer {
  /** With user and password. */
  readonly url: string;
  /** The same with a wrong password. */
  readonly wrongUrl: string;
  /** Ends it; what it holds is kept for `start`. */
  readonly stop: () => Promise<void>;
  /** Starts it again, at the same port. */
  readonly start: () => Promise<void>;
  /** Ends it and removes its folder. */
  readonly end: () => Promise<void>;
}

/** What is missing for a server, in words; `undefined` if nothing is. */
export function missingFor(server: "redis" | "postgres"): string | undefined {
  const programs = server === "redis" ? ["redis-server"] : ["initdb", "postgres", "psql"];
  const missing = programs.filter((program) => programPath(program) === undefined);
  return missing.length === 0 ? undefined : `not installed: ${missing.join(", ")}`;
}

export async function startRedis(): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), "reckon-redis-"));
  const port = await freePort();
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--requirepass", password];
  const server = new ServerProcess({
    command: [programPath("redis-server") as string, ...args, "--save", "", "--appendonly", "no"],
    ready: /Ready to accept connections/,
    user: undefined,
  });
  await server.start();
  return testServer(server, folder, (word) => `redis://:${word}@127.0.0.1:${port}/0`);
}

export async function startPostgres(): Promise<TestServer> {
  const user = unprivilegedUser();
  const folder = mkdtempSync(join(tmpdir(), "reckon-postgres-"));
  const [words, cluster] = [join(folder, "password"), join(folder, "cluster")];
  writeFileSync(words, password);
  if (user !== undefined) for (const path of [folder, words]) chownSync(path, user.uid, user.gid);
  const init = ["-D", cluster, "-U", "reckon", `--pwfile=${words}`, "-A", "scram-sha-256", "-N"];
  execFileSync(programPath("initdb") as string, init, { cwd: folder, stdio: "pipe", ...user });
  const port = await freePort();
  const settings = ["fsync=off", "listen_addresses=127.0.0.1", `unix_socket_directories=${folder}`];
  const options = settings.flatMap((setting) => ["-c", setting]);
  const server = new ServerProcess({
    command: [programPath("postgres") as string, "-D", cluster, "-p", String(port), ...options],
    ready: /ready to accept connections/,
    user,
  });
  await server.start();
  return testServer(server, folder, (word) => `postgres://reckon:${word}@127.0.0.1:${port}/postgres`);
}

/** Has a PostgreSQL do what a statement says; what it prints. */
export function statement({ url }: TestServer, sql: string): string {
  return execFileSync(programPath("psql") as string, [url, "-At", "-c", sql], { encoding: "utf8" }).trim();
}

/** Has a Redis do what a command says; what it answers. */
export async function redisCommand({ url }: TestServer, command: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let answer = "";
  socket.on("data", (piece) => {
    answer += String(piece);
  });
  socket.end(`AUTH ${password}\r\n${command}\r\nQUIT\r\n`);
  await new Promise((resolve, reject) => socket.on("close", resolve).on("error", reject));
  return answer;
}

function testServer(server: ServerProcess, folder: string, urlWith: (word: string) => string): TestServer {
  return {
    url: urlWith(password),
    wrongUrl: urlWith("wrong"),
    stop: () => server.stop(),
    start: () => server.start(),
    end: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface User {
  readonly uid: number;
  readonly gid: number;
}

interface ServerCommand {
  readonly command: readonly string[];
  /** What it prints when it can be used. */
  readonly ready: RegExp;
  readonly user: User | undefined;
}

/** The server in the background; a second process that waits for the end of the input, and then ends the server. */
const watched = 'exec 3<&0; "$@" 3<&- & server=$!; (cat <&3 >/dev/null; kill -s INT $server) & wait $server';

class ServerProcess {
  private readonly made: ServerCommand;
  private shell: ChildProcess | undefined;

  constructor(made: ServerCommand) {
    this.made = made;
  }

  async start(): Promise<void> {
    const { command, ready, user } = this.made;
    const shell = spawn("sh", ["-c", watched, "sh", ...command], { stdio: "pipe", cwd: tmpdir(), ...user });
    this.shell = shell;
    let printed = "";
    await new Promise<void>((resolve, reject) => {
      const read = (piece: Buffer): void => {
        printed += piece.toString();
        if (ready.test(printed)) resolve();
      };
      shell.stdout.on("data", read);
      shell.stderr.on("data", read);
      shell.on("error", reject);
      shell.on("exit", () => reject(new Error(`${command[0]} did not start:\n${printed}`)));
    });
  }

  async stop(): Promise<void> {
    const { shell } = this;
    this.shell = undefined;
    if (shell === undefined || shell.exitCode !== null) return;
    const ended = new Promise((resolve) => shell.on("exit", resolve));
    shell.stdin?.end();
    await ended;
  }
}

function programPath(name: string): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return [...folders, ...postgresFolders()].map((folder) => join(folder, name)).find(isProgram);
}

function postgresFolders(): string[] {
  try {
    return readdirSync(postgresFolder).map((version) => join(postgresFolder, version, "bin"));
  } catch {
    return [];
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whom PostgreSQL runs as when we are root. */
function unprivilegedUser(): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  return userCalled("postgres") ?? userCalled("nobody");
}

function userCalled(name: string): User | undefined {
  try {
    const [uid, gid] = ["-u", "-g"].map((what) =>
      Number(execFileSync("id", [what, name], { stdio: "pipe" })),
    );
    return { uid: uid as number, gid: gid as number };
  } catch {
    return undefined;
  }
}

/** A port that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve, reject) => {
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address !== null && typeof address === "object") resolve(address.port);
    });
  });
  await new Promise((resolve) => server.close(resolve));
  return port;
}
