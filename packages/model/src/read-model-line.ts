/**
 * Reads one logical line of a model file as a declaration.
 *
 * The first word decides: a keyword begins its own kind of line, any other name defines a formula. A line that cannot
 * be understood still gives what it surely declares (the name of an attribute, a block's name), so that one typing
 * error is one message and the lines that use the name are not blamed.
 */
import { type Diagnostic, nearestName } from "@reckon/formula";
import type {
  AxisDeclaration,
  IntegrationMethod,
  LoopMethodName,
  ModelDeclaration,
  Name,
} from "./declarations.ts";
import { LineReader } from "./line-reader.ts";
import { type Keyword, keywords } from "./logical-line.ts";
import { isLoneClause, reportLoneClause } from "./lone-clause.ts";
import { presentFields } from "./present-fields.ts";
import { type AttributeLine, readAttribute } from "./read-attribute.ts";
import { type Clauses, labelOnly, loopClauses, readClauses, timeClauses } from "./read-clauses.ts";
import { readCurve } from "./read-curve.ts";
import { isTable, readTable } from "./read-value.ts";
import { reportReserved } from "./reserved-name.ts";

export interface ReadLine<D> {
  readonly declaration?: D;
  readonly diagnostics: readonly Diagnostic[];
}

const frequencies = ["day", "week", "month", "quarter", "year", "step"] as const;
const timeExamples: Readonly<Record<(typeof frequencies)[number], string>> = {
  day: "time day 2026-01-01..2026-12-31",
  week: "time week 2026-W01..2026-W53",
  month: "time month 2026-01..2028-12",
  quarter: "time quarter 2026-Q1..2028-Q4",
  year: "time year 2026..2035",
  step: "time step 1..100",
};

/** How many members a numbered axis (`axis cell = 1..1000`) may have. */
const numberedMembersMax = 1_000_000;

/** Reads the declaration at `start`..`end` of `text`; `block` is the block that the lines before it opened. */
export function readModelLine(
  source: string,
  text: string,
  start: number,
  end: number,
  block: string | undefined,
): ReadLine<ModelDeclaration> {
  const reader = new LineReader(source, text, start, end);
  const declaration = readDeclaration(reader, block);
  return presentFields<ReadLine<ModelDeclaration>>({ declaration, diagnostics: reader.diagnostics });
}

function readDeclaration(reader: LineReader, block: string | undefined): ModelDeclaration | undefined {
  const word = reader.peekWord();
  const start = reader.position;
  if (isLoneClause(reader, word)) {
    reportLoneClause(reader, word);
    return undefined;
  }
  if (word === undefined) {
    const isComment = /^(?:\/[/*]|--|;|%|')/.test(reader.text.slice(start, reader.end));
    const isPoint = /^\(\s*[-+.\d]/.test(reader.text.slice(start, reader.end));
    reader.reportExpected(
      "a declaration",
      isComment
        ? "a comment begins with `#` and a space"
        : isPoint
          ? "the points of a curve go on in the next line behind a comma: `curve demand = (0, 1),`"
          : "a line is `name = formula`, or begins with a keyword such as `input` or `block`",
    );
    return undefined;
  }
  const behind = reader.text.slice(start + word.length, reader.end);
  if (isTimeSetting(reader, start)) return undefined;
  if (/^\s*(?:[:=]|[-+*/]=)/.test(behind)) {
    const line: AttributeLine = { kind: "formula", block, start };
    return readAttribute(reader, line);
  }
  let keyword = keywords.find((known) => known === word);
  if (keyword === undefined && meansBlock(word, behind, block)) {
    reader.report(
      "model/unknown-keyword",
      { start, end: start + word.length },
      { word, suggestion: "block" },
    );
    keyword = "block";
  }
  const isMissingEquals = !behind.includes("=") && nearestName(word, keywords) === undefined;
  if (keyword === undefined && /^\s*["\p{L}_\d]/u.test(behind) && !isMissingEquals) {
    // Two words side by side are no formula line: the first must be a misspelt keyword.
    keyword = keywords.find((known) => known === nearestName(word, keywords));
    reader.report(
      "model/unknown-keyword",
      { start, end: start + word.length },
      presentFields({ word, suggestion: keyword }),
    );
    if (keyword === undefined) return undefined;
  }
  if (keyword === undefined) return readMisplaced(reader, word, start, block);
  reader.position += word.length;
  return readKeywordLine(reader, keyword, start, block);
}

/** `TIME STEP = 0.5` and its like, which other programs have as lines of their own. */
function isTimeSetting(reader: LineReader, start: number): boolean {
  const found = /^(?:TIME[ \t]+STEP|INITIAL[ \t]+TIME|FINAL[ \t]+TIME|SAVEPER)(?=\s*=)/.exec(
    reader.text.slice(start, reader.end),
  )?.[0];
  if (found === undefined) return false;
  reader.report(
    "model/unexpected",
    { start, end: start + found.length },
    { found: `\`${found}\``, hint: "the time line says it: `time year 1900..2100  dt 0.5`" },
  );
  reader.position = reader.end;
  return true;
}

/**
 * Whether a line is a block's but for its first word: `section sales by month`. Where a block has begun, two names alone
 * may as well be a formula without its `=`.
 */
function meansBlock(word: string, behind: string, block: string | undefined): boolean {
  if (nearestName(word, keywords) !== undefined) return false;
  const isBlock = /^\s+[\p{L}_][\p{L}\p{N}_]*\s*(?:by\s|"|$)/u.test(behind);
  return isBlock && (block === undefined || /^\s+\S+\s+by\s/.test(behind));
}

function readKeywordLine(
  reader: LineReader,
  keyword: Keyword,
  start: number,
  block: string | undefined,
): ModelDeclaration | undefined {
  switch (keyword) {
    case "model":
      return readHeader(reader, start);
    case "use":
      return readUse(reader, start);
    case "time":
      return readTime(reader, start);
    case "axis":
      return readAxis(reader, start);
    case "block":
      return readBlock(reader, start);
    case "input":
      return readAttribute(reader, { kind: "input", block, start });
    case "curve":
      return readCurve(reader, start, block);
    case "loop":
      return readLoop(reader, start, block);
    case "check":
      return readCheck(reader, start, block);
    case "scenario":
      reader.report("model/wrong-file", { start, end: start + 8 }, { found: "scenario", expected: "model" });
      return undefined;
    case "pin":
      reader.report(
        "model/misplaced-line",
        { start, end: start + 3 },
        { what: "pin", where: "a scenario file" },
      );
      return undefined;
  }
}

/** A line that begins with a name but is neither `name =` nor two words: `revenue.churn = 4%`, `price + 1`. */
function readMisplaced(
  reader: LineReader,
  word: string,
  start: number,
  block: string | undefined,
): ModelDeclaration | undefined {
  reader.position += word.length;
  if (/^\.[\p{L}_]/u.test(reader.text.slice(reader.position, reader.end))) {
    const path = /^[\p{L}\p{N}_.]+/u.exec(reader.text.slice(start, reader.end))?.[0] ?? word;
    reader.report(
      "model/unexpected",
      { start, end: start + path.length },
      {
        found: `\`${path}\``,
        hint: "an attribute is declared in its block by its short name; overriding one from outside is for scenarios",
      },
    );
    return undefined;
  }
  reader.reportExpected(`\`=\` behind \`${word}\``, `write \`${word} = ${reader.shownRest() ?? "formula"}\``);
  if (block === undefined || keywords.some((keyword) => keyword === word)) return undefined;
  const span = { start, end: start + word.length };
  return {
    kind: "formula",
    name: { text: word, span },
    block,
    expression: { kind: "broken", span },
    valueSpan: span,
    span: { start, end: reader.end },
  };
}

function readHeader(reader: LineReader, start: number): ModelDeclaration | undefined {
  const name = reader.expectName("the model's name", 'for example `model saas "Subscription business"`');
  const clauses = readClauses(reader, labelOnly("a model line"));
  if (name === undefined) return undefined;
  return presentFields<ModelDeclaration>({
    kind: "model",
    name,
    label: clauses.label,
    span: reader.spanFrom(start),
  });
}

function readUse(reader: LineReader, start: number): ModelDeclaration | undefined {
  const hint = 'for example `use "./opponent.ts" as matchup`';
  const path = reader.quoted();
  if (path === undefined) {
    reader.reportExpected("the module's file in quotes", hint);
    return undefined;
  }
  if (!reader.acceptWord("as")) {
    reader.reportExpected("`as` and a name", hint);
    return undefined;
  }
  const name = declaredName(reader, "the module's name", "a module", hint);
  reader.expectEnd();
  if (name === undefined) return undefined;
  return { kind: "use", path: path.text, name, span: reader.spanFrom(start) };
}

function readTime(reader: LineReader, start: number): ModelDeclaration | undefined {
  const word = reader.name();
  const frequency = frequencies.find((known) => known === word?.text);
  const hint = `for example \`${timeExamples[frequency ?? "month"]}\``;
  if (word === undefined || frequency === undefined) {
    const wanted = "`day`, `week`, `month`, `quarter`, `year` or `step`";
    if (word === undefined) reader.reportExpected(wanted, hint);
    else {
      const suggestion = nearestName(word.text, frequencies);
      reader.report("model/expected", word.span, {
        expected: wanted,
        found: `\`${word.text}\``,
        hint: suggestion === undefined ? hint : `did you mean \`${suggestion}\`?`,
      });
    }
    return undefined;
  }
  reader.skipSpace();
  const dots = reader.text.indexOf("..", reader.position);
  if (dots < 0 || dots >= reader.end) {
    reader.reportExpected("the first and the last period", hint);
    return undefined;
  }
  const from = periodName(reader, reader.position, dots);
  reader.position = dots + 2;
  const to = reader.label();
  if (from === undefined || to === undefined) {
    reader.reportExpected(
      from === undefined ? "the first period before `..`" : "the last period behind `..`",
      hint,
    );
    return undefined;
  }
  const clauses = readClauses(reader, timeClauses);
  if (clauses.label !== undefined) {
    const span = { start: to.span.end, end: reader.end };
    reader.report("model/unexpected", span, { found: "a label", hint: "the time line has none" });
  }
  return presentFields<ModelDeclaration>({
    kind: "time",
    frequency,
    from,
    to,
    stepsPerPeriod: clauses.stepsPerPeriod,
    method: clauses.method as IntegrationMethod | undefined,
    span: reader.spanFrom(start),
  });
}

function periodName(reader: LineReader, start: number, end: number): Name | undefined {
  const text = reader.text.slice(start, end).trim();
  // No period has a blank in it; one that goes on behind a line break is none either.
  return /^\S+$/.test(text) ? { text, span: { start, end: start + text.length } } : undefined;
}

function readAxis(reader: LineReader, start: number): ModelDeclaration | undefined {
  const hint = "for example `axis segment = SMB, Mid, Ent`";
  const name = declaredName(reader, "the axis's name", "an axis", hint);
  if (name === undefined) return undefined;
  const declare = (parts: Partial<AxisDeclaration>): AxisDeclaration =>
    presentFields<AxisDeclaration>({ kind: "axis", name, ...parts, span: reader.spanFrom(start) });
  if (!reader.accept("=")) {
    reader.reportExpected(`\`=\` behind \`${name.text}\``, hint);
    return declare({ members: [] });
  }
  if (isTable(reader)) {
    const table = readTable(reader);
    const { label } = readClauses(reader, labelOnly("an axis"));
    return declare(presentFields<Partial<AxisDeclaration>>({ table, label }));
  }
  const members = readMemberNames(reader, hint);
  const { label } = readClauses(reader, labelOnly("an axis"));
  return declare(presentFields<Partial<AxisDeclaration>>({ members, label }));
}

function readMemberNames(reader: LineReader, hint: string): Name[] {
  const members: Name[] = [];
  do {
    const member = reader.label();
    if (member === undefined) {
      reader.reportExpected("a member", hint);
      break;
    }
    for (const name of numberedMembers(reader, member)) members.push(name);
    // A second word is most likely a name with a space in it.
    const word = reader.peekWord();
    if (word !== undefined) {
      const found = reader.foundHere();
      reader.report("model/expected", found.span, {
        expected: "`,`",
        found: found.text as string,
        hint: `a member with spaces is quoted: \`"${member.text} ${word}"\``,
      });
      reader.position = found.span.end;
    }
  } while (reader.accept(","));
  return members;
}

/** `1..100` stands for the members 1, 2, … 100; any other label for itself. */
function numberedMembers(reader: LineReader, member: Name): Name[] {
  const found = /^(\d{1,9})\.\.(\d{1,9})$/.exec(member.text);
  if (reader.text[member.span.start] === '"') return [member];
  if (found === null && member.text.includes("..")) {
    reader.report("model/expected", member.span, {
      expected: "a member, or a range of whole numbers such as `1..100`",
      found: `\`${member.text}\``,
      hint: "a member that is called so is quoted",
    });
    return [];
  }
  if (found === null) return [member];
  const from = Number(found[1]);
  const to = Number(found[2]);
  if (to < from || to - from >= numberedMembersMax) {
    reader.report("model/expected", member.span, {
      expected: `an ascending range of at most ${numberedMembersMax} members`,
      found: `\`${member.text}\``,
    });
    return [];
  }
  return Array.from({ length: to - from + 1 }, (_, i) => ({ text: String(from + i), span: member.span }));
}

function readBlock(reader: LineReader, start: number): ModelDeclaration {
  const hint = "for example `block revenue by segment, month`";
  // A block without a name still ends the block before it, so that what follows is not taken into that one.
  const name = declaredName(reader, "the block's name", "a block", hint) ?? {
    text: "",
    span: { start, end: start + 5 },
  };
  const axes: Name[] = [];
  if (reader.acceptWord("by")) {
    do {
      const axis = reader.expectName("the name of an axis", hint);
      if (axis === undefined) break;
      axes.push(axis);
    } while (reader.accept(","));
    if (reader.peekWord() !== undefined) {
      reader.reportExpected("`,` or a label in quotes", "axes are separated by commas: `by segment, month`");
      reader.position = reader.end;
    }
  } else if (!reader.isAtEnd() && !reader.isNext('"')) {
    reader.reportExpected("`by` and the block's axes, or a label in quotes", hint);
    reader.position = reader.end;
  }
  const { label } = readClauses(reader, labelOnly("a block"));
  return presentFields<ModelDeclaration>({ kind: "block", name, axes, label, span: reader.spanFrom(start) });
}

function readLoop(
  reader: LineReader,
  start: number,
  block: string | undefined,
): ModelDeclaration | undefined {
  const name = reader.expectName(
    "the attribute that the loop is cut at",
    "for example `loop closing start opening limit 50`",
  );
  if (name === undefined) return undefined;
  const dotted = loopElsewhere(reader, name, block);
  if (block === undefined && dotted === undefined)
    reader.report("model/outside-block", name.span, { what: "loop", name: name.text });
  readMoreNames(reader, name);
  const clauses = readClauses(reader, loopClauses);
  reportIdleDamping(reader, clauses, name);
  return presentFields<ModelDeclaration>({
    kind: "loop",
    name: dotted ?? name,
    block: dotted === undefined ? block : name.text,
    start: clauses.start,
    toleranceAbsolute: clauses.toleranceAbsolute,
    toleranceRelative: clauses.toleranceRelative,
    iterationsMax: clauses.iterationsMax,
    method: clauses.method as LoopMethodName | undefined,
    damping: clauses.damping,
    begin: clauses.begin,
    span: reader.spanFrom(start),
  });
}

/** `loop debt.closing`: reported, and read as the line of that block, so that nothing else is said of it. */
function loopElsewhere(reader: LineReader, name: Name, block: string | undefined): Name | undefined {
  const path = /^\.([\p{L}_][\p{L}\p{N}_]*)/u.exec(reader.text.slice(reader.position, reader.end));
  if (path === null) return undefined;
  const text = path[1] as string;
  const { start, end } = name.span;
  reader.position += path[0].length;
  reader.report(
    "model/unexpected",
    { start, end: reader.position },
    {
      found: `\`${name.text}.${text}\``,
      hint:
        name.text === block
          ? `within its block an attribute goes by its short name: \`loop ${text}\``
          : `a \`loop\` line stands in the block of its attribute: \`loop ${text}\` in block \`${name.text}\``,
    },
  );
  return { text, span: { start: end + 1, end: reader.position } };
}

/** `loop tax[NY]`, `loop tax, profit`: reported and read over. */
function readMoreNames(reader: LineReader, name: Name): void {
  const rest = /^(?:\s*(\[[^\]]*\]))|^\s*(,)\s*([\p{L}_][\p{L}\p{N}_.]*)/u.exec(
    reader.text.slice(reader.position, reader.end),
  );
  if (rest === null) return;
  const [whole, index, , other] = rest as unknown as [string, string | undefined, string | undefined, string];
  const start = reader.position + whole.search(/\S/);
  reader.position += whole.length;
  reader.report(
    "model/unexpected",
    { start, end: reader.position },
    index === undefined
      ? {
          found: `\`, ${other}\``,
          hint: `each cut has a line of its own: \`loop ${other}\`; one cut in each circle is enough`,
        }
      : { found: `\`${index}\``, hint: `a loop is cut at all cells of an attribute: \`loop ${name.text}\`` },
  );
}

/** Only `damped` damps. */
function reportIdleDamping(reader: LineReader, { method, damping }: Clauses, { span }: Name): void {
  if (damping === undefined || method === undefined || method === "damped") return;
  reader.report("model/exclusive-clauses", span, {
    clauses: `\`damping\` and \`method ${method}\``,
    hint: "leave one of them out: `damping` alone is `method damped`",
  });
}

function readCheck(
  reader: LineReader,
  start: number,
  block: string | undefined,
): ModelDeclaration | undefined {
  if (reader.isAtEnd()) {
    reader.reportExpected(
      "a condition",
      'for example `check debt.closing >= 0 USD "Debt is never negative"`',
    );
    return undefined;
  }
  const expression = reader.expression();
  const { label } = readClauses(reader, labelOnly("a check"));
  return presentFields<ModelDeclaration>({
    kind: "check",
    expression,
    block,
    label,
    span: reader.spanFrom(start),
  });
}

/** A name that is being declared: not a reserved word. */
function declaredName(reader: LineReader, expected: string, use: string, hint: string): Name | undefined {
  const name = reader.expectName(expected, hint);
  if (name !== undefined) reportReserved(reader, name, use);
  return name;
}
