/** Bodies and answers as the queue's JSON takes them, and back, byte for byte. */
import type { AnswerLetter } from "./bullmq-queue.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** PostgreSQL's JSON has no NUL, so texts with one go as base64. */
export function letterOf(bytes: Uint8Array): AnswerLetter {
  const text = textOf(bytes);
  if (text !== undefined && !text.includes("\0")) return { text };
  return { base64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64") };
}

export function bytesOf({ text, base64 }: AnswerLetter): Uint8Array {
  return base64 === undefined ? Buffer.from(text ?? "", "utf8") : Buffer.from(base64, "base64");
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
