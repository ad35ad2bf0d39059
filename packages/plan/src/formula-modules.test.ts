import type { ModuleLookup } from "@reckon/formula";
import { CallGroup } from "@reckon/formula";
import type { Scalar } from "@reckon/value";
import { describe, expect, it } from "vitest";
import type { CalledFunction, CallRunner } from "./call-runner.ts";
import { formulaModules } from "./formula-modules.ts";

const policy = { retries: 1 };

describe("module functions of a formula", () => {
  it("[PL30] go through the runner, with what the formula says of them and what they are called for", () => {
    const calls: [CalledFunction, readonly Scalar[], CallGroup | undefined][] = [];
    const runner: CallRunner = {
      call: (called, args, group) => {
        calls.push([called, args, group]);
        return called.call(...args);
      },
    };
    const twice = Object.assign((x?: Scalar) => 2 * (x as number), { version: "v1" });
    const modules: ModuleLookup = () => twice;
    const lookup = formulaModules({ modules, runner, policy, weight: "heavy" });
    const [group, other] = [new CallGroup(), new CallGroup()];
    const found = lookup("tax", "twice", group);
    expect([found?.version, found?.isQueued]).toEqual(["v1", true]);
    expect([found?.(4), lookup("tax", "twice", other)?.(5), lookup("tax", "twice", group)?.(6)]).toEqual([
      8, 10, 12,
    ]);
    expect(calls.map(([, args, given]) => [args, given === group])).toEqual([
      [[4], true],
      [[5], false],
      [[6], true],
    ]);
    expect(calls[0]?.[0]).toEqual({ name: "tax.twice", call: twice, policy, weight: "heavy" });
  });

  it("[PL31] stay the same for a formula until it is compiled again", () => {
    let version = 1;
    const modules: ModuleLookup = () => {
      const now = version;
      return Object.assign(() => now, { version: `v${now}` });
    };
    const lookup = formulaModules({ modules, runner: undefined, policy, weight: undefined });
    expect([lookup("m", "f")?.(), lookup("m", "f")?.version]).toEqual([1, "v1"]);
    version = 2;
    expect([lookup("m", "f")?.(), lookup("m", "f")?.version]).toEqual([1, "v1"]);
    const compiledAgain = formulaModules({ modules, runner: undefined, policy, weight: undefined });
    expect([compiledAgain("m", "f")?.(), compiledAgain("m", "f")?.version]).toEqual([2, "v2"]);
  });

  it("[PL31] are asked for again where there was none", () => {
    let found: ReturnType<ModuleLookup>;
    const lookup = formulaModules({ modules: () => found, runner: undefined, policy, weight: undefined });
    expect(lookup("m", "f")).toBeUndefined();
    found = () => 7;
    expect(lookup("m", "f")?.()).toBe(7);
  });
});
