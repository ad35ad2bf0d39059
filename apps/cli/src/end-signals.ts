/**
 * Ctrl-C and its like for a command that goes on until it is ended. A signal is heard between two pieces of work; a
 * calculation that never ends (a model's module may loop for ever) lets no listener run, so while one is going on the
 * signals keep their default meaning and end the process at once.
 */
const allSignals: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

export class EndSignals {
  /** Resolves with the first signal that is heard. */
  readonly ended: Promise<void>;
  private readonly end: () => void;
  private readonly signals: readonly NodeJS.Signals[];
  private isHearing = false;
  /** Whether it is heard again when this turn is over. */
  private isBack = false;

  constructor(signals: readonly NodeJS.Signals[] = allSignals) {
    this.signals = signals;
    let resolveEnd = () => {};
    this.ended = new Promise((resolve) => {
      resolveEnd = resolve;
    });
    this.end = resolveEnd;
  }

  /** From now on a signal resolves `ended`. */
  hear(): void {
    if (!this.isHearing) for (const signal of this.signals) process.on(signal, this.end);
    this.isHearing = true;
    this.isBack = false;
  }

  /** Until this turn is over a signal ends the process, if it is heard now. */
  leave(): void {
    if (!this.isHearing || this.isBack) return;
    this.ignore();
    this.isBack = true;
    setImmediate(() => {
      if (this.isBack) this.hear();
    });
  }

  /** From now on a signal ends the process. */
  ignore(): void {
    if (this.isHearing) for (const signal of this.signals) process.off(signal, this.end);
    this.isHearing = false;
    this.isBack = false;
  }
}
