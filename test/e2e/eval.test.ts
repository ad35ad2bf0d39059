import { describe, expect, it } from "vitest";
import { Place } from "./command-line.ts";

const run = (...args: string[]) => new Place().reckon(["eval", ...args]);

describe("one formula", () => {
  it("[CL23] prints the value", () => {
    const payment = (200000 * (0.05 / 12)) / (1 - (1 + 0.05 / 12) ** -360);
    const outcome = run("=PMT(5%/12, 360, 200000)");
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
    // The library may order the operations differently: a few units in the last place of 16 digits.
    expect(Number(outcome.stdout)).toBeCloseTo(-payment, 9);
    expect(run('="a"&1').stdout).toBe("a1\n");
    expect(run("=1=1").stdout).toBe("TRUE\n");
    expect(run("1+2").stdout).toBe("3\n");
    expect(run("={1,2;3,4}*2").stdout).toBe("2\t4\n6\t8\n");
  });

  it("[CL23] an error value is a value, a mistake is a diagnostic", () => {
    expect(run("=1/0")).toMatchObject({ code: 0, stdout: "#DIV/0!\n", stderr: "" });
    const wrong = run("=1+*2");
    expect(wrong).toMatchObject({ code: 1, stdout: "" });
    expect(wrong.stderr).toContain("formula:1:4");
  });

  it("[CL24] binds names to constants and texts", () => {
    expect(run("=price * (1 + vat)", "--set", "price=100", "vat=20%").stdout).toBe("120\n");
    expect(run("=SUM(x)", "x={1,2;3,4}").stdout).toBe("10\n");
    expect(run('=A1&"!"', "--set", "A1=plain text").stdout).toBe("plain text!\n");
    expect(run("=LEN(q)", "--set", 'q="a""b"').stdout).toBe("3\n");
    expect(run("=NOT(b)", "--set", "b=true").stdout).toBe("FALSE\n");
    expect(run("=x", "--set", "x=2026-01-31").stdout).toBe("2026-01-31\n");
    expect(run("=x", "--set", "x=1", "--set", "x=2")).toMatchObject({ code: 2, stdout: "" });
  });

  it("prints JSON", () => {
    expect(JSON.parse(run("={1,2}", "--json").stdout)).toEqual({ value: 1, array: [[1, 2]] });
    expect(JSON.parse(run("=NA()", "--json").stdout)).toEqual({ error: "#N/A" });
    expect(JSON.parse(run("=1+", "--json").stdout)).toMatchObject({ diagnostics: [{ line: 1 }] });
  });
});

describe("a case a line", () => {
  it("[CL25] answers a line with a line, in order, while the input goes on", () => {
    const place = new Place();
    const cases = Array.from({ length: 20_000 }, (_, i) =>
      JSON.stringify({ formula: "=A1*2+B1", inputs: { A1: i, B1: 1 }, expected: 2 * i + 1 }),
    );
    const outcome = place.reckon(["eval", "--jsonl"], { input: `${cases.join("\n")}\n` });
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
    const answers = outcome.stdout.trimEnd().split("\n");
    expect(answers).toHaveLength(20_000);
    expect(answers.every((answer, i) => answer === `{"value":${2 * i + 1}}`)).toBe(true);
  });

  it("[CL26] a malformed line is answered and the exit code is 0", () => {
    const outcome = new Place().reckon(["eval", "--jsonl"], { input: 'nonsense\n{"formula":"=1/0"}' });
    const [first, second] = outcome.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
    expect(first).toMatchObject({ diagnostics: [{ code: "eval/malformed-line" }] });
    expect(second).toEqual({ error: "#DIV/0!" });
    expect(outcome.code).toBe(0);
  });
});
