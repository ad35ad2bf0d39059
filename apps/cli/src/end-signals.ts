/**
 * Ctrl-C and its like for a command that goes on until it is ended. A signal is heard between two pieces of work; a
 * calculation that never ends (a model's module may loop for ever) lets no listener run, so while one is going on the
 * signals keep their default meaning and end the process at once.
 */
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export class EndSignals {
  /** Resolves with the first signal that is heard. */
  readonly ended: Promise<void>;
  private readonly end: () => void;
  private isHearing = false;

  constructor() {
    let resolveEnd = () => {};
    this.ended = new Promise((resolve) => {
      resolveEnd = resolve;
    });
    this.end = resolveEnd;
  }

  /** From now on a signal resolves `ended`. */
  hear(): void {
    if (!this.isHearing) for (const signal of signals) process.on(signal, this.end);
    this.isHearing = true;
  }

  /** From now on a signal ends the process. */
  ignore(): void {
    if (this.isHearing) for (const signal of signals) process.off(signal, this.end);
    this.isHearing = false;
  }
}
