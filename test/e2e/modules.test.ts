import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Place } from "./command-line.ts";

const model = 'model m\nuse "./rates.ts" as rates\nblock a\n  input x = 10\n  y = rates.scaled(x)\n';
const files = {
  "m.reckon": model,
  "rates.ts":
    'import { factor } from "./inner/factor.ts";\nexport function scaled(x: number): number {\n  return x * factor;\n}\n',
  "inner/factor.ts": "export const factor: number = 3;\n",
};
const value = (place: Place) =>
  (
    place.json(["run", "m.reckon", "--json", "--allow-modules"]) as {
      attributes: Record<string, { values: unknown }>;
    }
  ).attributes["a.y"]?.values;

/** A module that leaves a file behind when it is run. */
const telling = (name: string) =>
  `import { writeFileSync } from "node:fs";\nwriteFileSync(${JSON.stringify(name)}, "");\nexport const scaled = (x: number) => x;\n`;

describe("trust", () => {
  it.each([["run"], ["open"], ["why", "a.y"], ["diff", "base", "base"]])(
    "[CL38] %s does not run modules from a folder that was never trusted",
    (command, ...rest) => {
      const place = new Place(files);
      place.write("rates.ts", telling(place.path("was-run")));
      const outcome = place.reckon([command as string, "m.reckon", ...rest]);
      expect(outcome).toMatchObject({ code: 1, stdout: "" });
      expect(outcome.stderr).toContain("host/untrusted-module");
      expect(outcome.stderr).toContain("m.reckon:2:1");
      expect(outcome.stderr).toContain("--allow-modules");
      expect(existsSync(place.path("was-run"))).toBe(false);
    },
  );

  it("[CL38] watch does not run them either, at the start or when a save brings one", async () => {
    const place = new Place({ ...files, "m.reckon": "model m\nblock a\n  input x = 1\n" });
    place.write("rates.ts", telling(place.path("was-run")));
    const running = place.start(["watch", "m.reckon"]);
    await running.message("watching");
    place.write("m.reckon", model);
    await running.message("host/untrusted-module");
    await running.message("the last good values stay");
    await running.end("SIGTERM");
    expect(existsSync(place.path("was-run"))).toBe(false);
  });

  it.each([
    ["is not trusted", files["rates.ts"] as string, "host/untrusted-module", []],
    ["does not load", "export const scaled = (x) =>;\n", "host/module-failed", ["--allow-modules"]],
  ] as const)(
    "[CL38] [CL60] watch says once that a module %s, and that it waits",
    async (_, text, code, args) => {
      const place = new Place({ ...files, "rates.ts": text });
      const running = place.start(["watch", "m.reckon", ...args]);
      const first = await running.message(/watching .*\n/);
      expect(first).toContain(code);
      expect(first).toMatch(/watching m\.reckon, rates\.ts · waiting for the correction · Ctrl-C ends\n$/);
      // The next save is the next thing said: what was there from the beginning is not said again.
      place.write("m.reckon", "model m\nblock a\n  x = nothing\n");
      expect(await running.message("no attribute `nothing`")).not.toContain(code);
      place.write("m.reckon", "model m\nblock a\n  input x = 1\n");
      await running.output("— m.reckon · good again");
      await running.end("SIGTERM");
    },
  );

  it("[CL19] check runs no module", () => {
    const place = new Place(files);
    place.write("rates.ts", telling(place.path("was-run")));
    expect(place.reckon(["check", "m.reckon"])).toMatchObject({ code: 0 });
    expect(existsSync(place.path("was-run"))).toBe(false);
  });

  it("[CL39] --allow-modules runs them once and remembers nothing", () => {
    const place = new Place(files);
    expect(value(place)).toBe(30);
    expect(existsSync(place.path(".config"))).toBe(false);
    expect(place.reckon(["run", "m.reckon"])).toMatchObject({ code: 1 });
  });

  it("[CL39] a remembered folder runs its modules, and those below it", () => {
    const place = new Place({
      "deep/model/m.reckon": model,
      "deep/model/rates.ts": "export const scaled = (x) => x * 2;\n",
    });
    const trust = { version: 1, folders: { [place.path("deep")]: "trusted" } };
    place.write(".config/reckon/trust.json", JSON.stringify(trust));
    const trusted = place.reckon(["run", "deep/model/m.reckon", "--json"]);
    expect(trusted).toMatchObject({ code: 0, stderr: "" });
    place.write(
      ".config/reckon/trust.json",
      JSON.stringify({ ...trust, folders: { ...trust.folders, [place.path("deep/model")]: "refused" } }),
    );
    expect(place.reckon(["run", "deep/model/m.reckon"])).toMatchObject({ code: 1 });
  });
});

describe("loading", () => {
  const broken: readonly (readonly [string, string | undefined, string])[] = [
    ["is missing", undefined, "rates.ts"],
    ["throws", "throw new Error('no rates today');\n", "no rates today"],
    ["is not readable as TypeScript", "export const = ;\n", "rates.ts"],
    ["imports what is not there", 'import "./gone.ts";\n', "gone.ts"],
  ];
  it.each(broken)("[CL40] a module that %s is a diagnostic at its use line", (_what, text, expected) => {
    const place = new Place({ "m.reckon": model });
    if (text !== undefined) place.write("rates.ts", text);
    const outcome = place.reckon(["run", "m.reckon", "--allow-modules"]);
    expect(outcome).toMatchObject({ code: 1, stdout: "" });
    expect(outcome.stderr).toContain("host/module-failed");
    expect(outcome.stderr).toContain("m.reckon:2:1");
    expect(outcome.stderr).toContain(expected);
    expect(outcome.stderr).not.toMatch(/^\s+at /m);
  });

  it("[CL34] watch loads a module again when it, or a file it imports, changes", async () => {
    const place = new Place(files);
    const running = place.start(["watch", "m.reckon", "--allow-modules"]);
    await running.message("Ctrl-C ends");
    place.write("rates.ts", files["rates.ts"].replace("x * factor", "x * factor + 1"));
    await running.output("a.y: 30 → 31\n");
    place.write("inner/factor.ts", "export const factor: number = 4;\n");
    await running.output("a.y: 31 → 41\n");
    place.write("inner/factor.ts", "export const factor: number = ;\n");
    await running.message("the last good values stay");
    place.write("inner/factor.ts", "export const factor: number = 5;\n");
    await running.output("a.y: 41 → 51\n");
  });

  it("waits for asynchronous functions", () => {
    const place = new Place({
      "m.reckon": model,
      "rates.ts":
        "export async function scaled(x: number): Promise<number> {\n  await null;\n  return x / 4;\n}\n",
    });
    expect(value(place)).toBe(2.5);
  });
});

it("keeps the answers where the user's settings are", () => {
  const place = new Place(files);
  expect(place.reckon(["run", "m.reckon"]).stderr).toContain(place.path(".config/reckon/trust.json"));
  expect(readFileSync(place.path("m.reckon"), "utf8")).toBe(model);
});
