import { describe, expect, it } from "vitest";
import { readArguments } from "./raw-options.ts";
import { type Request, requestOf } from "./request.ts";

/** The request of a command line, or what is said instead of it. */
function meant(line: string): Request | string {
  const raw = readArguments(line === "" ? [] : line.split(" "), "1.2.3");
  if (raw.kind !== "command") return raw.text;
  const request = requestOf(raw);
  return "refused" in request ? request.refused : request;
}

const saas = { model: "saas.reckon", scenarios: [], sets: [], allowModules: false };

describe("requests", () => {
  it("a profile is written to a file, not a folder", () => {
    expect(meant("profile saas.reckon --out .")).toBe(
      "--out . is a folder; name a file, for example profile.speedscope.json",
    );
    expect(meant("profile saas.reckon --out nowhere/")).toContain(
      "for example nowhere/profile.speedscope.json",
    );
    expect(meant("profile saas.reckon --out saas.json")).toContain("Call it saas.speedscope.json or");
  });

  it.each([
    ["batch m --over --text", "--over <axis> has no value: --text is an option, too"],
    ["batch m --over", "--over <axis> has no value"],
    ["batch m --over k --out --help", "--out <file> has no value: --help is an option, too"],
    ["run m --set --json", "--set <assignments...> has no value: --json is an option, too"],
    ["run m --threads -s base", "--threads <number> has no value: -s is an option, too"],
    [
      "runs --since --jsn",
      "--since <time> has no value: --jsn looks like an option; where that is meant, write --since=--jsn",
    ],
    ["worker --queue -- x", "--queue <url> has no value: -- looks like an option"],
  ])("[CL88] %s", (line, message) => {
    expect(meant(line)).toBe(`reckon: ${message}\nTry: reckon ${line.split(" ")[0]} --help\n`);
  });

  it("[CL88] what is a value all the same is taken as one", () => {
    expect(meant("batch m --over k --out=--odd.csv")).toMatchObject({ out: { path: "--odd.csv" } });
    expect(meant("loops m --from -1,5")).toMatchObject({ from: [-1, 5] });
    expect(meant("batch m --over k -- --text")).toMatchObject({ axis: "k", scenarios: ["--text"] });
    expect(meant("plan m --ab --json")).toMatchObject({ command: "plan" });
  });

  it("run has defaults for everything", () => {
    expect(meant("run saas.reckon")).toEqual({
      command: "run",
      ...saas,
      only: [],
      format: "table",
      isFull: false,
      hasStats: false,
      heavy: {},
    });
  });

  it("lists may be repeated, go on behind one option, or have commas", () => {
    const expected = { scenarios: ["base", "downside"], only: ["a.b", "c"], sets: ["a.b=1", "c.d=x=y"] };
    expect(meant("run m -s base downside --only a.b c --set a.b=1 c.d=x=y")).toMatchObject(expected);
    expect(meant("run m -s base -s downside --only a.b,c --set a.b=1 --set c.d=x=y")).toMatchObject(expected);
  });

  it("scenarios and assignments may stand behind the model", () => {
    expect(meant("watch m downside.reckon debt.rate=9% -s up")).toMatchObject({
      scenarios: ["downside.reckon", "up"],
      sets: ["debt.rate=9%"],
    });
  });

  it("a path with = in a folder's name is no assignment", () => {
    expect(meant("open m ./a=b/x.reckon")).toMatchObject({ scenarios: ["./a=b/x.reckon"], sets: [] });
  });

  it("eval takes names behind the formula or behind --set", () => {
    expect(meant("eval =a+b a=1 --set b=2")).toEqual({
      command: "eval",
      formula: "=a+b",
      sets: ["a=1", "b=2"],
      isJson: false,
    });
    expect(meant("eval --jsonl")).toEqual({ command: "eval-lines" });
  });

  it("why splits the cell into attribute and labels", () => {
    const raw = readArguments(["why", "m", 'a.b[Ent, "New ""York"", NY", 2026-03]'], "1");
    expect(raw.kind === "command" && requestOf(raw)).toMatchObject({
      attribute: "a.b",
      labels: ["Ent", 'New "York", NY', "2026-03"],
    });
    expect(meant("why m a.b")).toMatchObject({ attribute: "a.b", labels: [] });
  });

  it("diff opens both sides", () => {
    expect(meant("diff m base downside")).toMatchObject({
      left: "base",
      right: "downside",
      scenarios: ["base", "downside"],
    });
  });
});

describe("refusals", () => {
  it.each([
    ["run m --json --csv", "--json and --csv exclude each other"],
    ["batch m --over p --resume --no-resume", "--resume and --no-resume exclude each other"],
    ["fmt a --check --write", "--check and --write exclude each other"],
    ["fmt - --write", "standard input (-) cannot be written in place"],
    ["fmt - -", "standard input (-) is there once only"],
    ["eval", "missing the formula"],
    ["eval =1 --jsonl", "--jsonl reads its formulas"],
    ["eval =a --set a", "cannot read --set a: write name=value"],
    ["why m ab", "cannot read the cell ab"],
    ["why m a.b -s x y", "why explains one scenario at a time"],
    ["run", "missing required argument 'model'"],
    ["diff m base", "missing required argument 'right'"],
  ])("%s", (line, expected) => expect(meant(line)).toContain(expected));

  it("[CL3] suggests the nearest command and option", () => {
    expect(meant("wtach m")).toBe("reckon: unknown command 'wtach'\n(Did you mean watch?)\n");
    expect(meant("run m --jsno")).toBe("reckon: unknown option '--jsno'\n(Did you mean --json?)\n");
    expect(meant("saas.reckon")).toContain("To open the model: reckon open saas.reckon");
  });

  it("[CL4] help has examples for every command, and none is asked for without a command", () => {
    for (const name of ["run", "check", "fmt", "eval", "watch", "open", "why", "diff"]) {
      const raw = readArguments([name, "--help"], "1.2.3");
      expect(raw).toMatchObject({ kind: "text" });
      expect(raw.kind === "text" && raw.text).toContain(`Examples:\n  $ reckon ${name} `);
    }
    expect(readArguments([], "1.2.3")).toMatchObject({ kind: "refused" });
    expect(readArguments(["--version"], "1.2.3")).toEqual({ kind: "text", text: "1.2.3\n" });
  });
});

describe("heavy formulas", () => {
  it.each([
    ["--threads 4", { threads: 4 }],
    ["--threads off", { threads: 0 }],
    ["--thread-memory 1.5GB", { memoryMb: 1536 }],
    ["--thread-memory 512mb", { memoryMb: 512 }],
    ["--thread-memory 2G", { memoryMb: 2048 }],
    ["--cache off", { cache: "off" }],
    ["--cache redis://host:1/2 --verify-cache 5%", { cache: "redis://host:1/2", verifyShare: 0.05 }],
    ["--cache here/kept.sqlite --verify-cache 100", { cache: "here/kept.sqlite", verifyShare: 1 }],
  ])("[CL72] run m.reckon %s", (options, heavy) => {
    expect(meant(`run m.reckon ${options}`)).toMatchObject({ heavy });
  });

  it.each([
    ["run m --threads many", "--threads many: write a number from 0 to 256, or off"],
    ["run m --threads ", "--threads : write a number from 0 to 256, or off"],
    ["run m --thread-memory 2", "--thread-memory 2: write a size from 64 MB on, as in 2GB or 512MB"],
    ["run m --thread-memory 10MB", "--thread-memory 10MB: write a size from 64 MB on, as in 2GB or 512MB"],
    ["run m --threads 1.5", "--threads 1.5: write a number from 0 to 256, or off"],
    [
      "why m a.b --cache mysql://u:secret@host",
      "--cache takes redis://, rediss:// and postgres:// addresses, not mysql://",
    ],
    ["diff m a b --verify-cache 101%", "--verify-cache 101%: write a share from 0% to 100%, as in 5%"],
    ["open m --lazy soon", "--lazy soon: write a number of milliseconds, or off"],
  ])("[CL72] %s is refused", (line, refused) => {
    expect(meant(line)).toBe(refused);
  });

  it("[CL76] cache has an action, and options that fit it", () => {
    expect(meant("cache why-miss a.b --json")).toEqual({
      command: "cache",
      action: "why-miss",
      attribute: "a.b",
      isJson: true,
    });
    expect(meant("cache clear --tier disk --yes")).toMatchObject({ tier: "disk", isSure: true });
    expect(meant("cache verify --share 10%")).toMatchObject({ share: 0.1 });
    expect([
      meant("cache stat"),
      meant("cache clear --tier disc"),
      meant("cache stats --yes"),
      meant("cache verify a.b"),
      meant("cache stats --cache off"),
      meant("cache why-miss"),
    ]).toEqual([
      "cache stat: there are stats, why-miss, verify, clear; did you mean stats?",
      "--tier disc: there are disk, shared; did you mean disk?",
      "--yes goes with cache clear",
      "cache verify takes no operand, and got a.b",
      "there is no cache to look at with --cache off",
      "which attribute? for example: reckon cache why-miss sales.forecast",
    ]);
  });
});
