/** What `reckon profile` was asked for: see request.ts. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { nearestName } from "@reckon/formula";
import { type ModelRequest, type Refusal, splitLabels } from "./model-request.ts";
import type { RawOptions } from "./raw-options.ts";

/** One assignment of the edit that is to be profiled. */
export interface ProfiledSet {
  /** As typed. */
  readonly text: string;
  readonly attribute: string;
  /** Labels of axes, in any order; those left out mean all. */
  readonly labels: readonly string[];
  readonly value: string;
}

const formats = ["speedscope", "chrome"] as const;
type ProfileFormat = (typeof formats)[number];

export interface ProfileRequest extends ModelRequest {
  readonly command: "profile";
  readonly edit: readonly ProfiledSet[];
  readonly repeat: number;
  /** How many rows of each table are shown; without it each has its own number. */
  readonly top?: number;
  readonly isJson: boolean;
  readonly out?: { readonly path: string; readonly format: ProfileFormat };
}

const repeatMax = 1000;

export function profileRequest(request: ModelRequest, options: RawOptions): ProfileRequest | Refusal {
  const edit: ProfiledSet[] = [];
  for (const text of request.sets) {
    const set = setOf(text);
    if ("refused" in set) return set;
    edit.push(set);
  }
  const repeat = countOf("--repeat", options.repeat, repeatMax);
  if (typeof repeat === "object") return repeat;
  const top = countOf("--top", options.top, Number.MAX_SAFE_INTEGER);
  if (typeof top === "object") return top;
  const out = outOf(options);
  if (out !== undefined && "refused" in out) return out;
  return {
    command: "profile",
    ...request,
    // They are the edit, and not what the model is opened with.
    sets: [],
    edit,
    repeat: repeat ?? 1,
    ...(top === undefined ? {} : { top }),
    isJson: options.json === true,
    ...(out === undefined ? {} : { out }),
  };
}

function setOf(text: string): ProfiledSet | Refusal {
  const match = /^\s*([^=[\]\s]+)\s*(?:\[([^\]]*)\])?\s*=(.*)$/s.exec(text);
  const [, attribute = "", index = "", value = ""] = match ?? [];
  if (attribute === "" || value.trim() === "") {
    return {
      refused: `cannot read --set ${text}: write block.attribute=value or block.attribute[index]=value`,
    };
  }
  return { text, attribute, labels: splitLabels(index), value: value.trim() };
}

function countOf(option: string, text: string | undefined, max: number): number | undefined | Refusal {
  if (text === undefined) return undefined;
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= max) return count;
  const range = max === Number.MAX_SAFE_INTEGER ? "from 1 on" : `from 1 to ${max}`;
  return { refused: `${option} takes a whole number ${range}, and not ${text}` };
}

function outOf({ out, format }: RawOptions): ProfileRequest["out"] | Refusal {
  if (format !== undefined && !isFormat(format)) {
    const near = nearestName(format, [...formats]);
    const meant = near === undefined ? `there are ${formats.join(" and ")}` : `did you mean ${near}?`;
    return { refused: `no format ${format}; ${meant}` };
  }
  if (out === undefined) {
    return format === undefined ? undefined : { refused: "--format says what --out writes; give --out, too" };
  }
  const said = out.endsWith(".speedscope.json")
    ? "speedscope"
    : out.endsWith(".trace.json")
      ? "chrome"
      : undefined;
  const chosen = format ?? said;
  if (chosen !== undefined) return { path: out, format: chosen };
  if (isFolder(out))
    return {
      refused: `--out ${out} is a folder; name a file, for example ${join(out, "profile.speedscope.json")}`,
    };
  const example = `${out.replace(/\.json$/, "")}.speedscope.json`;
  return {
    refused: `which format is ${out}? Call it ${example} or *.trace.json, or add --format speedscope or chrome`,
  };
}

function isFolder(path: string): boolean {
  try {
    return path.endsWith("/") || statSync(path).isDirectory();
  } catch {
    // What stands there, if anything, is told when it is to be written.
    return false;
  }
}

function isFormat(text: string): text is ProfileFormat {
  return (formats as readonly string[]).includes(text);
}
