/**
 * Standard output for the screen: what is written never blocks the event loop, and at the end nothing is lost.
 *
 * Node writes to a terminal synchronously: on a slow link every frame stops the program until the terminal has taken
 * it. Here writes are queued and handed to the thread pool one at a time (`fs.write`), so keys are read and
 * recalculation goes on meanwhile; the frame clock asks `isDrained` before it makes another frame.
 *
 * - All that is written within one turn of the event loop goes out as one write. Runs of "next line" codes, with
 *   which the renderer skips unchanged rows, become one code: 44 rows skipped are 5 bytes instead of 132.
 * - `flushSync` writes the rest blocking: for the way out. A write that is under way in the pool cannot be called back, and
 *   one that has not begun there comes after: so whoever can waits for `drained` first, and it is given a moment where
 *   nobody can (an exception).
 * - A terminal that is gone (EIO, EPIPE) ends all writing quietly: the way out must not fail because of it.
 */
import { EventEmitter } from "node:events";
import * as files from "node:fs";

export interface TerminalStream extends NodeJS.EventEmitter {
  readonly fd: number;
  readonly columns?: number;
  readonly rows?: number;
}

type Done = (error?: Error | null) => void;

// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence is what is looked for
const nextLines = /(?:\u001b\[E){2,}/g;
/** A style that ends where it began; the renderer leaves them where it skips the beginning of a row. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
const emptyStyles = /\u001b\[(?:[12]m\u001b\[22m|3\dm\u001b\[39m|7m\u001b\[27m)/g;
const retryMs = 5;
/** How long a write in the pool is given to begin, where nobody can wait for its end. */
const beginMs = 20;

/** Runs of `ESC [ E` as one, without styles around nothing (styles are never nested). Exported for the tests. */
export function shortenFrame(text: string): string {
  return text.replace(emptyStyles, "").replace(nextLines, (run) => `\u001b[${run.length / 3}E`);
}

export class ScreenOutput extends EventEmitter {
  readonly isTTY = true;
  readonly writable = true;
  private readonly stream: TerminalStream;
  private readonly onWritten: (ms: number) => void;
  private waiting = "";
  private doneLater: Done[] = [];
  private current: Buffer | undefined;
  private isQueued = false;
  private isGone = false;
  /** Bytes accepted so far. */
  bytes = 0;

  /** `onWritten` hears after each write how long it took, in milliseconds. */
  constructor(stream: TerminalStream, onWritten: (ms: number) => void = () => {}) {
    super();
    this.stream = stream;
    this.onWritten = onWritten;
    stream.on("resize", () => this.emit("resize"));
  }

  get columns(): number {
    return this.stream.columns ?? 80;
  }
  get rows(): number {
    return this.stream.rows ?? 24;
  }

  /** Queues text (an empty one is a barrier); `done` is called when it is out. Never blocks. */
  write(text: string | Uint8Array, encodingOrDone?: BufferEncoding | Done, done?: Done): boolean {
    const callback = typeof encodingOrDone === "function" ? encodingOrDone : done;
    this.waiting += typeof text === "string" ? text : Buffer.from(text).toString("utf8");
    if (callback !== undefined) this.doneLater.push(callback);
    if (!this.isQueued && this.current === undefined) {
      this.isQueued = true;
      setImmediate(() => {
        this.isQueued = false;
        this.send();
      });
    }
    return true;
  }

  /** Whether everything is out. */
  isDrained(): boolean {
    return this.waiting === "" && this.current === undefined;
  }

  /** Resolves when everything is out, or after `limitMs`: a terminal may take nothing (Ctrl-S). */
  drained(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, limitMs);
      this.write("", () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Writes what waits, blocking. For the way out of the program. */
  flushSync(): void {
    if (this.current !== undefined) pause(beginMs);
    const text = this.waiting;
    this.waiting = "";
    this.writeSync(Buffer.from(shortenFrame(text)));
    this.finish(this.doneLater.splice(0));
  }

  private send(): void {
    if (this.current !== undefined) return;
    const done = this.doneLater.splice(0);
    const bytes = Buffer.from(shortenFrame(this.waiting));
    this.waiting = "";
    if (bytes.length === 0 || this.isGone) {
      this.finish(done);
      return;
    }
    this.current = bytes;
    this.sendRest(bytes, 0, performance.now(), done);
  }

  private sendRest(bytes: Buffer, from: number, startedMs: number, done: readonly Done[]): void {
    files.write(this.stream.fd, bytes, from, bytes.length - from, null, (error, written) => {
      if (error?.code === "EAGAIN" || error?.code === "EINTR") {
        setTimeout(() => this.sendRest(bytes, from, startedMs, done), retryMs);
        return;
      }
      if (error !== null) this.isGone = true;
      this.bytes += written ?? 0;
      if (error === null && from + written < bytes.length) {
        this.sendRest(bytes, from + written, startedMs, done);
        return;
      }
      this.current = undefined;
      this.onWritten(performance.now() - startedMs);
      this.finish(done);
      if (this.waiting !== "" || this.doneLater.length > 0) this.send();
    });
  }

  private writeSync(bytes: Buffer): void {
    let from = 0;
    while (from < bytes.length && !this.isGone) {
      try {
        const written = files.writeSync(this.stream.fd, bytes, from);
        from += written;
        this.bytes += written;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === "EAGAIN" || code === "EINTR") pause(retryMs);
        else this.isGone = true;
      }
    }
  }

  private finish(done: readonly Done[]): void {
    for (const callback of done) callback(null);
  }
}

/** Blocks this thread. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
