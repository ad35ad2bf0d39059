/**
 * Servers for queues, each of its own on a free port, in a temporary folder. They end with their input, so with this process at
 * the latest. PostgreSQL refuses to run as root: then it is `postgres` or `nobody` who runs it.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface QueueServer {
  readonly url: string;
  readonly end: () => Promise<void>;
}

/** Rejects where `redis-server` is not installed. Keeps everything in memory. */
export async function startRedis(): Promise<QueueServer> {
  const port = await freePort();
  const options = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  const shell = await started(["redis-server", ...options], /Ready to accept connections/);
  return { url: `redis://127.0.0.1:${port}`, end: () => ended(shell) };
}

/** Rejects where PostgreSQL is not installed. Does not wait for the disk. */
export async function startPostgres(): Promise<QueueServer> {
  const port = await freePort();
  const user = unprivilegedUser();
  const folder = mkdtempSync(join(tmpdir(), "reckon-bench-postgres-"));
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const programs = postgresPrograms();
  const cluster = join(folder, "cluster");
  try {
    const init = ["-D", cluster, "-U", "reckon", "-A", "trust", "-N"];
    execFileSync(join(programs, "initdb"), init, { cwd: folder, stdio: "pipe", ...user });
    const settings = ["fsync=off", "listen_addresses=127.0.0.1", `unix_socket_directories=${folder}`];
    const command = [join(programs, "postgres"), "-D", cluster, "-p", String(port)];
    const shell = await started(
      [...command, ...settings.flatMap((setting) => ["-c", setting])],
      /ready to accept connections/,
      user,
    );
    const end = async (): Promise<void> => {
      await ended(shell);
      remove();
    };
    return { url: `postgres://reckon@127.0.0.1:${port}/postgres`, end };
  } catch (cause) {
    remove();
    throw cause;
  }
}

interface User {
  readonly uid: number;
  readonly gid: number;
}

/** The shell ends the server when its own input ends. */
const watched = 'exec 3<&0; "$@" 3<&- & server=$!; (cat <&3 >/dev/null; kill -s INT $server) & wait $server';

async function started(command: readonly string[], ready: RegExp, user?: User): Promise<ChildProcess> {
  const shell = spawn("sh", ["-c", watched, "sh", ...command], { stdio: "pipe", cwd: tmpdir(), ...user });
  let text = "";
  await new Promise<void>((resolve, reject) => {
    const read = (piece: Buffer): void => {
      text += piece.toString();
      if (ready.test(text)) resolve();
    };
    shell.stdout.on("data", read);
    shell.stderr.on("data", read);
    shell.once("exit", () => reject(new Error(`${command[0]} did not start: ${text.slice(-200)}`)));
  });
  return shell;
}

async function ended(shell: ChildProcess): Promise<void> {
  const gone = once(shell, "exit");
  shell.stdin?.end();
  await gone;
}

/** Where Debian puts them, the newest version; else on the path. */
function postgresPrograms(): string {
  const folder = "/usr/lib/postgresql";
  try {
    const versions = readdirSync(folder).sort((a, b) => Number(b) - Number(a));
    return join(folder, versions[0] ?? "", "bin");
  } catch {
    const initdb = execFileSync("sh", ["-c", "command -v initdb"], { encoding: "utf8" }).trim();
    return join(initdb, "..");
  }
}

function unprivilegedUser(): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const [uid, gid] = ["-u", "-g"].map((what) => {
    const ask = `id ${what} postgres 2>/dev/null || id ${what} nobody`;
    return Number(execFileSync("sh", ["-c", ask], { encoding: "utf8" }));
  });
  return { uid: uid as number, gid: gid as number };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}
