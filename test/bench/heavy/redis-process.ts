/** A Redis of its own on a free port, in memory alone. It ends with its input, so with this process at the latest. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";

export interface RedisProcess {
  readonly url: string;
  readonly end: () => Promise<void>;
}

/** Rejects where `redis-server` is not installed. */
export async function startRedis(): Promise<RedisProcess> {
  const port = await freePort();
  const options = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  // The shell ends the server when its own input ends.
  const script = 'redis-server "$@" </dev/null & server=$!; cat >/dev/null; kill $server; wait $server';
  const shell = spawn("sh", ["-c", script, "sh", ...options], { stdio: ["pipe", "pipe", "pipe"] });
  const ended = once(shell, "exit");
  const isReady = new Promise<void>((resolve, reject) => {
    let text = "";
    const read = (piece: Buffer): void => {
      text += piece.toString();
      if (text.includes("Ready to accept connections")) resolve();
      if (/not found/.test(text)) reject(new Error("redis-server is not installed"));
    };
    shell.stdout.on("data", read);
    shell.stderr.on("data", read);
    void ended.then(() => reject(new Error(`redis-server has ended: ${text.slice(-200)}`)));
  });
  const end = async (): Promise<void> => {
    shell.stdin.end();
    await ended;
  };
  try {
    await isReady;
  } catch (cause) {
    await end();
    throw cause;
  }
  return { url: `redis://127.0.0.1:${port}`, end };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}
