/** A smoke test in tmux: a second terminal implementation, with its own ideas of widths, colours and resizing. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { terminalEntry } from "./screen.ts";

const hasTmux = spawnSync("tmux", ["-V"]).status === 0;
const limitMs = 20_000;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reckon-tmux-"));
});
afterEach(() => {
  if (hasTmux) tmux("kill-server");
  rmSync(folder, { recursive: true, force: true });
});

const tmux = (...args: string[]): string =>
  spawnSync("tmux", ["-S", join(folder, "socket"), "-f", "/dev/null", ...args], {
    encoding: "utf8",
    cwd: folder,
  }).stdout;
const pane = (): string => tmux("capture-pane", "-p", "-t", "app");

async function until(what: string, condition: (text: string) => boolean): Promise<string> {
  const end = Date.now() + limitMs;
  for (;;) {
    const text = pane();
    if (condition(text)) return text;
    if (Date.now() > end) throw new Error(`tmux never showed: ${what}\n${text}`);
    // Asking tmux takes a process; between two questions others may run.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

// Skipped where the tmux program is not installed; continuous integration installs it.
describe.skipIf(!hasTmux)("in tmux", () => {
  it("[TE45] opens, edits, resizes and leaves the screen as it was", async () => {
    writeFileSync(
      join(folder, "shop.reckon"),
      "model shop\ntime year 2026..2030\nblock sales by year\n  input units = 100\n  double = units * 2\n",
    );
    const script = join(folder, "open.mjs");
    writeFileSync(
      script,
      `import { openTerminal } from ${JSON.stringify(terminalEntry)};
process.exitCode = await openTerminal({ model: "shop.reckon", scenarios: [], sets: [], allowModules: false });`,
    );
    tmux("new-session", "-d", "-s", "app", "-x", "100", "-y", "24", "env PS1='$ ' LC_ALL=C.UTF-8 sh");
    tmux("send-keys", "-t", "app", `echo before; ${process.execPath} ${script}; echo code $?`, "Enter");
    await until("the grid", (text) => /double += +200 +200/.test(text));
    tmux("send-keys", "-t", "app", "Enter");
    await until("the edit", (text) => text.includes("units[2026] = 100"));
    tmux("send-keys", "-t", "app", "C-u", "250", "Enter");
    await until("the result", (text) => /double += +Δ?500 +200/.test(text));
    tmux("resize-window", "-t", "app", "-x", "60", "-y", "14");
    await until(
      "the smaller screen",
      (text) => text.split("\n")[0]?.length === 60 || /^ shop\*.{40,60}$/m.test(text),
    );
    tmux("send-keys", "-t", "app", ":q!", "Enter");
    const left = await until("the shell", (text) => text.includes("code 0"));
    expect(left).toContain("before");
    expect(left).not.toContain("double");
  });

  it("[TE51] [TE49] marks what is behind an unsolved loop, in wide and narrow windows, until an edit solves it", async () => {
    writeFileSync(
      join(folder, "stock.reckon"),
      `model stock
time year 2026..2029
block stock by year
  input asked = [0, 1, 0, 0]
  order = IF(asked > 0, IF(level > 10, 0, 20), 5)
  level = order
  loop order
  so_far = so_far[t-1] + level * 2   start 0
  paid = 0.5 * owed + asked + 1
  owed = paid
  loop owed  start 1
`,
    );
    const script = join(folder, "open.mjs");
    writeFileSync(
      script,
      `import { openTerminal } from ${JSON.stringify(terminalEntry)};
process.exitCode = await openTerminal({ model: "stock.reckon", scenarios: [], sets: [], allowModules: false });`,
    );
    tmux("new-session", "-d", "-s", "app", "-x", "120", "-y", "40", "env PS1='$ ' LC_ALL=C.UTF-8 sh");
    tmux("send-keys", "-t", "app", `${process.execPath} ${script}; echo code $?`, "Enter");
    await until("the marks", (text) => /so_far += +10 +[\d.]+~ +[\d.]+~ +[\d.]+~/.test(text));
    tmux("send-keys", "-t", "app", ":go stock.level[2027]", "Enter");
    const pane = await until("the explanation", (text) => text.includes("LOOP"));
    expect(pane).toContain("switching");
    tmux("resize-window", "-t", "app", "-x", "44", "-y", "22");
    await until("one column", (text) => /level +↻ +\[ +~[\d.]+\]/.test(text));
    tmux("resize-window", "-t", "app", "-x", "120", "-y", "40");
    tmux("send-keys", "-t", "app", ":go stock.asked[2027]", "Enter", "Enter");
    await until("the edit", (text) => text.includes("asked[2027] = 1"));
    tmux("send-keys", "-t", "app", "C-u", "0", "Enter");
    await until("no marks", (text) => /so_far += +10 +Δ?20 +Δ?30 +Δ?40/.test(text));
    tmux("send-keys", "-t", "app", ":go stock.owed[2027]", "Enter");
    await until("the last solution as a start", (text) => text.includes("(warm)"));
    tmux("send-keys", "-t", "app", ":go stock.owed[2026]", "Enter");
    await until("the declared start", (text) => /owed from 1/.test(text));
    tmux("send-keys", "-t", "app", ":q!", "Enter");
    await until("the shell", (text) => text.includes("code 0"));
  });
});
