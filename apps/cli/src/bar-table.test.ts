import { expect, it } from "vitest";
import { layBars } from "./bar-table.ts";

const table = {
  header: ["runs", "an entity", "speed-up", "cost"],
  lines: [
    { label: "stores over store (/models)", cells: [] },
    { label: "  threads 2", cells: ["12", "31 ms", "1.90 ×", ""], bar: 0.5 },
    { label: "  sequential", cells: ["3", "59 ms", "", ""], bar: 1 },
  ],
  leaves: ["runs", "speed-up"],
};

it("[CL89] bars are as long as there is room, and a column without a figure is none", () => {
  expect(layBars(table, 80)).toEqual([
    "              runs  an entity  speed-up",
    "stores over store (/models)",
    "  threads 2     12      31 ms    1.90 ×  ██████████",
    "  sequential     3      59 ms            ████████████████████",
  ]);
  expect(layBars(table, 50)[2]).toBe("  threads 2     12      31 ms    1.90 ×  ████▌");
});

it("[CL89] in a narrow window bars go first, then the columns that say least, never the others", () => {
  expect(layBars(table, 39)).toEqual([
    "              runs  an entity  speed-up",
    "stores over store (/models)",
    "  threads 2     12      31 ms    1.90 ×",
    "  sequential     3      59 ms",
  ]);
  expect(layBars(table, 38)[0]).toBe("              an entity  speed-up");
  expect(layBars(table, 30)).toEqual([
    "              an entity",
    "stores over store (/models)",
    "  threads 2       31 ms  ██▌",
    "  sequential      59 ms  █████",
  ]);
});
