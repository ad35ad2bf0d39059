/**
 * Answers on their way back. Those of short tasks travel together; one that took a while, or after which there is nothing
 * to do, goes at once.
 */
import type { MessagePort } from "node:worker_threads";
import { AnswerFrameWriter } from "../codec/answer-frame.ts";
import type { AnswerFrame } from "../protocol.ts";
import { thrownMessage } from "./thrown-message.ts";

/** Answers wait this long at most for others. */
const heldMs = 1;

export class AnswerOutbox {
  readonly frame: AnswerFrameWriter = new AnswerFrameWriter();
  private readonly port: MessagePort;
  private postedAt = 0;
  private isPlanned = false;
  /** A frame is being worked off; `post` comes behind it. */
  isInFrame = false;

  constructor(port: MessagePort) {
    this.port = port;
  }

  /** Something was put: posts it if it is due, `now` being the time (shared clock). */
  put(now: number): void {
    if (now - this.postedAt >= heldMs) this.post(now);
    else if (!this.isPlanned && !this.isInFrame) {
      this.isPlanned = true;
      setImmediate(() => {
        this.isPlanned = false;
        this.post(now);
      });
    }
  }

  post(now: number): void {
    this.postedAt = now;
    if (this.frame.isEmpty) return;
    const frame = this.frame.take();
    try {
      this.port.postMessage(frame);
    } catch {
      // Only what calls gave can be uncloneable; cells are checked when they are put.
      this.port.postMessage(withoutUncloneable(frame));
    }
  }
}

function withoutUncloneable(frame: AnswerFrame): AnswerFrame {
  const unsent = new Map<number, string>();
  const values = (frame.values ?? []).map((value, place) => {
    try {
      return structuredClone(value);
    } catch (error) {
      unsent.set(place, `what it gave cannot be sent: ${thrownMessage(error)}`);
      return null;
    }
  });
  return { ...frame, values, unsent };
}
