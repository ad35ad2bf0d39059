/** Where the queue is: which kind of server, how to connect, and how to call it without user and password. */
import { BatchError } from "@reckon/batch";

export interface ServerAddress {
  readonly kind: "redis" | "postgres";
  /** As given; may hold a password, so it is neither printed nor kept. */
  readonly url: string;
  /** `redis://host:6379`: for messages. */
  readonly shown: string;
}

const kinds: Readonly<Record<string, ServerAddress["kind"]>> = {
  "redis:": "redis",
  "rediss:": "redis",
  "postgres:": "postgres",
  "postgresql:": "postgres",
};

const ports: Readonly<Record<ServerAddress["kind"], string>> = { redis: "6379", postgres: "5432" };

/** Throws `BatchError` for an address of another kind, or none; it is not repeated. */
export function serverAddress(url: string): ServerAddress {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  // A password that was not encoded ends the host where it should not: what stands there then is a part of it.
  const isBroken =
    parsed === undefined
      ? /^[a-z]+:\/\/.*@/i.test(url)
      : parsed.hash !== "" || /@/.test(parsed.pathname + parsed.search);
  if (isBroken) {
    throw new BatchError(
      "queue",
      "the queue's address cannot be read: in its user and password write # as %23, / as %2F, ? as %3F and @ as %40 (a queue is given as redis://…, rediss://… or postgres://…)",
    );
  }
  const kind = parsed === undefined ? undefined : kinds[parsed.protocol];
  if (parsed === undefined || kind === undefined) {
    throw new BatchError("queue", "a queue is given as redis://…, rediss://… or postgres://…");
  }
  // What one client would read from it, and another not, is nothing.
  if (kind === "redis" && (parsed.search !== "" || !/^\/?\d*$/.test(parsed.pathname))) {
    throw new BatchError(
      "queue",
      "the queue's address has what Reckon does not read: behind the host of a Redis stands the number of its database and nothing else, as in redis://host:6379/2",
    );
  }
  const host = parsed.hostname === "" ? "localhost" : parsed.hostname;
  const port = parsed.port === "" ? ports[kind] : parsed.port;
  return { kind, url, shown: `${parsed.protocol}//${host}:${port}` };
}

/** The parts of a Redis URL, for all that connects to it. */
export function urlParts(url: string): Readonly<Record<string, unknown>> {
  const { protocol, hostname, port, username, password, pathname } = new URL(url);
  return {
    host: hostname === "" ? "localhost" : hostname.replace(/^\[|\]$/g, ""),
    port: Number(port || ports.redis),
    db: Number(pathname.slice(1)),
    ...(username === "" ? {} : { username: decodeURIComponent(username) }),
    ...(password === "" ? {} : { password: decodeURIComponent(password) }),
    ...(protocol === "rediss:" ? { tls: {} } : {}),
  };
}
