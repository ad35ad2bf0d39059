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

  it("run has defaults for everything", () => {
    expect(meant("run saas.reckon")).toEqual({
      command: "run",
      ...saas,
      only: [],
      format: "table",
      isFull: false,
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
