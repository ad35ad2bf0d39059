/**
 * What could be written at an offset of a formula: for completion. Tokens before the offset are read once with a
 * stack of the open brackets; no tree is made, so it works in the middle of anything.
 */
import { lexToken, skipTrivia } from "./lexer.ts";
import type { Token } from "./token.ts";

/** What could be written at an offset: for completion. */
export interface Expected {
  /** A value (a name, a literal, an opening bracket) or something that continues the expression. */
  readonly kind: "operand" | "operator" | "index" | "axis" | "none";
  /** Where the word being written starts, and what of it stands before the offset. */
  readonly start: number;
  readonly prefix: string;
  /** The innermost call around the offset, and which argument it is in, from 0. */
  readonly call?: { readonly name: string; readonly argument: number };
  /** The name whose index brackets are around the offset. */
  readonly indexOf?: string;
}

interface OpenBracket {
  readonly bracket: string;
  readonly name: string;
  argument: number;
}

/** What may stand at `offset` of a formula text. Cost: linear in the text before it. */
export function expectedAt(text: string, offset: number): Expected {
  const open: OpenBracket[] = [];
  let previous: Token | undefined;
  let isAxis = false;
  let token = lexToken(text, 0, offset);
  for (
    ;
    token.kind !== "end" && !(token.end >= offset && token.kind === "name");
    token = lexToken(text, token.end, offset)
  ) {
    if (token.kind === "operator") {
      if ("([{".includes(token.text)) {
        const name = previous?.kind === "name" && previous.end === token.start ? previous.text : "";
        open.push({ bracket: token.text, name, argument: 0 });
        isAxis = false;
      } else if (")]}".includes(token.text)) {
        open.pop();
        isAxis = false;
      } else if (token.text === ",") {
        const inner = open.at(-1);
        if (inner !== undefined) inner.argument++;
      }
    } else if (token.kind === "name" && token.text.toLowerCase() === "over" && open.length > 0) isAxis = true;
    if ((token.kind === "text" || token.kind === "quoted") && token.problem !== undefined) {
      return { kind: "none", start: offset, prefix: "" };
    }
    previous = token;
  }
  const word = token.kind === "name" ? token : undefined;
  return expectation(
    open,
    previous,
    isAxis,
    word?.start ?? offset,
    word?.text ?? "",
    skipTrivia(text, previous?.end ?? 0, offset),
  );
}

function expectation(
  open: readonly OpenBracket[],
  previous: Token | undefined,
  isAxis: boolean,
  start: number,
  prefix: string,
  reached: number,
): Expected {
  const inner = open.at(-1);
  const call = open.findLast(({ bracket, name }) => bracket === "(" && name !== "");
  const wantsOperand =
    previous === undefined ||
    (previous.kind === "operator" && !")]}%".includes(previous.text)) ||
    (previous.kind === "name" && previous.text.toLowerCase() === "over");
  const kind =
    reached > start
      ? "none"
      : isAxis
        ? "axis"
        : inner?.bracket === "["
          ? "index"
          : wantsOperand
            ? "operand"
            : "operator";
  return {
    kind,
    start,
    prefix,
    ...(call === undefined ? {} : { call: { name: call.name, argument: call.argument } }),
    ...(inner?.bracket === "[" ? { indexOf: inner.name } : {}),
  };
}
