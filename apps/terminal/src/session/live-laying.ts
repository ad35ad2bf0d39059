/** How the app has its sheet laid. */
import type { LayingOptions } from "@reckon/sheet";

/** Drawing computes nothing. An edit of a live sheet moves a loop's solution a little: its last one is nearly the next. */
export const liveLaying: LayingOptions = { loops: { start: "warm" }, isStill: true };
