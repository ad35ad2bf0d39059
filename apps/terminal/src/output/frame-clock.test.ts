import { describe, expect, it } from "vitest";
import { createFrameClock, type FrameTimers } from "./frame-clock.ts";

/** Time that moves only when told. */
function handTimers(): FrameTimers & {
  readonly advance: (ms: number) => void;
  readonly waiting: () => number;
} {
  let now = 0;
  let waiting: { at: number; callback: () => void }[] = [];
  return {
    now: () => now,
    after: (ms, callback) => {
      const entry = { at: now + ms, callback };
      waiting.push(entry);
      return () => {
        waiting = waiting.filter((other) => other !== entry);
      };
    },
    advance: (ms) => {
      const end = now + ms;
      for (;;) {
        const next = waiting.filter((entry) => entry.at <= end).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        waiting = waiting.filter((entry) => entry !== next);
        now = Math.max(now, next.at);
        next.callback();
      }
      now = end;
    },
    waiting: () => waiting.length,
  };
}

function clockWith(): {
  clock: ReturnType<typeof createFrameClock>;
  timers: ReturnType<typeof handTimers>;
  frames: () => number;
  setDrained: (isDrained: boolean) => void;
} {
  const timers = handTimers();
  let frames = 0;
  let isDrained = true;
  const clock = createFrameClock({
    timers,
    draw: () => {
      frames++;
    },
    isDrained: () => isDrained,
  });
  return {
    clock,
    timers,
    frames: () => frames,
    setDrained: (value) => {
      isDrained = value;
    },
  };
}

describe("frame clock", () => {
  it("[TE20] draws nothing and holds no timer while nothing is dirty", () => {
    const { timers, frames } = clockWith();
    timers.advance(10_000);
    expect(frames()).toBe(0);
    expect(timers.waiting()).toBe(0);
  });

  it("[TE20] draws at most 30 frames a second, however often it is marked", () => {
    const { clock, timers, frames } = clockWith();
    for (let ms = 0; ms < 1000; ms++) {
      for (let i = 0; i < 50; i++) clock.markDirty();
      timers.advance(1);
    }
    expect(frames()).toBeGreaterThanOrEqual(29);
    expect(frames()).toBeLessThanOrEqual(31);
    timers.advance(1000);
    const settled = frames();
    timers.advance(5000);
    expect(frames()).toBe(settled);
    expect(timers.waiting()).toBe(0);
  });

  it("[TE21] draws the echo of a key at once", () => {
    const { clock, timers, frames } = clockWith();
    clock.markDirty();
    timers.advance(0);
    expect(frames()).toBe(1);
    clock.drawNow();
    expect(frames()).toBe(2);
  });

  it("[TE22] waits while output has not drained, then draws once", () => {
    const { clock, timers, frames, setDrained } = clockWith();
    setDrained(false);
    clock.drawNow();
    clock.markDirty();
    timers.advance(500);
    expect(frames()).toBe(0);
    setDrained(true);
    timers.advance(100);
    expect(frames()).toBe(1);
  });

  it("[TE22] steps down on a slow link and up again on a quick one", () => {
    const { clock } = clockWith();
    const rates = [80, 80, 80, 80, 80, 80, 80, 80].map((ms) => {
      clock.noteWrite(ms);
      return clock.rate();
    });
    expect(rates).toEqual([30, 15, 15, 8, 8, 4, 4, 4]);
    for (let i = 0; i < 24; i++) clock.noteWrite(1);
    expect(clock.rate()).toBe(30);
    for (let i = 0; i < 10; i++) for (const ms of [80, 1]) clock.noteWrite(ms);
    expect(clock.rate()).toBe(30);
  });

  it("[TE20] wakes for what changes by itself, once", () => {
    const { clock, timers, frames } = clockWith();
    clock.drawAt(600);
    clock.drawAt(150);
    timers.advance(149);
    expect(frames()).toBe(0);
    timers.advance(40);
    expect(frames()).toBe(1);
    timers.advance(1000);
    expect(frames()).toBe(1);
    clock.stop();
    clock.markDirty();
    expect(timers.waiting()).toBe(0);
  });
});
