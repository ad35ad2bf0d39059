import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const program = fileURLToPath(new URL("./fixtures/child-process.ts", import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly messages: string;
}

/** Runs a process of its own, which must come to its end by itself. */
function ended(what: string): Promise<Ended> {
  const child = spawn(process.execPath, ["--conditions=@reckon/source", program, what]);
  let out = "";
  let messages = "";
  child.stdout.on("data", (chunk) => {
    out += String(chunk);
  });
  child.stderr.on("data", (chunk) => {
    messages += String(chunk);
  });
  return new Promise((resolve) => {
    child.on("close", (code) => resolve({ code, out, messages }));
  });
}

it.each([
  ["idle threads", "idle", "done\n"],
  ["work that runs, as long as it does", "busy", "done\n"],
  ["work after it was idle, as long as that runs", "again", "done\ndone\n"],
  ["a cancelled task that never ends", "cancelled", "cancelled\n"],
  ["a cancelled task that only waited", "forgotten", "cancelled\n"],
  ["a thread that could not be started", "unstarted", "done\n"],
  ["a closed executor with work under way", "closed", "cancelled\nclosed\n"],
])("[WK19] a process with %s ends by itself", async (_, what, out) => {
  expect(await ended(what)).toEqual({ code: 0, out, messages: "" });
});

it.each(["prints and closes", "prints to a slow reader"])(
  "[WK18] what threads have printed has arrived when the executor is closed: %s",
  async (what) => {
    const { code, messages } = await ended(what);
    const lines = Array.from({ length: 500 }, (_, i) => `${i} ${"hello ".repeat(100)}\n`);
    expect({ code, isAll: messages === lines.join("") }).toEqual({ code: 0, isAll: true });
  },
);

it("[WK18] what a thread prints is a message, and no result", async () => {
  expect(await ended("prints")).toEqual({ code: 0, out: "", messages: "hello\n" });
});
