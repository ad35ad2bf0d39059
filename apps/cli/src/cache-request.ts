/** What `reckon cache` was asked for: see request.ts. */
import { nearestName } from "@reckon/formula";
import { cacheProblem, shareOf } from "./heavy-request.ts";
import type { Refusal } from "./model-request.ts";
import type { RawOptions } from "./raw-options.ts";

interface CacheLook {
  readonly command: "cache";
  readonly cache?: string;
  readonly isJson: boolean;
}
export type CacheRequest = CacheLook &
  (
    | { readonly action: "stats" }
    | { readonly action: "why-miss"; readonly attribute: string }
    | { readonly action: "verify"; readonly share: number }
    | { readonly action: "clear"; readonly tier?: "disk" | "shared"; readonly isSure: boolean }
  );

const actions = ["stats", "why-miss", "verify", "clear"] as const;
const tiers = ["disk", "shared"] as const;

export function cacheRequest(operands: readonly string[], options: RawOptions): CacheRequest | Refusal {
  const [action = "", attribute] = operands;
  const known = actions.find((each) => each === action);
  if (known === undefined) return { refused: unknown(`cache ${action}`, action, actions) };
  const { cache, share, tier, yes } = options;
  const problem = cache === undefined ? undefined : cacheProblem(cache);
  if (problem !== undefined) return { refused: problem };
  if (cache === "off") return { refused: "there is no cache to look at with --cache off" };
  if (attribute !== undefined && known !== "why-miss")
    return { refused: `cache ${known} takes no operand, and got ${attribute}` };
  if (share !== undefined && known !== "verify") return { refused: "--share goes with cache verify" };
  if (tier !== undefined && known !== "clear") return { refused: "--tier goes with cache clear" };
  if (yes === true && known !== "clear") return { refused: "--yes goes with cache clear" };
  const base = {
    command: "cache" as const,
    ...(cache === undefined ? {} : { cache }),
    isJson: options.json === true,
  };
  switch (known) {
    case "stats":
      return { ...base, action: known };
    case "why-miss":
      if (attribute === undefined)
        return { refused: "which attribute? for example: reckon cache why-miss sales.forecast" };
      return { ...base, action: known, attribute };
    case "verify": {
      const part = shareOf(share ?? "100%");
      if (part === undefined) return { refused: `--share ${share}: write a share from 0% to 100%, as in 5%` };
      return { ...base, action: known, share: part };
    }
    case "clear": {
      const chosen = tiers.find((each) => each === tier);
      if (tier !== undefined && chosen === undefined)
        return { refused: unknown(`--tier ${tier}`, tier, tiers) };
      return {
        ...base,
        action: known,
        isSure: yes === true,
        ...(chosen === undefined ? {} : { tier: chosen }),
      };
    }
  }
}

function unknown(what: string, typed: string, names: readonly string[]): string {
  const near = nearestName(typed, [...names]);
  return `${what}: there are ${names.join(", ")}${near === undefined ? "" : `; did you mean ${near}?`}`;
}
