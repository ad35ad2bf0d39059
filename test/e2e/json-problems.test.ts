import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { Place, root } from "./command-line.ts";
import { shop } from "./shop.ts";

const schemaOf = (command: string) =>
  JSON.parse(readFileSync(join(root, `docs/spec/${command}.schema.json`), "utf8")) as {
    readonly definitions: Record<string, unknown>;
  };
const files = {
  ...shop,
  "wrong.reckon": "model wrong\nblock b\n  x = nothing + 1\n  x = 1 +\n",
  "many.reckon": `model many\nblock b\n${"  x = ?\n".repeat(30)}`,
};

describe("[CL61] a model with errors as data", () => {
  it.each([["run"], ["plan"], ["profile"], ["loops"]])(
    "[CL61] %s --json agrees with its schema",
    (command) => {
      const { code, stdout, stderr } = new Place(files).reckon([command, "wrong.reckon", "--json"]);
      expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
      const problems = JSON.parse(stdout) as { diagnostics: { code: string; line: number }[] };
      const isAllowed = new Ajv({ allowUnionTypes: true }).compile(schemaOf(command));
      expect(isAllowed(problems), JSON.stringify(isAllowed.errors)).toBe(true);
      expect(isAllowed({ diagnostics: [] })).toBe(false);
      expect(isAllowed({ diagnostics: [{ code: "x" }] })).toBe(false);
      expect(problems.diagnostics.map(({ line }) => line).sort()).toEqual([3, 4, 4]);
      expect(schemaOf(command).definitions.diagnostic).toEqual(schemaOf("run").definitions.diagnostic);
    },
  );

  it.each([
    ["why", "b.x"],
    ["diff", "base", "base"],
  ])("[CL61] %s --json prints the same", (command, ...rest) => {
    const place = new Place(files);
    const run = place.reckon(["run", "wrong.reckon", "--json"]);
    expect(place.reckon([command as string, "wrong.reckon", ...rest, "--json"])).toEqual(run);
  });

  it("[CL61] leaves none out", () => {
    const { stdout } = new Place(files).reckon(["run", "many.reckon", "--json"]);
    const { diagnostics } = JSON.parse(stdout) as { diagnostics: unknown[] };
    expect(diagnostics.length).toBeGreaterThanOrEqual(30);
  });

  it("[CL61] names what --set has wrong, with exit code 2; a file that is not there stays a message", () => {
    const place = new Place(files);
    const set = place.reckon(["run", "shop.reckon", "--json", "--set", "total.nothing=1"]);
    expect(set).toMatchObject({ code: 2, stderr: "" });
    expect(JSON.parse(set.stdout)).toMatchObject({ diagnostics: [{ source: "--set" }] });
    expect(place.reckon(["plan", "none.reckon", "--json"])).toEqual({
      code: 2,
      signal: null,
      stdout: "",
      stderr: "reckon: no such file: none.reckon\n",
    });
  });
});
