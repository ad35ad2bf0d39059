/** `reckon cache` and `reckon run` on a real Redis and a real PostgreSQL, as users of several machines have them. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { missingFor, startPostgres, startRedis, statement, type TestServer } from "../contracts/servers.ts";
import { Place } from "./command-line.ts";

const model = `model plant
use "./strain.js" as f
time year 2026..2029
block plant by year
  input load = [1, 2, 3, 4]
  strain = f.strain(load) heavy
  total  = strain * 2
`;
const strain = `export function strain(load) {
  let sum = load;
  for (let i = 1; i < 500_000; i++) sum += Math.sin(sum + i) / i;
  return sum;
}
`;
const files = { "plant.reckon": model, "strain.js": strain };

interface Printed {
  readonly attributes: unknown;
  readonly stats: { readonly dispatched: number; readonly hits: { readonly shared: number } };
}

describe.each([
  ["redis", startRedis],
  ["postgres", startPostgres],
] as const)("a cache on %s", (kind, start) => {
  const missing = missingFor(kind);

  it("has its server on a build server", () => {
    if (process.env.CI === "true") expect(missing).toBeUndefined();
  });

  // Skipped where the server is not installed; .ci/run installs it.
  describe.skipIf(missing !== undefined)("with a server", () => {
    let server: TestServer;
    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server.end());

    const secret = { env: { RECKON_CACHE_SECRET: "word" } };
    const ran = (place: Place, ...more: string[]): Printed =>
      place.json(
        ["run", "plant.reckon", "--allow-modules", "--json", "--stats", "--cache", server.url, ...more],
        secret,
      ) as Printed;
    const cache = (place: Place, ...args: string[]) =>
      place.reckon(["cache", ...args, "--cache", server.url], secret);
    const cacheJson = (place: Place, ...args: string[]): unknown =>
      JSON.parse(cache(place, ...args, "--json").stdout) as unknown;

    it("[CL72] [CL76] [ME24] [ME25] what one machine has computed another finds; it is told of, checked and forgotten", () => {
      const one = new Place(files);
      const first = ran(one);
      expect(first.stats).toMatchObject({ dispatched: 4, hits: { shared: 0 } });
      // Another folder and another user's cache folder: only the server is shared.
      const other = new Place(files);
      const second = ran(other);
      expect(second.stats.dispatched).toBe(0);
      expect(second.stats.hits.shared).toBeGreaterThan(0);
      expect(second.attributes).toEqual(first.attributes);
      const stranger = new Place(files);
      const args = ["run", "plant.reckon", "--allow-modules", "--json", "--stats", "--cache", server.url];
      const theirs = stranger.json(args, { env: { RECKON_CACHE_SECRET: "another" } }) as Printed;
      expect(theirs).toMatchObject({ stats: { dispatched: 4, hits: { shared: 0 } } });
      expect(theirs.attributes).toEqual(first.attributes);
      ran(one, "--set", "plant.load[2027]=9");

      const place = server.url.replace(/\/\/.*@/, "//");
      const told = cache(other, "stats");
      expect(told.stdout).toMatch(/\ndisk +\d+ +[\d.]+ k?B {2}on, /);
      expect(told.stdout).toMatch(/\nshared +\d+ +[\d.]+ k?B {2}on, /);
      expect(told.stdout).toContain(`on, ${place}\n`);
      // Whoever reads it over a shoulder learns no password.
      expect(`${told.stdout}${told.stderr}`).not.toContain("right");
      const stats = cacheJson(other, "stats") as { shared: { entries: number } };
      expect(stats.shared).toMatchObject({ place, state: "on", entries: expect.any(Number) });
      expect(stats.shared.entries).toBeGreaterThanOrEqual(5);
      expect(cacheJson(one, "why-miss", "plant.strain")).toMatchObject({
        attribute: "plant.strain",
        misses: [{ reason: { kind: "differs", parts: ["plant.load"] } }, { reason: { kind: "differs" } }],
      });
      const verified = cache(other, "verify");
      expect([verified.code, verified.stdout]).toEqual([0, expect.stringContaining("all are sound")]);
      expect(cache(other, "clear", "--tier", "shared").stdout).toMatch(/^removed \d+ entries\n$/);
      expect(cacheJson(other, "stats")).toMatchObject({ shared: { entries: 0 } });
      expect(ran(new Place(files)).stats).toMatchObject({ dispatched: 4, hits: { shared: 0 } });
    });

    if (kind === "postgres")
      it("[CL76] [ME6] [ME20] entries that were damaged there are told of, removed, and computed anew", () => {
        const place = new Place(files);
        cache(place, "clear");
        const first = ran(place);
        const total = Number(statement(server, "SELECT count(*) FROM reckon_memo"));
        expect(total).toBeGreaterThanOrEqual(4);
        // The last byte before the signature belongs to the checksum: without a secret nothing else guards it.
        statement(
          server,
          "UPDATE reckon_memo SET value = set_byte(value, length(value) - 33, 255 - get_byte(value, length(value) - 33))",
        );
        const reader = new Place(files);
        const unsigned = { env: { RECKON_CACHE_SECRET: undefined } };
        const verified = reader.reckon(["cache", "verify", "--cache", server.url], unsigned);
        expect([verified.code, verified.stdout]).toEqual([
          1,
          `read ${total} of ${total} entries: ${total} were damaged, and are removed\n`,
        ]);
        expect(statement(server, "SELECT count(*) FROM reckon_memo")).toBe("0");
        expect(ran(reader)).toMatchObject({ attributes: first.attributes, stats: { dispatched: 4 } });
      });

    it("[CL73] [ME26] [ME28] a server that has gone is told of once, and everything is right", async () => {
      const place = new Place(files);
      const args = ["plant.reckon", "--allow-modules", "--csv"];
      const right = place.reckon(["run", ...args, "--cache", "off"]);
      await server.stop();
      const { code, stdout, stderr } = place.reckon(["run", ...args, "--cache", server.url], secret);
      expect([code, stdout]).toEqual([0, right.stdout]);
      expect(stderr).toMatch(/^reckon: The cache server 127\.0\.0\.1:\d+ does not answer: [^\n]*\n$/);
      const told = cache(place, "stats");
      expect([told.code, told.stdout]).toEqual([
        0,
        expect.stringMatching(/\nshared +\? +\? {2}tried again later, /),
      ]);
      await server.start();
    });
  });
});
