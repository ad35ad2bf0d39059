/**
 * The running program: the app joined to a terminal. Everything that has to be undone at the end is done here, and
 * undone on every way out: quitting, Ctrl-C, SIGTERM, SIGHUP, an exception.
 *
 *   stdin ─▶ decoder ─▶ keyboard ─▶ app ─▶ frame clock ─▶ frame ─▶ Ink ─▶ screen output ─▶ fd 1
 *                                    ▲                                         │
 *                     sheet, files ──┘                      drained, slow ─────┘
 */
import type { LoadedSheet, Runtime } from "@reckon/host";
import { render } from "ink";
import { App } from "./app/app.ts";
import { type FileAccess, FileSync } from "./app/file-sync.ts";
import { frameViewOf } from "./app/frame-view.ts";
import { createKeyboard, interrupt, type Keyboard } from "./app/handle-key.ts";
import { createKeyDecoder, type KeyDecoder } from "./keys/key-decoder.ts";
import type { KeyEvent } from "./keys/key-event.ts";
import { prefixMs } from "./keys/key-map.ts";
import { takeConsole } from "./output/console-lines.ts";
import { createFrameClock, type FrameClock } from "./output/frame-clock.ts";
import { ScreenOutput, type TerminalStream } from "./output/screen-output.ts";
import { composeFrame } from "./screen/frame.ts";
import { createFrameStore, Screen, type Suspend } from "./screen/screen.tsx";
import type { Theme } from "./screen/theme.ts";
import { Session } from "./session/session.ts";

/** How often the progress of heavy work is looked at. */
const progressMs = 250;
/** How long a terminal is waited for on the way out, in case that it takes nothing. */
const drainMs = 1_000;
/** How long the rest of an escape sequence may take; a lone Esc is told by this. */
const escapeMs = 40;

const pasteOn = "\u001b[?2004h";
const pasteOff = "\u001b[?2004l";
/** Leaves the alternate screen, shows the cursor, ends styles and pastes: harmless when already done. */
const restoreScreen = `\u001b[?2026l${pasteOff}\u001b[0m\u001b[?1049l\u001b[?25h`;

export interface ProgramOptions {
  readonly loaded: LoadedSheet;
  readonly files: FileAccess;
  readonly runtime: Runtime;
  /** Says who hears from now on what concerns threads and cache. */
  readonly onNotices: (tell: (notice: string) => void) => void;
  readonly theme: Theme;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
}

/** Shows the app until it ends; the exit code. */
export async function runProgram(options: ProgramOptions): Promise<number> {
  const program = new Program(options);
  return program.run();
}

class Program {
  private readonly options: ProgramOptions;
  private readonly output: ScreenOutput;
  private readonly clock: FrameClock;
  private readonly session: Session;
  private readonly app: App;
  private readonly files: FileSync;
  private readonly keyboard: Keyboard;
  private readonly decoder: KeyDecoder = createKeyDecoder();
  private readonly store = createFrameStore();
  private instance: ReturnType<typeof render> | undefined;
  private suspendScreen: Suspend | undefined;
  private escapeTimer: NodeJS.Timeout | undefined;
  private prefixTimer: NodeJS.Timeout | undefined;
  private isRestored = false;
  private giveConsoleBack: (() => void) | undefined;
  private finish: (exitCode: number) => void = () => {};

  constructor(options: ProgramOptions) {
    this.options = options;
    const now = (): number => performance.now();
    this.output = new ScreenOutput(options.stdout as unknown as TerminalStream, (ms) =>
      this.clock.noteWrite(ms),
    );
    this.clock = createFrameClock({
      timers: { now, after: afterMs },
      draw: () => this.draw(),
      isDrained: () => this.output.isDrained(),
    });
    this.session = new Session(options.loaded.sheet, { now, runtime: options.runtime });
    this.app = new App(
      {
        session: this.session,
        theme: options.theme,
        now,
        clockTime: () => new Date().toTimeString().slice(0, 8),
        requestDraw: () => this.clock.markDirty(),
        redraw: () => this.redraw(),
        suspend: () => void this.suspend(),
        quit: (exitCode) => this.finish(exitCode),
        frameRate: () => this.clock.rate(),
      },
      options.loaded.requested[0] ?? "base",
      this.size(),
    );
    this.files = new FileSync(this.app, options.loaded, options.files);
    this.app.files = this.files;
    this.keyboard = createKeyboard(this.app);
    options.onNotices((notice) => this.app.log(notice));
  }

  private size(): { columns: number; rows: number } {
    return { columns: Math.max(1, this.output.columns), rows: Math.max(1, this.output.rows) };
  }

  async run(): Promise<number> {
    const ended = new Promise<number>((resolve) => {
      this.finish = resolve;
    });
    const stopGuards = this.guard();
    try {
      this.start();
      return await ended;
    } finally {
      stopGuards();
      await this.stop();
    }
  }

  private start(): void {
    const { stdin } = this.options;
    this.store.show(composeFrame(frameViewOf(this.app), this.app.theme));
    this.instance = render(
      <Screen store={this.store} onReady={(suspend) => (this.suspendScreen = suspend)} />,
      {
        // Ink reads only a few members of the stream; ours has those.
        stdout: this.output as unknown as NodeJS.WriteStream,
        stdin,
        interactive: true,
        alternateScreen: true,
        incrementalRendering: true,
        maxFps: 240,
        exitOnCtrlC: false,
        patchConsole: false,
      },
    );
    this.giveConsoleBack = takeConsole((line) => this.app.log(`printed: ${line}`));
    this.output.write(pasteOn);
    this.output.on("resize", this.onResize);
    stdin.setRawMode(true);
    stdin.on("data", this.onInput);
    stdin.resume();
    this.session.watch(() => this.onSheetChange());
    this.files.start();
  }

  /** Gives the terminal back as it was found. */
  private async stop(): Promise<void> {
    clearTimeout(this.escapeTimer);
    clearTimeout(this.prefixTimer);
    this.clock.stop();
    this.session.dispose();
    this.options.stdin.off("data", this.onInput);
    // A frame that is still in the pool would be drawn over what stands on the main screen.
    await this.output.drained(drainMs);
    this.restore();
    await this.files.close();
  }

  /** Blocking, and safe to call at any moment and more than once. */
  private restore(): void {
    if (this.isRestored) return;
    this.isRestored = true;
    this.giveConsoleBack?.();
    const { stdin } = this.options;
    stdin.off("data", this.onInput);
    stdin.pause();
    // Where the terminal is gone there is nothing left to give back.
    attempt(() => this.instance?.unmount());
    attempt(() => stdin.setRawMode(false));
    this.output.write(restoreScreen);
    this.output.flushSync();
  }

  /** What ends the program from outside. An exception is shown after the screen is back, then rethrown by Node. */
  private guard(): () => void {
    const end = (signal: NodeJS.Signals): void => this.finish(signal === "SIGTERM" ? 143 : 129);
    const interrupted = (): void => interrupt(this.app);
    const crashed = (): void => this.restore();
    const exited = (): void => this.restore();
    process.on("SIGTERM", end);
    process.on("SIGHUP", end);
    process.on("SIGINT", interrupted);
    process.on("uncaughtExceptionMonitor", crashed);
    process.on("exit", exited);
    return () => {
      process.off("SIGTERM", end);
      process.off("SIGHUP", end);
      process.off("SIGINT", interrupted);
      process.off("uncaughtExceptionMonitor", crashed);
      process.off("exit", exited);
    };
  }

  private readonly onInput = (chunk: Buffer | string): void => {
    clearTimeout(this.escapeTimer);
    this.pressAll(this.decoder.push(chunk));
    if (this.decoder.isWaiting())
      this.escapeTimer = setTimeout(() => this.pressAll(this.decoder.flush()), escapeMs);
  };

  /** A piece of a long paste gives no event, and then no frame. */
  private pressAll(events: readonly KeyEvent[]): void {
    for (const event of events) this.press(event);
    if (events.length > 0) this.clock.drawNow();
  }

  private press(event: KeyEvent): void {
    clearTimeout(this.prefixTimer);
    const resolution = this.keyboard.press(event);
    if (resolution.isWaiting)
      this.prefixTimer = setTimeout(() => {
        this.keyboard.expire();
        this.clock.drawNow();
      }, prefixMs);
  }

  private readonly onResize = (): void => {
    this.app.resize(this.size());
    this.clock.drawNow();
  };

  private onSheetChange(): void {
    this.app.refresh();
    this.clock.markDirty();
  }

  private draw(): void {
    // Taken before the frame is made: a flash that ends meanwhile was still drawn, and needs one more frame.
    const now = performance.now();
    this.store.show(composeFrame(frameViewOf(this.app), this.app.theme));
    const next = this.session.flashes.prune(now);
    if (next !== undefined) this.clock.drawAt(next);
    // Nothing else tells that time goes by.
    if (this.session.work(this.app.state.scenario) !== undefined) this.clock.drawAt(now + progressMs);
  }

  /** Draws every line again, for a screen that something else wrote on. */
  private redraw(): void {
    this.instance?.clear();
    this.clock.drawNow();
  }

  /** To the shell and back. Where nothing can resume a stopped program, this one just goes on. */
  private async suspend(): Promise<void> {
    const { stdin } = this.options;
    await this.suspendScreen?.(async () => {
      stdin.off("data", this.onInput);
      this.output.write(pasteOff);
      await this.output.drained(drainMs);
      this.output.flushSync();
      stdin.setRawMode(false);
      await stopUntilContinued();
      stdin.setRawMode(true);
      stdin.on("data", this.onInput);
      stdin.resume();
      this.output.write(pasteOn);
    });
    this.onResize();
  }
}

/** Stops the process group as Ctrl-Z does; resolves when it goes on. */
function stopUntilContinued(): Promise<void> {
  return new Promise((resolve) => {
    const resume = (): void => {
      clearTimeout(timer);
      process.off("SIGCONT", resume);
      resolve();
    };
    process.on("SIGCONT", resume);
    // A group that no shell watches is not stopped by the signal: then this runs out at once.
    const timer = setTimeout(resume, 200);
    process.kill(0, "SIGTSTP");
  });
}

/** Whether `run` went through. On the way out one step that fails must not keep the others from being done. */
function attempt(run: () => void): boolean {
  try {
    run();
    return true;
  } catch {
    return false;
  }
}

function afterMs(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
}
