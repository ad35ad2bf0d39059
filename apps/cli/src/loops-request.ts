/** `reckon loops`: what its options mean. */
import type { ModelRequest, Refusal } from "./model-request.ts";
import type { RawOptions } from "./raw-options.ts";

export interface LoopsRequest extends ModelRequest {
  readonly command: "loops";
  /** Every solve a line. */
  readonly isAll: boolean;
  readonly isJson: boolean;
  /** Other first guesses to try. */
  readonly from: readonly number[];
}

export function loopsRequest(request: ModelRequest, options: RawOptions): LoopsRequest | Refusal {
  const written = (options.from ?? "").split(",").map((value) => value.trim());
  const from: number[] = [];
  for (const text of written.filter(Boolean)) {
    const value = Number(text.replaceAll("_", ""));
    if (!Number.isFinite(value))
      return { refused: `cannot read --from ${text}: write numbers, as in 0,1000` };
    from.push(value);
  }
  return {
    command: "loops",
    ...request,
    isAll: options.all === true,
    isJson: options.json === true,
    from: [...new Set(from)],
  };
}
