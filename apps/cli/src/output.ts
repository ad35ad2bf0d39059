/**
 * Where a command writes: data to standard output, messages to standard error. Commands get it as an argument, so
 * tests can read what was written.
 */
import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

export interface Output {
  /** Results, as they are. */
  readonly data: (text: string) => void;
  /** Messages for people; a line end is added. */
  readonly message: (text: string) => void;
  /** Styles a piece of data where the reader can see colours. */
  readonly style: (style: Style, text: string) => string;
  /** Width of the window in cells; of a pipe, `COLUMNS` or 80. */
  readonly width: number;
  /** Whether standard output is a terminal. */
  readonly isTerminal: boolean;
  /** Resolves when what was written is taken by the reader. */
  readonly drained: () => Promise<void>;
  /**
   * Asks that the program goes on when the reader of standard output goes away, to end in its own time: resolves then, and what is
   * written from there on is dropped. Without it such a program ends at once.
   */
  readonly readerGone: () => Promise<void>;
}

/** The output of a process, for whoever hears its streams. */
export interface ProcessOutput extends Output {
  /** Says that the reader has gone; whether the command ends in its own time. */
  readonly loseReader: () => boolean;
}

const widthOfPipe = 80;
const gatheredLengthMax = 64 * 1024;

/** The output of this process. Colours follow `NO_COLOR`, `FORCE_COLOR` and whether there is a terminal. */
export function processOutput(): ProcessOutput {
  const { stdout, stderr } = process;
  // Taken now: what others write to standard output may go elsewhere from later on.
  const write = stdout.write.bind(stdout);
  const reader = Promise.withResolvers<void>();
  let isOutlived = false;
  let isGone = false;
  // Small pieces are gathered: a write for each would cost more than what it writes.
  let gathered: string[] = [];
  let gatheredLength = 0;
  const flush = () => {
    if (gatheredLength === 0) return;
    const text = gathered.join("");
    // Emptied first: a write that fails may report so at once, and that report flushes again.
    gathered = [];
    gatheredLength = 0;
    if (!isGone) write(text);
  };
  const asked = Number(process.env.COLUMNS);
  const widthOfNoWindow = asked >= 20 ? asked : widthOfPipe;
  return {
    data: (text) => {
      if (gatheredLength === 0) setImmediate(flush);
      gathered.push(text);
      gatheredLength += text.length;
      if (gatheredLength >= gatheredLengthMax) flush();
    },
    message: (text) => {
      // On a screen that shows both, the order is the order of the calls.
      flush();
      stderr.write(`${text}\n`);
    },
    style: (style, text) => styleText(style, text, { stream: stdout }),
    // A terminal that nobody has told its size says 0.
    width: stdout.isTTY ? stdout.columns || widthOfNoWindow : widthOfNoWindow,
    isTerminal: stdout.isTTY === true,
    drained: () => {
      flush();
      return new Promise((resolve) => (isGone ? resolve() : void write("", () => resolve())));
    },
    readerGone: () => {
      isOutlived = true;
      return reader.promise;
    },
    loseReader: () => {
      isGone = isOutlived;
      reader.resolve();
      return isOutlived;
    },
  };
}
