import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Place, program, root } from "./command-line.ts";
import { shop } from "./shop.ts";

const version = (JSON.parse(readFileSync(join(root, "apps/cli/package.json"), "utf8")) as { version: string })
  .version;

/** A Node older than the program needs, where the machine has one. */
function olderNode(): string | undefined {
  const candidates = ["/usr/bin/node", "/usr/local/bin/node", "/opt/homebrew/bin/node"];
  return candidates.find((path) => {
    if (!existsSync(path)) return false;
    const { stdout } = spawnSync(path, ["--version"], { encoding: "utf8" });
    const major = Number(/^v(\d+)/.exec(stdout)?.[1]);
    return major >= 20 && major < 24;
  });
}

describe("the program", () => {
  it("[CL4] prints help and version", () => {
    const place = new Place();
    expect(place.reckon(["--version"])).toEqual({
      code: 0,
      signal: null,
      stdout: `${version}\n`,
      stderr: "",
    });
    const help = place.reckon(["--help"]);
    expect(help).toMatchObject({ code: 0, stderr: "" });
    expect(help.stdout).toContain("reckon eval '=PMT(5%/12, 360, 200000)'");
    expect(place.reckon([])).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining("Usage: reckon"),
    });
  });

  it("[CL3] refuses unknown commands and options with exit code 2", () => {
    const place = new Place();
    expect(place.reckon(["rn"])).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining("Did you mean run?"),
    });
    expect(place.reckon(["run", "m", "--jsno"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--json"),
    });
    expect(place.reckon(["run", "m", "--json", "--csv"])).toMatchObject({ code: 2, stdout: "" });
  });

  it("[CL7] shows no stack for what nobody foresaw", () => {
    const place = new Place(shop);
    // A configuration folder that is a file makes the answer about modules fail to be read.
    place.write("blocked", "");
    place.write("m.reckon", 'model m\nuse "./x.ts" as x\nblock a\n  input b = 1\n');
    place.write("x.ts", "export const f = () => 1;\n");
    for (const args of [
      ["run", "m.reckon"],
      ["check", "."],
      ["fmt", "."],
      ["run", "shop.reckon", "-s", "units.csv/x.reckon"],
    ]) {
      const { code, stderr } = place.reckon(args, { env: { XDG_CONFIG_HOME: place.path("blocked") } });
      expect(code).toBeGreaterThan(0);
      expect(stderr).not.toMatch(/^\s+at /m);
      expect(stderr).not.toContain("node:internal");
    }
  });

  it("[CL37] open without a terminal prints what run prints", () => {
    const place = new Place(shop);
    const opened = place.reckon(["open", "shop.reckon", "-s", "cheap"]);
    expect(opened).toMatchObject({ code: 1, stderr: "" });
    expect(opened.stdout).toBe(place.reckon(["run", "shop.reckon", "-s", "cheap"]).stdout);
  });
});

describe("starting it", () => {
  it("[CL42] says what to do when it is not built", () => {
    const place = new Place();
    mkdirSync(place.path("apps/cli/bin"), { recursive: true });
    copyFileSync(program, place.path("apps/cli/bin/reckon.js"));
    place.write("package.json", '{"type": "module"}');
    const { status, stderr } = spawnSync(process.execPath, [place.path("apps/cli/bin/reckon.js"), "run"], {
      encoding: "utf8",
    });
    expect(status).toBe(2);
    expect(stderr).toBe(`reckon: not built yet; run \`npm start\` once in ${place.folder}/\n`);
  });

  it("[CL42] goes back to the folder in which npx was typed", () => {
    const inner = Object.fromEntries(Object.entries(shop).map(([name, text]) => [`inner/${name}`, text]));
    const place = new Place(inner);
    const env = { npm_command: "exec", INIT_CWD: place.path("inner") };
    expect(place.reckon(["check", "shop.reckon"], { env })).toMatchObject({ code: 0 });
    expect(place.reckon(["check", "shop.reckon"], { env: { INIT_CWD: place.path("inner") } })).toMatchObject({
      code: 2,
    });
  });

  const older = olderNode();
  it(`[CL42] runs under Node ${older === undefined ? "24 (no older one on this machine)" : "20 by way of the installed one"}`, () => {
    const place = new Place();
    const node = older ?? process.execPath;
    const run = (args: string[]) =>
      spawnSync(node, [program, ...args], {
        cwd: place.folder,
        encoding: "utf8",
        env: place.environment(),
        input: "",
      });
    expect(run(["eval", "=1+1"])).toMatchObject({ status: 0, stdout: "2\n", stderr: "" });
    expect(run(["eval", "=1+"])).toMatchObject({ status: 1, stdout: "" });
    expect(run(["nope"])).toMatchObject({ status: 2, stdout: "" });
  });
});
