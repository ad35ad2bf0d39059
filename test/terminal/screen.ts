/**
 * A real screen for tests: the app runs in a pseudo-terminal and a terminal emulator draws what it sends. Tests look
 * at cells and styles, count bytes, press keys, and wait for what the screen shows; nothing waits for time alone.
 */
import { fileURLToPath } from "node:url";
import { spawn } from "@lydell/node-pty";
import type { OpenRequest } from "@reckon/terminal";
import type { IBufferCell } from "@xterm/headless";
import * as xterm from "@xterm/headless";

/** The built app: its sources are no plain JavaScript. */
export const terminalEntry: string = fileURLToPath(
  new URL("../../apps/terminal/dist/index.js", import.meta.url),
);

/** Opens a model through the package's public function, as the command does. */
const opener = `
const { openTerminal } = await import(${JSON.stringify(terminalEntry)});
const request = JSON.parse(process.argv[1]);
process.exit(await openTerminal(request));
`;

// A CommonJS package: Node names only its default, Vitest all of its exports.
const { Terminal } = (xterm as unknown as { readonly default?: typeof xterm }).default ?? xterm;

export interface ScreenOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly scenarios?: readonly string[];
  readonly allowModules?: boolean;
}

export interface Screen {
  /** The lines of the screen, without trailing spaces. */
  readonly lines: () => readonly string[];
  readonly text: () => string;
  readonly cellAt: (row: number, column: number) => IBufferCell | undefined;
  readonly press: (keys: string) => void;
  /** Resolves with the lines when `condition` holds; fails with the screen's text after the limit. */
  readonly until: (
    what: string,
    condition: (lines: readonly string[], text: string) => boolean,
  ) => Promise<readonly string[]>;
  readonly resize: (columns: number, rows: number) => void;
  readonly signal: (name: string) => void;
  /** Everything received, and the frames in it. */
  readonly received: () => string;
  readonly clearReceived: () => void;
  readonly isAlternate: () => boolean;
  readonly isCursorHidden: () => boolean;
  readonly exit: Promise<{ readonly code: number; readonly signal: number | undefined }>;
  readonly close: () => void;
}

const untilMs = 20_000;
const running = new Set<Screen>();

/** Ends what a failed test left running. */
export function closeScreens(): void {
  for (const screen of running) screen.close();
}

export function openScreen(model: string, folder: string, options: ScreenOptions = {}): Screen {
  const request: OpenRequest = {
    model,
    scenarios: [...(options.scenarios ?? [])],
    sets: [],
    allowModules: options.allowModules ?? false,
  };
  const args = ["--input-type=module", "-e", opener, JSON.stringify(request)];
  return openProgram(process.execPath, args, folder, options);
}

/** Any program on the same kind of screen. */
function openProgram(
  command: string,
  args: readonly string[],
  folder: string,
  options: ScreenOptions = {},
): Screen {
  const columns = options.columns ?? 100;
  const rows = options.rows ?? 30;
  const terminal = new Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 200 });
  const { NO_COLOR: _color, CI: _ci, ...environment } = process.env;
  const pty = spawn(command, [...args], {
    cols: columns,
    rows,
    cwd: folder,
    name: "xterm-256color",
    env: {
      ...environment,
      LANG: "C.UTF-8",
      LC_ALL: "C.UTF-8",
      XDG_CONFIG_HOME: folder,
      XDG_CACHE_HOME: folder,
      NODE_OPTIONS: "",
      ...options.environment,
    },
  });
  let received = "";
  let isHidden = false;
  let isRunning = true;
  const waiting = new Set<() => void>();
  const changed = (): void => {
    for (const check of [...waiting]) check();
  };
  pty.onData((chunk) => {
    received += chunk;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes are what is looked for
    for (const match of chunk.matchAll(/\u001b\[\?25([hl])/g)) isHidden = match[1] === "l";
    terminal.write(chunk, changed);
  });
  const exit = new Promise<{ code: number; signal: number | undefined }>((resolve) => {
    pty.onExit(({ exitCode, signal }) => {
      running.delete(screen);
      isRunning = false;
      terminal.write("", () => {
        resolve({ code: exitCode, signal });
        changed();
      });
    });
  });
  const lines = (): readonly string[] => {
    const { active } = terminal.buffer;
    return Array.from(
      { length: terminal.rows },
      (_, i) => active.getLine(active.viewportY + i)?.translateToString(true) ?? "",
    );
  };
  const screen: Screen = {
    lines,
    text: () => lines().join("\n"),
    cellAt: (row, column) => terminal.buffer.active.getLine(row)?.getCell(column),
    press: (keys) => pty.write(keys),
    until: (what, condition) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          const now = lines();
          if (!condition(now, now.join("\n"))) return;
          clearTimeout(timer);
          waiting.delete(check);
          resolve(now);
        };
        const timer = setTimeout(() => {
          waiting.delete(check);
          reject(new Error(`the screen never showed: ${what}\n${lines().join("\n")}`));
        }, untilMs);
        waiting.add(check);
        check();
      }),
    resize: (newColumns, newRows) => {
      terminal.resize(newColumns, newRows);
      pty.resize(newColumns, newRows);
    },
    signal: (name) => pty.kill(name),
    received: () => received,
    clearReceived: () => {
      received = "";
    },
    isAlternate: () => terminal.buffer.active.type === "alternate",
    isCursorHidden: () => isHidden,
    exit,
    close: () => {
      running.delete(screen);
      if (isRunning) pty.kill("SIGKILL");
      terminal.dispose();
    },
  };
  running.add(screen);
  return screen;
}

/** The line that holds `text`; a missing one is an empty line. */
export function lineWith(lines: readonly string[], text: string): string {
  return lines.find((line) => line.includes(text)) ?? "";
}

/** The frames in what was received, by the marks of synchronised output. */
export function framesOf(received: string): readonly string[] {
  return received.split("\u001b[?2026l").filter((frame) => frame.includes("\u001b[?2026h"));
}
