/**
 * What is going on, on one line of a terminal, for a person who waits.
 *
 * Nothing is said within the first second, except of a large model: most of the work lets no timer run, so what may take
 * long is said before it begins. The line stays while the work goes on and is wiped behind it. Without a terminal
 * nothing is ever said.
 */
const patienceMs = 1000;

export interface ProgressOptions {
  /** Writes to the terminal; absent, and standard error is no terminal: nothing is said. */
  readonly write?: (text: string) => void;
  readonly now?: () => number;
}

export class Progress {
  readonly #write: ((text: string) => void) | undefined;
  readonly #now: () => number;
  readonly #began: number;
  #isUrgent = false;
  #isPaused = false;
  #isSaid = false;
  #step = "";
  #timer: NodeJS.Timeout | undefined;

  constructor({ write, now = () => performance.now() }: ProgressOptions = {}) {
    const { stderr } = process;
    this.#write = write ?? (stderr.isTTY ? (text) => void stderr.write(text) : undefined);
    this.#now = now;
    this.#began = now();
  }

  /** From now on every step is said at once. */
  hurry(): void {
    this.#isUrgent = true;
  }

  /** What goes on from now on: `calculating plan.reckon`. */
  step(text: string): void {
    if (this.#write === undefined) return;
    this.#step = text;
    this.#timer ??= setInterval(() => this.#say(), patienceMs).unref();
    if (this.#isUrgent || this.#elapsed() > patienceMs) this.#say();
  }

  /** Wipes the line and says nothing until `resume`: somebody else writes there. */
  pause(): void {
    this.#wipe();
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
  }

  /** Nothing goes on any more, until the next step. */
  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#wipe();
  }

  #elapsed(): number {
    return this.#now() - this.#began;
  }

  #say(): void {
    if (this.#isPaused) return;
    this.#write?.(`\rreckon: ${this.#step} … ${(this.#elapsed() / 1000).toFixed(1)} s\u001b[K`);
    this.#isSaid = true;
  }

  #wipe(): void {
    if (this.#isSaid) this.#write?.("\r\u001b[K");
    this.#isSaid = false;
  }
}
