/** Profiles as a file for Speedscope: its own JSON format, one "evented" profile for each. */
import type { Profile, ProfileSpan } from "./profile.ts";

/** A profile with what it is of: `opening`, `edit`. */
export interface NamedProfile {
  readonly name: string;
  readonly profile: Profile;
}

/** The parts of Speedscope's file that are written. */
export interface SpeedscopeFile {
  readonly $schema: "https://www.speedscope.app/file-format-schema.json";
  readonly name: string;
  readonly exporter: string;
  readonly activeProfileIndex: number;
  readonly shared: { readonly frames: readonly { readonly name: string }[] };
  readonly profiles: readonly SpeedscopeProfile[];
}

interface SpeedscopeProfile {
  readonly type: "evented";
  readonly name: string;
  readonly unit: "milliseconds";
  readonly startValue: number;
  readonly endValue: number;
  readonly events: readonly SpeedscopeEvent[];
}

interface SpeedscopeEvent {
  readonly type: "O" | "C";
  readonly frame: number;
  readonly at: number;
}

/**
 * What a `.speedscope.json` file holds. Every span opens and closes, the inner before the outer, and times never go
 * back; levels, loops and recurrences are frames around the nodes.
 *
 * @example
 * ```ts
 * const profiler = createProfiler({ now: () => 0 });
 * profiler.begin("parse", "shop.reckon");
 * profiler.end();
 * const file = speedscopeOf("shop", [{ name: "opening", profile: profiler.stop() }]);
 * file.shared.frames; // [{ name: "parse shop.reckon" }]
 * file.profiles[0].events.map(({ type }) => type).join(""); // "OC"
 * ```
 */
export function speedscopeOf(name: string, profiles: readonly NamedProfile[]): SpeedscopeFile {
  const frames: { readonly name: string }[] = [];
  const ids = new Map<string, number>();
  const frameOf = (frameName: string): number => {
    let id = ids.get(frameName);
    if (id === undefined) {
      id = frames.push({ name: frameName }) - 1;
      ids.set(frameName, id);
    }
    return id;
  };
  const written = profiles.map(({ name: title, profile }): SpeedscopeProfile => {
    const frameIds = profile.frames.map((frame) => frameOf(frame.name));
    const events = eventsOf(profile.spans, frameIds);
    return {
      type: "evented",
      name: title,
      unit: "milliseconds",
      startValue: events[0]?.at ?? 0,
      endValue: events.at(-1)?.at ?? 0,
      events,
    };
  });
  return {
    $schema: "https://www.speedscope.app/file-format-schema.json",
    name,
    exporter: "reckon",
    activeProfileIndex: 0,
    shared: { frames },
    profiles: written,
  };
}

function eventsOf(spans: readonly ProfileSpan[], frameIds: readonly number[]): SpeedscopeEvent[] {
  const events: SpeedscopeEvent[] = [];
  const open: { readonly frame: number; readonly to: number }[] = [];
  const closeTo = (depth: number): void => {
    while (open.length > depth) {
      const { frame, to } = open.pop() as { frame: number; to: number };
      events.push({ type: "C", frame, at: to });
    }
  };
  for (const span of spans) {
    // Where an outer span was left out, an inner one stands where that would stand.
    closeTo(Math.min(span.depth, open.length));
    const frame = frameIds[span.frame] as number;
    open.push({ frame, to: span.to });
    events.push({ type: "O", frame, at: span.from });
  }
  closeTo(0);
  return events;
}
