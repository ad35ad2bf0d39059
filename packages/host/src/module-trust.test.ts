import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { answerFor, trustFile, untrustedModules } from "./module-trust.ts";

let folder: string;
let configFolder: string;
const questions: string[] = [];
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "reckon-trust-")));
  configFolder = join(folder, "config");
  for (const name of ["models", "models/inner", "elsewhere"]) mkdirSync(join(folder, name));
  for (const name of ["models/a.ts", "models/inner/b.ts", "elsewhere/c.ts"])
    writeFileSync(join(folder, name), "");
  questions.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The modules that may not run, of a model in `models`; `answer` undefined means that nobody can be asked. */
async function refused(
  sources: readonly string[],
  answer?: boolean | "none",
  allowModules = false,
): Promise<string[]> {
  const ask =
    answer === undefined
      ? undefined
      : async (question: { folder: string }) => {
          questions.push(question.folder);
          return answer === "none" ? undefined : answer;
        };
  const modules = sources.map((source) => ({ source, path: join(folder, "models", source) }));
  return [
    ...(
      await untrustedModules({ folder: join(folder, "models"), modules, allowModules, ask, configFolder })
    ).keys(),
  ];
}

describe("untrustedModules", () => {
  it("[CL38] trusts nobody who was never asked about", async () => {
    expect(await refused(["a.ts", "inner/b.ts"])).toEqual(["a.ts", "inner/b.ts"]);
    expect(questions).toEqual([]);
  });

  it("[CL39] runs nothing and remembers nothing without a plain answer", async () => {
    expect(await refused(["a.ts"], "none")).toEqual(["a.ts"]);
    expect(existsSync(configFolder)).toBe(false);
    expect(await refused(["a.ts"], true)).toEqual([]);
    expect(questions).toHaveLength(2);
  });

  it("[CL39] asks once for a folder and remembers a yes, for the folders below too", async () => {
    expect(await refused(["a.ts", "inner/b.ts"], true)).toEqual([]);
    expect(questions).toEqual([join(folder, "models")]);
    expect(await refused(["a.ts", "inner/b.ts"])).toEqual([]);
  });

  it("[CL39] remembers a no and does not ask again", async () => {
    expect(await refused(["a.ts"], false)).toEqual(["a.ts"]);
    expect(await refused(["a.ts"], true)).toEqual(["a.ts"]);
    expect(questions).toHaveLength(1);
  });

  it("[CL39] allows everything for this time and remembers nothing", async () => {
    expect(await refused(["a.ts"], undefined, true)).toEqual([]);
    expect(await refused(["a.ts"])).toEqual(["a.ts"]);
  });

  it("asks apart for a module outside the model's folder, also behind a link", async () => {
    expect(await refused(["a.ts"], true)).toEqual([]);
    expect(await refused(["../elsewhere/c.ts"])).toEqual(["../elsewhere/c.ts"]);
    symlinkSync(join(folder, "elsewhere/c.ts"), join(folder, "models/linked.ts"));
    expect(await refused(["linked.ts"])).toEqual(["linked.ts"]);
    expect(await refused(["linked.ts"], true)).toEqual([]);
    expect(questions).toEqual([join(folder, "models"), join(folder, "elsewhere")]);
  });

  it("leaves missing modules to the loader", async () => {
    expect(await refused(["none.ts"], false)).toEqual([]);
  });

  it.each(["", "{", "null", "[]", '{"folders": 3}', '{"folders": {"/": "maybe"}}'])(
    "trusts nobody by the damaged file %j",
    async (text) => {
      mkdirSync(configFolder);
      writeFileSync(trustFile(configFolder), text);
      expect(await refused(["a.ts"])).toEqual(["a.ts"]);
      expect(await refused(["a.ts"], true)).toEqual([]);
      expect(JSON.parse(readFileSync(trustFile(configFolder), "utf8"))).toEqual({
        version: 1,
        folders: { [join(folder, "models")]: "trusted" },
      });
    },
  );
});

it("[CL39] the nearest folder decides", () => {
  const answers = new Map([
    ["/users/me", "trusted"],
    ["/users/me/downloads", "refused"],
  ] as const);
  expect(answerFor(answers, "/users/me/models/deep")).toBe("trusted");
  expect(answerFor(answers, "/users/me/downloads/x")).toBe("refused");
  expect(answerFor(answers, "/users/medium")).toBeUndefined();
  expect(answerFor(answers, "/")).toBeUndefined();
});
