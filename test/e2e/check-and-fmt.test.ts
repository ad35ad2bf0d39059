import { readFileSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Place } from "./command-line.ts";
import { shop } from "./shop.ts";

const wrongModel = "model m\nblock a\n  x = y + 1\n  z = 1 +\n";

describe("check", () => {
  it("[CL19] reports a model and every scenario beside it at once", () => {
    const place = new Place({
      ...shop,
      "bad.reckon": "scenario bad of shop\n  sales.prcie = 1\n  cash.rate = \n",
    });
    const outcome = place.reckon(["check", "shop.reckon"]);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain("error[scenario/unknown-attribute]  bad.reckon:2:3");
    expect(outcome.stderr).toContain("did you mean `sales.price`?");
    expect(outcome.stderr).toContain("bad.reckon:3:");
    expect(outcome.stdout).toBe("4 files checked: 2 errors\n");
  });

  it("[CL19] reports a scenario's wrong names where the model itself has errors, too", () => {
    const place = new Place({
      "m.reckon": 'model m\nblock a\n  input u = table("none.csv")\n  x = u * 2\n',
      "up.reckon": "scenario up of m\n  a.uu = 5\n  a.u = 4\n",
    });
    for (const command of [
      ["check", "m.reckon"],
      ["run", "m.reckon", "up"],
    ]) {
      const { code, stderr } = place.reckon(command);
      expect(code).toBe(1);
      expect(stderr).toContain("error[model/bad-table]");
      expect(stderr).toContain("error[scenario/unknown-attribute]  up.reckon:2:3");
      expect(stderr).not.toContain("up.reckon:3");
    }
  });

  it("[CL19] reports on one scenario and its model", () => {
    const place = new Place({ ...shop, "bad.reckon": "scenario bad of shop\n  sales.prcie = 1\n" });
    expect(place.reckon(["check", "cheaper.reckon"])).toMatchObject({
      code: 0,
      stdout: "3 files checked: no problems\n",
      stderr: "",
    });
    expect(place.reckon(["check", "bad.reckon"])).toMatchObject({ code: 1 });
    const alone = new Place({ "lone.reckon": "scenario lone of nowhere\n  a.b = 1\n" });
    expect(alone.reckon(["check", "lone.reckon"]).stderr).toContain("no model `nowhere` beside lone.reckon");
  });

  it("[CL20] prints diagnostics as data", () => {
    const place = new Place({ "m.reckon": wrongModel });
    const outcome = place.reckon(["check", "m.reckon", "--json"]);
    expect(outcome).toMatchObject({ code: 1, stderr: "" });
    const diagnostics = JSON.parse(outcome.stdout) as Record<string, unknown>[];
    expect(diagnostics).toContainEqual(
      expect.objectContaining({
        code: "formula/unknown-name",
        severity: "error",
        source: "m.reckon",
        line: 3,
        column: 7,
      }),
    );
    for (const each of diagnostics) {
      const { start, end } = each as { start: number; end: number };
      expect(start).toBeGreaterThanOrEqual(0);
      expect(end).toBeLessThanOrEqual(wrongModel.length);
    }
    expect(JSON.parse(new Place(shop).reckon(["check", "shop.reckon", "--json"]).stdout)).toEqual([]);
  });

  it("[CL1] a file that is not there is exit code 2, and the others are checked all the same", () => {
    const outcome = new Place({ "m.reckon": wrongModel }).reckon(["check", "none.reckon", "m.reckon"]);
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toContain("no such file: none.reckon");
    expect(outcome.stderr).toContain("m.reckon:3:7");
  });
});

describe("fmt", () => {
  const untidy = "model m\n\n\n\nblock   a\n  input x=1   # one\n  input longer:USD = 2\n";

  it("[CL21] prints the formatted text, from a file or from standard input", () => {
    const place = new Place({ "m.reckon": untidy });
    const { stdout, code } = place.reckon(["fmt", "m.reckon"]);
    expect(code).toBe(0);
    expect(stdout).not.toBe(untidy);
    expect(stdout).toContain("# one");
    expect(place.reckon(["fmt", "-"], { input: untidy }).stdout).toBe(stdout);
    expect(place.reckon(["fmt", "-"], { input: stdout }).stdout).toBe(stdout);
    expect(readFileSync(place.path("m.reckon"), "utf8")).toBe(untidy);
  });

  it("[CL21] --check names what is not formatted, --write mends it, once", () => {
    const place = new Place({ "m.reckon": untidy });
    expect(place.reckon(["fmt", "--check", "m.reckon"])).toMatchObject({ code: 1, stdout: "m.reckon\n" });
    expect(place.reckon(["fmt", "--write", "m.reckon"])).toMatchObject({
      code: 0,
      stderr: "formatted m.reckon\n",
    });
    const written = statSync(place.path("m.reckon"));
    expect(place.reckon(["fmt", "--check", "m.reckon"])).toMatchObject({ code: 0, stdout: "" });
    expect(place.reckon(["fmt", "--write", "m.reckon"])).toMatchObject({ code: 0, stderr: "" });
    expect(statSync(place.path("m.reckon")).ino).toBe(written.ino);
  });

  it("[CL22] leaves what it cannot read as it is, and goes on with the others", () => {
    const place = new Place({ "bad.reckon": "model m\nblock a\n  x = = 3\n", "m.reckon": untidy });
    const outcome = place.reckon(["fmt", "--write", "bad.reckon", "m.reckon", "none.reckon"]);
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toContain("bad.reckon:3:");
    expect(outcome.stderr).toContain("formatted m.reckon");
    expect(readFileSync(place.path("bad.reckon"), "utf8")).toBe("model m\nblock a\n  x = = 3\n");
    expect(place.reckon(["fmt", "bad.reckon"])).toMatchObject({ code: 1, stdout: "" });
  });

  it("[CL21] formats scenarios", () => {
    const place = new Place({
      "s.reckon": "# why\nscenario low of shop\n sales.price=1\n cash.rate    = 2%\n",
    });
    const { stdout, code } = place.reckon(["fmt", "s.reckon"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^# why\nscenario low of shop\n {2}sales\.price +=/);
  });
});
