/**
 * The app's one clock: it decides when a frame is drawn.
 *
 * - Nothing dirty: no timer, no frame.
 * - `markDirty`: one frame at the next tick of a 30-per-second grid, however often it is called.
 * - `drawNow`: at once, for the echo of a key; if output has not drained, at the next tick instead.
 * - While output has not drained no frame is made: frames that nobody can see yet would only queue up.
 * - Two writes in a row that took over 50 ms step the rate down (30, 15, 8, 4); eight quick ones step it up again. A
 *   single slow write is more often a busy machine than a slow link.
 *
 * Time and timers come from outside, so tests drive it by hand.
 */

/** Frames a second, fastest first. */
export const frameRates = [30, 15, 8, 4] as const;
/** A slower write than this, in milliseconds, means a slow link. */
const slowWriteMs = 50;
const quickWritesToRecover = 8;
const slowWritesToStep = 2;

export interface FrameTimers {
  readonly now: () => number;
  /** Calls back once after `ms`; returns a function that cancels. */
  readonly after: (ms: number, callback: () => void) => () => void;
}

export interface FrameClock {
  readonly markDirty: () => void;
  readonly drawNow: () => void;
  /** Draws at `time` (of `now`) if nothing did before: for what changes by itself, as a flash that fades. */
  readonly drawAt: (time: number) => void;
  /** Output tells how long a write took until it was accepted. */
  readonly noteWrite: (ms: number) => void;
  readonly rate: () => number;
  readonly stop: () => void;
}

export function createFrameClock(options: {
  readonly timers: FrameTimers;
  readonly draw: () => void;
  readonly isDrained: () => boolean;
}): FrameClock {
  const { timers, draw, isDrained } = options;
  let step = 0;
  let quickWrites = 0;
  let slowWrites = 0;
  let lastFrame = Number.NEGATIVE_INFINITY;
  let isDirty = false;
  let isStopped = false;
  let cancel: (() => void) | undefined;
  let wakeAt = Number.POSITIVE_INFINITY;
  let cancelWake: (() => void) | undefined;

  const rate = (): number => frameRates[step] as number;
  const frame = (): void => {
    isDirty = false;
    cancel?.();
    cancel = undefined;
    lastFrame = timers.now();
    draw();
  };
  const tick = (): void => {
    cancel = undefined;
    if (isStopped || !isDirty) return;
    if (isDrained()) frame();
    else schedule(1000 / rate());
  };
  const schedule = (ms: number): void => {
    cancel ??= timers.after(ms, tick);
  };
  const markDirty = (): void => {
    if (isStopped) return;
    isDirty = true;
    schedule(Math.max(0, lastFrame + 1000 / rate() - timers.now()));
  };
  return {
    markDirty,
    drawNow: () => {
      if (isStopped) return;
      if (isDrained()) frame();
      else markDirty();
    },
    drawAt: (time) => {
      if (isStopped || time >= wakeAt) return;
      cancelWake?.();
      wakeAt = time;
      cancelWake = timers.after(Math.max(0, time - timers.now()), () => {
        wakeAt = Number.POSITIVE_INFINITY;
        cancelWake = undefined;
        markDirty();
      });
    },
    noteWrite: (ms) => {
      if (ms > slowWriteMs) {
        quickWrites = 0;
        if (++slowWrites < slowWritesToStep) return;
        slowWrites = 0;
        step = Math.min(step + 1, frameRates.length - 1);
        return;
      }
      slowWrites = 0;
      if (step > 0 && ++quickWrites >= quickWritesToRecover) {
        step--;
        quickWrites = 0;
      }
    },
    rate,
    stop: () => {
      isStopped = true;
      cancel?.();
      cancelWake?.();
    },
  };
}
