/** The app and its terminal: sizes, signals, bytes, what is left behind. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  closeScreens,
  framesOf,
  lineWith,
  openScreen,
  type Screen,
  type ScreenOptions,
  terminalEntry,
} from "./screen.ts";

const attributes = Array.from({ length: 40 }, (_, i) => `  input a${i}: USD = ${i + 1}.5`).join("\n");
const model = `model wide
time month 2026-01..2028-12
block sales by month
${attributes}
  sum = a0 + a1
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reckon-screen-"));
  writeFileSync(join(folder, "wide.reckon"), model);
});
afterEach(() => {
  closeScreens();
  rmSync(folder, { recursive: true, force: true });
});
const wide = async (options: ScreenOptions = {}): Promise<Screen> => {
  const screen = openScreen("wide.reckon", folder, options);
  await screen.until("the grid", (_lines, text) => text.includes("a0") && text.includes("1.5"));
  return screen;
};

describe("output", () => {
  it("[TE24] changes one cell in at most 400 bytes at 144×44", async () => {
    const screen = await wide({ columns: 144, rows: 44 });
    screen.press(":set sales.a5[2026-02] = 9\r");
    await screen.until("the change", (lines) => /a5 +in +6\.5 +9\.0/.test(lineWith(lines, "  a5 ")));
    screen.clearReceived();
    screen.press("u");
    await screen.until("the undo", (lines) => /a5 +in +6\.5 +6\.5/.test(lineWith(lines, "  a5 ")));
    const frames = framesOf(screen.received()).map((frame) => Buffer.byteLength(frame));
    expect(frames.length).toBeGreaterThanOrEqual(3);
    for (const bytes of frames) expect(bytes).toBeLessThanOrEqual(400);
  });

  it("[TE20] sends nothing while nothing changes", async () => {
    const screen = await wide();
    screen.press("j");
    await screen.until("the move", (lines) => lines[1]?.includes("a1[") === true);
    screen.clearReceived();
    // An own file that the app must notice shows that time has passed in it.
    writeFileSync(join(folder, "wide.reckon"), `${model}\n# end\n`);
    await screen.until("the reload", (_lines, text) => text.includes("reloaded wide.reckon"));
    expect(framesOf(screen.received()).length).toBeLessThanOrEqual(3);
  });

  it("[TE3] sends only ASCII with RECKON_ASCII=1, and [TE5] no colours under NO_COLOR", async () => {
    const screen = await wide({ environment: { RECKON_ASCII: "1", NO_COLOR: "1" } });
    screen.press("j?");
    await screen.until("the keys", (_lines, text) => text.includes("All keys"));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes are what is looked for
    const text = screen.received().replace(/\u001b\[[?\d;]*[A-Za-z]/g, "");
    expect(text).not.toMatch(/\P{ASCII}/u);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes are what is looked for
    expect(screen.received()).not.toMatch(/\u001b\[(3|4|9|10)\d[;m]/);
  });

  it("[TE11] survives a megabyte pasted into the grid and into a line", async () => {
    const screen = await wide();
    const paste = `\u001b[200~${"dd:q!\ru".repeat(150_000)}\u001b[201~`;
    screen.press(paste);
    await screen.until("the message", (_lines, text) => text.includes("pasted text is not run as keys"));
    screen.press("\r");
    await screen.until("the line", (lines) => lines[1]?.includes("a0[2026-01] = 1.5") === true);
    screen.press(`\u0015\u001b[200~7 +\r 1\u001b[201~`);
    await screen.until("the paste", (lines) => /= 7 \+ +1 .*▸ 8/.test(lines[1] ?? ""));
    screen.press("\r");
    await screen.until("the value", (lines) => /a0 +in \[ +Δ?8/.test(lineWith(lines, "  a0 ")));
    expect(screen.text()).toContain("a21");
  });
});

describe("window", () => {
  it("[TE8] follows the window to 20×5 and back", async () => {
    const screen = await wide();
    screen.press("j");
    screen.resize(20, 5);
    await screen.until(
      "the small screen",
      (lines) =>
        lines.length === 5 &&
        lines[0]?.startsWith(" wide") === true &&
        lines.some((line) => line.includes("a1")),
    );
    for (const line of screen.lines()) expect(line.length).toBeLessThanOrEqual(20);
    screen.press("jj");
    await screen.until("the move", (lines) => lines.some((line) => line.includes("a3")));
    screen.resize(144, 44);
    await screen.until(
      "the large screen",
      (lines) => lines.length === 44 && lines.some((line) => line.includes("│ sales.a3[2026-01]")),
    );
    expect(lineWith(screen.lines(), "  a20 ")).toContain("21.5");
    screen.resize(50, 20);
    await screen.until(
      "one column",
      (lines) =>
        lineWith(lines, "block.attribute").trim() === "block.attribute       >2026-01" ||
        /block.attribute +>2026-01$/.test(lineWith(lines, "block.attribute").trimEnd()),
    );
  });

  it("[TE7] scrolls both ways over more than fits", async () => {
    const screen = await wide({ columns: 80, rows: 16 });
    screen.press("G$");
    await screen.until(
      "the end",
      (lines) =>
        lineWith(lines, "sum").includes("[") && lineWith(lines, "block.attribute").includes(">2028-12"),
    );
    expect(lineWith(screen.lines(), "   a0 ")).toBe("");
    screen.press("gg0");
    await screen.until(
      "the beginning",
      (lines) => lineWith(lines, "   a0 ") !== "" && lineWith(lines, "block.attribute").includes("2026-01"),
    );
  });
});

describe("models of other shapes", () => {
  it("[TE9] shows members as columns without a time axis, and members as rows beside time", async () => {
    writeFileSync(
      join(folder, "points.reckon"),
      "model points\naxis player = Ann, Bo, Cy\nblock game by player\n  input minutes = 30\n  points = minutes * 2\nblock all\n  rate = 0.5\n",
    );
    const points = openScreen("points.reckon", folder);
    await points.until("the members", (lines) => /Ann +Bo +Cy/.test(lineWith(lines, "block.attribute")));
    expect(lineWith(points.lines(), "  points")).toMatch(/60 +60 +60/);
    expect(lineWith(points.lines(), "  rate")).toMatch(/rate += +0\.5/);
    writeFileSync(
      join(folder, "plan.reckon"),
      "model plan\ntime year 2026..2028\naxis region = North, South\nblock sales by region, year\n  input units = { North: 10, South: 20 }\n",
    );
    const plan = openScreen("plan.reckon", folder);
    await plan.until("the members", (lines) => /South +in/.test(lineWith(lines, "South")));
    expect(lineWith(plan.lines(), "South")).toMatch(/20 +20 +20/);
    plan.press("z");
    await plan.until(
      "them folded",
      (lines) => lineWith(lines, "South") === "" && lineWith(lines, "▸  units").includes("2 members"),
    );
  });
});

describe("the way out", () => {
  const isRestored = (screen: Screen): void => {
    expect(screen.isAlternate()).toBe(false);
    expect(screen.isCursorHidden()).toBe(false);
    expect(screen.received()).toContain("\u001b[?2004l");
  };

  it("[TE45] restores the screen when it is left while a frame waits for its turn", async () => {
    // The frame of the first key is held up as in a pool with much to do, and the user quits meanwhile. The program ends by
    // itself, so that what has waited is done.
    const holdUp = `import fs from "node:fs";
      import { syncBuiltinESMExports } from "node:module";
      const { write } = fs;
      let isHeld = false;
      fs.write = (fd, bytes, ...rest) => {
        if (isHeld || !String(bytes).includes("1[2026-01]")) return write(fd, bytes, ...rest);
        isHeld = true;
        setTimeout(() => write(fd, bytes, ...rest), 100);
        process.stdin.emit("data", ":q\\r");
      };
      syncBuiltinESMExports();
      process.exit = (code) => void (process.exitCode = code);`;
    const NODE_OPTIONS = `--import data:text/javascript,${encodeURIComponent(holdUp)}`;
    const screen = await wide({ environment: { NODE_OPTIONS } });
    screen.press("j");
    expect(await screen.exit).toMatchObject({ code: 0 });
    expect(screen.received()).toContain("1[2026-01] : input");
    isRestored(screen);
    expect(screen.text().trim()).toBe("");
  });

  it("[TE45] restores the screen after q", async () => {
    const screen = await wide();
    screen.press("q");
    expect(await screen.exit).toMatchObject({ code: 0 });
    isRestored(screen);
  });

  it.each([
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ])("[TE45] restores the screen after %s", async (signal, code) => {
    const screen = await wide();
    screen.signal(signal);
    expect(await screen.exit).toMatchObject({ code });
    isRestored(screen);
  });

  it("[TE45] restores the screen after a crash and shows the exception below it", async () => {
    const crash = join(folder, "crash.mjs");
    writeFileSync(crash, 'process.once("SIGUSR2", () => { throw new Error("a broken invariant"); });\n');
    const screen = await wide({ environment: { NODE_OPTIONS: `--import=${crash}` } });
    screen.signal("SIGUSR2");
    expect((await screen.exit).code).not.toBe(0);
    isRestored(screen);
    expect(screen.text()).toContain("a broken invariant");
  });

  it("[TE45] gives the terminal to the shell on Ctrl-Z and comes back", async () => {
    const screen = await wide();
    screen.press("j\u001a");
    // Without a job-control shell the program goes on by itself after having left the screen.
    await screen.until(
      "the grid again",
      (lines) => screen.received().split("\u001b[?1049h").length > 2 && lines[1]?.includes("a1[") === true,
    );
    expect(screen.received()).toContain("\u001b[?1049l");
    screen.press("j");
    await screen.until("keys work", (lines) => lines[1]?.includes("a2[") === true);
  });

  it("[TE47] does not start without a terminal", () => {
    const code = `const { openTerminal } = await import(${JSON.stringify(terminalEntry)});
process.exitCode = await openTerminal({ model: "wide.reckon", scenarios: [], sets: [], allowModules: false });`;
    const run = spawnSync(process.execPath, ["--input-type=module", "-e", code], {
      cwd: folder,
      encoding: "utf8",
    });
    expect(run.status).toBe(2);
    expect(run.stdout).toBe("");
    expect(run.stderr).toContain("needs a terminal");
  });
});

describe("modules", () => {
  it("[TE46] are not run without a yes", async () => {
    const write = (name: string): string => {
      const own = join(folder, name);
      mkdirSync(own);
      writeFileSync(join(own, "double.ts"), "export function double(x: number): number { return x * 2; }\n");
      writeFileSync(
        join(own, "code.reckon"),
        'model code\nuse "./double.ts" as m\nblock b\n  input x = 21\n  y = m.double(x)\n',
      );
      return own;
    };
    const refused = openScreen("code.reckon", write("no"));
    await refused.until(
      "the question",
      (_lines, text) => text.includes("Run it") && text.includes("double.ts"),
    );
    refused.press("n\r");
    expect(await refused.exit).toMatchObject({ code: 1 });
    expect(refused.received()).not.toContain("\u001b[?1049h");
    const allowed = openScreen("code.reckon", write("yes"));
    await allowed.until("the question", (_lines, text) => text.includes("Run it"));
    allowed.press("y\r");
    await allowed.until("the result", (lines) => lineWith(lines, "  y ").includes("42"));
  });
});
