/** Tests of a cluster over both servers, each test with a queue and workers of its own. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Scene } from "./cluster-scene.ts";
import { missingFor, startPostgres, startRedis, type TestServer } from "./servers.ts";

export interface AtServer {
  readonly kind: "redis" | "postgres";
  /** From the first hook on. */
  readonly server: TestServer;
  /** That of the test. */
  readonly scene: Scene;
}

/** Scenes of one file have `prefix` in the names of their queues. */
export function overBothServers(
  title: string,
  { prefix, timeoutMs }: { readonly prefix: string; readonly timeoutMs: number },
  tests: (at: AtServer) => void,
): void {
  describe.each([
    ["redis", startRedis],
    ["postgres", startPostgres],
  ] as const)(`${title} on %s`, (kind, start) => {
    const missing = missingFor(kind);

    it("has its server on a build server", () => {
      if (process.env.CI === "true") expect(missing).toBeUndefined();
    });

    // Skipped where the server is not installed; .ci/run installs it.
    describe.skipIf(missing !== undefined)("with a server", { timeout: timeoutMs }, () => {
      let server: TestServer;
      let scene: Scene;
      let scenes = 0;

      beforeAll(async () => {
        server = await start();
      });
      afterAll(() => server.end());
      beforeEach(async () => {
        scenes += 1;
        scene = await Scene.open(server, `${prefix}_${scenes}`);
      });
      afterEach(() => scene.close());

      tests({
        kind,
        get server() {
          return server;
        },
        get scene() {
          return scene;
        },
      });
    });
  });
}
