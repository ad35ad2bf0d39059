/** Profiles as a file in the trace event format, which Chrome's DevTools, chrome://tracing and Perfetto open. */
import type { NamedProfile } from "./speedscope.ts";

/** The parts of the trace event format that are written. Times are in microseconds. */
export interface ChromeTrace {
  readonly displayTimeUnit: "ms";
  readonly traceEvents: readonly TraceEvent[];
}

type TraceEvent = {
  readonly name: string;
  readonly cat: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
} & (
  | { readonly ph: "X"; readonly dur: number }
  | { readonly ph: "M"; readonly args?: { readonly name: string } }
);

const microsecondsOfMs = 1000;

/**
 * What a `.trace.json` file holds: each span one complete event, each profile a thread with its name.
 *
 * @example
 * ```ts
 * const profiler = createProfiler({ now: () => 0 });
 * profiler.begin("parse", "shop.reckon");
 * profiler.end();
 * const { traceEvents } = chromeTraceOf("shop", [{ name: "opening", profile: profiler.stop() }]);
 * traceEvents.filter(({ ph }) => ph === "X").map(({ name }) => name); // ["parse shop.reckon"]
 * ```
 */
export function chromeTraceOf(name: string, profiles: readonly NamedProfile[]): ChromeTrace {
  const pid = 1;
  const meta = (kind: string, tid: number, cat = "__metadata"): TraceEvent => ({
    name: kind,
    cat,
    ph: "M",
    pid,
    tid,
    ts: 0,
  });
  const traceEvents: TraceEvent[] = [
    { ...meta("process_name", 1), args: { name: `reckon ${name}` } } as TraceEvent,
    // Without this one DevTools does not take the file for a trace.
    meta("TracingStartedInBrowser", 1, "disabled-by-default-devtools.timeline"),
  ];
  profiles.forEach(({ name: title, profile }, i) => {
    const tid = i + 1;
    traceEvents.push({ ...meta("thread_name", tid), args: { name: title } } as TraceEvent);
    for (const span of profile.spans) {
      const frame = profile.frames[span.frame];
      if (frame === undefined) continue;
      const ts = span.from * microsecondsOfMs;
      const dur = span.to * microsecondsOfMs - ts;
      traceEvents.push({ name: frame.name, cat: frame.kind, ph: "X", pid, tid, ts, dur });
    }
  });
  return { displayTimeUnit: "ms", traceEvents };
}
