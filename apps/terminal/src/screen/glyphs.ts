/**
 * The signs of the screen in two sets. The ASCII set is for terminals whose fonts or widths cannot be relied on;
 * every sign is one cell wide in both.
 */
export interface Glyphs {
  readonly changed: string;
  readonly override: string;
  readonly dirty: string;
  readonly computing: string;
  readonly loop: string;
  readonly unconverged: string;
  readonly error: string;
  readonly pass: string;
  readonly open: string;
  readonly folded: string;
  readonly horizontal: string;
  readonly vertical: string;
  readonly teeDown: string;
  readonly teeUp: string;
  readonly branch: string;
  readonly lastBranch: string;
  readonly ellipsis: string;
  readonly watching: string;
  readonly result: string;
  readonly arrow: string;
  readonly same: string;
  readonly caret: string;
  /** From low to high. */
  readonly sparks: readonly string[];
}

export const unicodeGlyphs: Glyphs = {
  changed: "Δ",
  override: "▲",
  dirty: "◌",
  computing: "⟳",
  loop: "↻",
  unconverged: "~",
  error: "✗",
  pass: "✓",
  open: "▾",
  folded: "▸",
  horizontal: "─",
  vertical: "│",
  teeDown: "┬",
  teeUp: "┴",
  branch: "├",
  lastBranch: "└",
  ellipsis: "…",
  watching: "●",
  result: "▸",
  arrow: "→",
  same: "·",
  caret: "▏",
  sparks: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
};

export const asciiGlyphs: Glyphs = {
  changed: "*",
  override: "^",
  dirty: "o",
  computing: "@",
  loop: "&",
  unconverged: "~",
  error: "!",
  pass: "+",
  open: "v",
  folded: ">",
  horizontal: "-",
  vertical: "|",
  teeDown: "+",
  teeUp: "+",
  branch: "|",
  lastBranch: "`",
  ellipsis: "~",
  watching: "*",
  result: ">",
  arrow: ">",
  same: ".",
  caret: "|",
  sparks: ["_", ".", ",", "-", "=", "+", "*", "#"],
};

/**
 * Which set an environment can show: ASCII when `RECKON_ASCII` is set (and not 0) or the locale is known and not
 * UTF-8.
 */
export function chooseGlyphs(environment: Readonly<Record<string, string | undefined>>): Glyphs {
  const wish = environment.RECKON_ASCII;
  if (wish !== undefined && wish !== "") return wish === "0" ? unicodeGlyphs : asciiGlyphs;
  const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || "";
  if (locale === "") return unicodeGlyphs;
  return /utf-?8/i.test(locale) || locale === "C.UTF-8" ? unicodeGlyphs : asciiGlyphs;
}
