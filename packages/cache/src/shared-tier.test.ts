import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { CacheNotice, SharedOptions } from "./api.ts";
import type { StoredKey } from "./content-key.ts";
import { Notices } from "./notices.ts";
import type { ServerClient } from "./server-client.ts";
import { connectFor } from "./server-kind.ts";
import { SharedTier } from "./shared-tier.ts";

function keyOf(i: number): StoredKey {
  const bytes = createHash("sha256").update(String(i)).digest();
  return { bytes, text: bytes.toString("hex") };
}

/** A server of our own, whose calls are listed, and which can be told to fail. */
class FakeServer {
  readonly held = new Map<string, Uint8Array>();
  readonly calls: string[] = [];
  connections = 0;
  fails: (call: string) => Error | "never" | undefined = () => undefined;

  readonly connect = async (): Promise<ServerClient> => {
    await this.called("connect");
    this.connections++;
    return {
      getMany: async (keys) => {
        await this.called(`get ${keys.length}`);
        return keys.map(({ text }) => this.held.get(text));
      },
      setMany: async (entries) => {
        await this.called(`set ${entries.length}`);
        for (const { key, frame } of entries) this.held.set(key.text, frame);
      },
      removeMany: async (keys) => {
        await this.called(`remove ${keys.length}`);
        for (const { text } of keys) this.held.delete(text);
      },
      survey: async () => ({ entries: this.held.size, bytes: 0 }),
      sample: async () => [],
      clear: async () => 0,
      close: async () => void this.calls.push("close"),
    };
  };

  private async called(call: string): Promise<void> {
    this.calls.push(call);
    const failure = this.fails(call);
    if (failure === "never") await new Promise(() => undefined);
    else if (failure !== undefined) throw failure;
  }
}

function open(server: FakeServer, options: Partial<SharedOptions> = {}) {
  const notices: CacheNotice[] = [];
  const clock = { ms: 1_000_000 };
  const shared = { url: "redis://:word@host:1234", connectTimeoutMs: 20, commandTimeoutMs: 20, ...options };
  const tier = new SharedTier(
    shared,
    server.connect,
    () => clock.ms,
    new Notices((notice) => notices.push(notice)),
  );
  return { tier, notices, clock };
}

function write(tier: SharedTier, i: number, size = 4): void {
  tier.write({ key: keyOf(i), name: "n", costMs: 1, frame: new Uint8Array(size).fill(i) });
}

const read = async (tier: SharedTier, ...keys: number[]): Promise<(number | undefined)[]> =>
  (await tier.read(keys.map(keyOf))).map((frame) => frame?.[0]);

describe("batches", () => {
  it("[ME24] look-ups of one turn travel together, each key once", async () => {
    const server = new FakeServer();
    server.held.set(keyOf(2).text, Uint8Array.of(2));
    const { tier } = open(server);
    const answers = await Promise.all([read(tier, 1, 2), read(tier, 2, 3), read(tier, 2)]);
    expect(answers).toEqual([[undefined, 2], [2, undefined], [2]]);
    expect(server.calls).toEqual(["connect", "get 3"]);
    await read(tier, 4);
    expect(server.calls).toEqual(["connect", "get 3", "get 1"]);
    await tier.close();
  });

  it("[ME24] what is put is found at once, and written in batches", async () => {
    const server = new FakeServer();
    const { tier } = open(server);
    for (let i = 0; i < 1200; i++) write(tier, i % 1100);
    expect(tier.read([keyOf(1), keyOf(2)])).not.toBeInstanceOf(Promise);
    expect(await read(tier, 1, 2)).toEqual([1, 2]);
    expect(server.calls).toEqual([]);
    await tier.flush();
    expect(server.calls).toEqual(["connect", "set 500", "set 500", "set 100"]);
    expect(server.held.size).toBe(1100);
    for (let i = 0; i < 3; i++) write(tier, i, 3 << 20);
    tier.remove(keyOf(1));
    expect(await read(tier, 1)).toEqual([undefined]);
    await tier.flush();
    expect(server.calls.slice(4)).toEqual(["remove 1", "set 1", "set 1"]);
    await tier.close();
    expect(server.calls.at(-1)).toBe("close");
  });
});

it("[ME19] what is removed stays a miss until the server has removed it", async () => {
  const server = new FakeServer();
  server.held.set(keyOf(1).text, Uint8Array.of(1));
  const { tier, clock } = open(server);
  server.fails = (call) => (call.startsWith("remove") ? new Error("gone") : undefined);
  tier.remove(keyOf(1));
  await tier.flush();
  expect(tier.state).toBe("waiting");
  clock.ms += 1000;
  expect(await read(tier, 1)).toEqual([undefined]);
  server.fails = () => undefined;
  await tier.flush();
  expect([server.held.size, await read(tier, 1)]).toEqual([0, [undefined]]);
  server.held.set(keyOf(1).text, Uint8Array.of(1));
  expect(await read(tier, 1)).toEqual([1]);
  await tier.close();
});

describe("trouble", () => {
  it("[ME26] a server that never answers is a miss in time, and left alone for longer and longer", async () => {
    const server = new FakeServer();
    server.fails = (call) => (call.startsWith("get") ? "never" : undefined);
    const { tier, notices, clock } = open(server);
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) {
      expect(await read(tier, 1)).toEqual([undefined]);
      const before = clock.ms;
      while (tier.state === "waiting") clock.ms += 500;
      waits.push(clock.ms - before);
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
    expect(notices).toMatchObject([{ code: "unreachable", message: expect.stringContaining("host:1234") }]);
    server.fails = () => undefined;
    server.held.set(keyOf(1).text, Uint8Array.of(1));
    expect([await read(tier, 1), tier.state]).toEqual([[1], "on"]);
    server.fails = () => "never";
    await read(tier, 2);
    clock.ms += 1000;
    expect([tier.state, notices.length]).toEqual(["on", 1]);
    server.fails = () => undefined;
    await tier.close();
  });

  it("[ME26] while it waits nothing is asked, and what is put is let go", async () => {
    const server = new FakeServer();
    server.fails = () => new Error("gone");
    const { tier } = open(server);
    await read(tier, 1);
    const { length } = server.calls;
    expect(tier.read([keyOf(1)])).toEqual([undefined]);
    write(tier, 1);
    await tier.flush();
    expect([server.calls.length, tier.counts.puts]).toEqual([length, 0]);
    await tier.close();
  });

  it("[ME26] many who wait for one connection are one trouble", async () => {
    const server = new FakeServer();
    server.fails = () => new Error("gone");
    const { tier, clock } = open(server);
    write(tier, 9);
    await Promise.all([read(tier, 1), tier.flush(), tier.survey()]);
    clock.ms += 1000;
    expect(tier.state).toBe("on");
    await tier.close();
  });

  it.each([
    ["full", new Error("OOM command not allowed when used memory > 'maxmemory'.")],
    ["full", Object.assign(new Error("disk"), { code: "53100" })],
    ["read-only", new Error("READONLY You can't write against a read only replica.")],
    ["read-only", Object.assign(new Error("cannot execute INSERT"), { code: "25006" })],
  ])("[ME26] %s: told once, read on, written again later", async (code, error) => {
    const server = new FakeServer();
    server.held.set(keyOf(1).text, Uint8Array.of(1));
    server.fails = (call) => (call.startsWith("set") ? error : undefined);
    const { tier, notices, clock } = open(server);
    write(tier, 2);
    await tier.flush();
    expect([await read(tier, 1, 2), tier.state]).toEqual([[1, undefined], "waiting"]);
    expect(notices.map((notice) => notice.code)).toEqual([code]);
    server.fails = () => undefined;
    clock.ms += 1000;
    write(tier, 2);
    await tier.flush();
    expect([await read(tier, 2), server.connections]).toEqual([[2], 1]);
    await tier.close();
  });

  it.each([
    [
      "untrusted",
      Object.assign(new Error("self-signed certificate"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" }),
    ],
    ["untrusted", Object.assign(new Error("certificate has expired"), { code: "CERT_HAS_EXPIRED" })],
    ["refused", new Error("NOAUTH Authentication required.")],
    ["refused", new Error("WRONGPASS invalid username-password pair or user is disabled.")],
    ["refused", Object.assign(new Error("password authentication failed"), { code: "28P01" })],
    ["refused", Object.assign(new Error('database "x" does not exist'), { code: "3D000" })],
    ["refused", Object.assign(new Error("permission denied for schema public"), { code: "42501" })],
  ])("[ME27] %s, %s: the tier is off, told once", async (code, error) => {
    const server = new FakeServer();
    server.fails = () => error;
    const { tier, notices } = open(server);
    await read(tier, 1);
    await read(tier, 2);
    expect([tier.state, server.calls.length]).toEqual(["off", 1]);
    expect(notices).toMatchObject([{ code }]);
    expect(notices[0]?.message).not.toContain("word@");
    await tier.close();
  });
});

it.each([
  ["unusable", new Error("MOVED 3999 127.0.0.1:6381")],
  ["unusable", new Error("ERR unknown command 'MGET'")],
  ["unusable", Object.assign(new Error("no such column"), { code: "42703" })],
  ["unreachable", new Error("LOADING Redis is loading the dataset in memory")],
  ["unreachable", Object.assign(new Error("the database system is starting up"), { code: "57P03" })],
  ["unreachable", Object.assign(new Error("connect"), { code: "ECONNREFUSED" })],
  ["unreachable", Object.assign(new Error("a broken pipe"), { code: "EPIPE" })],
  ["unreachable", new Error("Command timed out")],
])("[ME26] %s: %s", async (code, error) => {
  const server = new FakeServer();
  server.fails = () => error;
  const { tier, notices } = open(server);
  await read(tier, 1);
  expect([notices.map((notice) => notice.code), tier.state]).toEqual([[code], "waiting"]);
  await tier.close();
});

it("[ME25] an empty secret is misuse", () => {
  expect(() => open(new FakeServer(), { secret: "" })).toThrow(/protects nothing/);
});

it("[ME27] a URL of an unknown kind, or none, is misuse, and is not repeated", () => {
  for (const url of ["mysql://a:word@b", "word", "", "http://word"]) {
    expect(() => connectFor(url)).toThrow(/^a cache server is given as/);
  }
});
