import { describe, expect, it } from "vitest";
import { Progress } from "./progress.ts";

function watched(): { said: string[]; wait: (ms: number) => void; progress: Progress } {
  const said: string[] = [];
  let ms = 0;
  const progress = new Progress({ write: (text) => said.push(text), now: () => ms });
  return {
    said,
    progress,
    wait: (more) => {
      ms += more;
    },
  };
}

describe("progress", () => {
  it("[CL62] is said of a step that begins after a second, and wiped at the end", () => {
    const { said, wait, progress } = watched();
    progress.step("calculating a.reckon");
    wait(900);
    progress.step("measuring a.reckon");
    expect(said).toEqual([]);
    wait(600);
    progress.step("analysing the plan");
    expect(said).toEqual(["\rreckon: analysing the plan … 1.5 s\u001b[K"]);
    progress.end();
    progress.end();
    expect(said.slice(1)).toEqual(["\r\u001b[K"]);
  });

  it("[CL62] is said of each step of a large model, but not while somebody else writes", () => {
    const { said, wait, progress } = watched();
    progress.hurry();
    progress.step("reading a.reckon");
    progress.pause();
    wait(100);
    progress.step("asking");
    progress.resume();
    progress.step("calculating a.reckon");
    progress.end();
    expect(said).toEqual([
      "\rreckon: reading a.reckon … 0.0 s\u001b[K",
      "\r\u001b[K",
      "\rreckon: calculating a.reckon … 0.1 s\u001b[K",
      "\r\u001b[K",
    ]);
  });
});
