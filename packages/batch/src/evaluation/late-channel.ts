/**
 * On which threads tell what functions of modules threw when their chunk had ended: there is no answer any more that could carry it.
 * Keeps no process alive. Cost: a message for each.
 */
import { BroadcastChannel } from "node:worker_threads";

let channels = 0;

export class LateChannel {
  /** Of this one alone in the process. */
  readonly name: string = `reckon-late-${++channels}`;
  #channel: BroadcastChannel | undefined;

  /** Without somebody to tell nothing is opened. */
  listen(onLate: ((message: string) => void) | undefined): void {
    if (onLate === undefined) return;
    const channel = new BroadcastChannel(this.name);
    channel.onmessage = (event: unknown): void => onLate(String((event as MessageEvent).data));
    channel.unref();
    this.#channel = channel;
  }

  close(): void {
    this.#channel?.close();
    this.#channel = undefined;
  }
}
