import { execFileSync } from "node:child_process";
import { openSync, symlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Place, program } from "./command-line.ts";
import { shop } from "./shop.ts";

const model = (use: string, formula: string) =>
  `model m\nuse "./${use}" as f\nblock a\n  input x = 4\n  y = ${formula}\n`;

describe("files that are none", () => {
  it("[CL10] a pipe beside the model is not waited for", () => {
    const place = new Place(shop);
    execFileSync("/usr/bin/mkfifo", [place.path("pipe.reckon")]);
    expect(place.reckon(["check", "shop.reckon"])).toMatchObject({ code: 0 });
    expect(place.reckon(["check", "cheap.reckon"])).toMatchObject({ code: 0 });
    expect(place.reckon(["run", "shop.reckon", "-s", "cheap", "--only", "total.end"]).stderr).toBe("");
  });

  it("[CL10] devices, links in a circle and tables that are devices are named", () => {
    const place = new Place({
      "m.reckon": 'model m\naxis s = A\nblock a by s\n  input x = table("zero.csv", by s)\n',
    });
    symlinkSync("/dev/zero", place.path("zero.csv"));
    symlinkSync("circle.reckon", place.path("circle.reckon"));
    expect(place.reckon(["run", "zero.csv"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("is a device, not a file"),
    });
    expect(place.reckon(["run", "circle.reckon"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("is a link that leads back to itself"),
    });
    expect(place.reckon(["run", "m.reckon"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("zero.csv is a device, not a file"),
    });
  });

  it("[CL45] a file with a mistake in every line shows the first ones", () => {
    const place = new Place({ "m.reckon": "model m\nblock a\n", "d.reckon": "a,b,c\n".repeat(100) });
    const { code, stderr } = place.reckon(["run", "d.reckon"]);
    expect(code).toBe(1);
    expect(stderr.match(/^error\[/gm)).toHaveLength(20);
    expect(stderr).toMatch(/reckon: and \d+ more like these; `reckon check` lists all\n$/);
  });
});

describe("options before operands", () => {
  it("[CL44] finds the model that -s, --set and --only have swallowed", () => {
    const place = new Place(shop);
    const line = ["run", "shop.reckon", "-s", "cheap", "--only", "total.end"];
    const expected = place.reckon(line);
    expect(place.reckon(["run", "-s", "cheap", "shop.reckon", "--only", "total.end"])).toEqual(expected);
    expect(place.reckon(["run", "-s", "cheap", "--only", "total.end", "shop.reckon"])).toEqual(expected);
    expect(place.reckon(["diff", "--only", "total.end", "shop.reckon", "base", "cheap"]).stdout).toContain(
      "→",
    );
    expect(place.reckon(["eval", "--set", "x=2", "y=3", "=x+y"]).stdout).toBe("5\n");
  });

  it("[CL9] a --set that does not fit the model is a mistake of the command line", () => {
    const place = new Place(shop);
    expect(place.reckon(["run", "shop.reckon", "--set", "total.nothing=1"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("no attribute `total.nothing`"),
    });
  });

  it("[CL3] says how to write a formula that begins with a minus", () => {
    expect(new Place().reckon(["eval", "-5+3"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("reckon eval '=-5+3'"),
    });
  });
});

describe("modules that do not behave", () => {
  const never = "export const never = (x) => new Promise(() => {});\n";

  it("[CL47] a function that never answers is named, and the rest is printed", () => {
    const place = new Place({ "n.js": never, "m.reckon": model("n.js", "f.never(x)") });
    const outcome = place.reckon(["run", "m.reckon", "--allow-modules"]);
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining("no answer yet for a.y") });
    expect(outcome.stdout).toMatch(/y +#BUSY!/);
    expect(place.reckon(["why", "m.reckon", "a.y", "--allow-modules"])).toMatchObject({ code: 1 });
    expect(place.reckon(["loops", "m.reckon", "--allow-modules"])).toMatchObject({ code: 1 });
  });

  it("[CL47] a watch goes on while a function does not answer", async () => {
    const place = new Place({ "n.js": never, "m.reckon": model("n.js", "x") });
    const running = place.start(["watch", "m.reckon", "--allow-modules"]);
    await running.message(/watching .*\n/);
    place.write("m.reckon", model("n.js", "f.never(x)"));
    await running.message("no answer yet for a.y");
    place.write("m.reckon", model("n.js", "x * 5"));
    await running.output("→ 20");
    expect(await running.end("SIGTERM")).toMatchObject({ code: 0 });
  });

  it("[CL46] what a module prints is a message, and what it throws behind our back is a sentence", () => {
    const place = new Place({
      "m.reckon": model("n.js", "f.slow(x)"),
      "n.js":
        'console.log("hello");\nprocess.stdout.write("there\\n");\nsetTimeout(() => { throw new Error("too late"); });\n' +
        "export const slow = () => new Promise((resolve) => setTimeout(resolve, 60_000, 1));\n",
    });
    const outcome = place.reckon(["run", "m.reckon", "--allow-modules", "--json"]);
    expect(outcome).toMatchObject({ code: 2, stdout: "", stderr: "hello\nthere\nreckon: too late\n" });
  });

  it("[CL46] a watch survives a stray exception", async () => {
    const place = new Place({
      "m.reckon": model("n.js", "f.double(x)"),
      "n.js": 'Promise.reject(new Error("stray"));\nexport const double = (x) => x * 2;\n',
    });
    const running = place.start(["watch", "m.reckon", "--allow-modules"]);
    await running.message("reckon: stray");
    await running.message(/watching .*\n/);
    place.write("m.reckon", model("n.js", "f.double(x) + 1"));
    await running.output("a.y: 8 → 9");
    expect(await running.end("SIGINT")).toMatchObject({ code: 0 });
  });

  it("[CL35] a calculation that never ends is ended by a signal", async () => {
    const place = new Place({
      "m.reckon": model("n.js", "x"),
      "n.js": 'export const spin = () => { console.error("spinning"); for (;;); };\n',
    });
    const running = place.start(["watch", "m.reckon", "--allow-modules"]);
    await running.message(/watching .*\n/);
    place.write("m.reckon", model("n.js", "f.spin()"));
    await running.message("spinning");
    expect(await running.end("SIGINT")).toMatchObject({ signal: "SIGINT" });
  });
});

it("[CL42] a place that npx did not choose is where paths are meant from", () => {
  const place = new Place(shop);
  const env = { npm_command: "exec", INIT_CWD: process.cwd() };
  expect(place.reckon(["run", "shop.reckon", "--only", "total.end"], { env })).toMatchObject({ code: 0 });
});

it("[CL7] a full disk is one sentence", () => {
  const place = new Place(shop);
  let stderr = "";
  let code: unknown;
  try {
    execFileSync(process.execPath, [program, "run", "shop.reckon"], {
      cwd: place.folder,
      env: place.environment(),
      stdio: ["ignore", openSync("/dev/full", "w"), "pipe"],
      encoding: "utf8",
    });
  } catch (cause) {
    ({ stderr, status: code } = cause as { stderr: string; status: unknown });
  }
  expect(code).toBe(2);
  expect(stderr).toMatch(/^reckon: cannot write the results: .*\n$/);
});
