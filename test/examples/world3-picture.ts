/**
 * The picture on the page of World3: for each scenario a panel of years, with the five curves that the book draws,
 * each on a scale of its own (also the book's), so that shapes can be compared, not heights.
 */

export interface Curve {
  readonly name: string;
  /** The value at the top edge of a panel. */
  readonly top: number;
  readonly colour: string;
  readonly dash?: string;
}

interface Panel {
  readonly title: string;
  /** The yearly values of each curve, in the order of the curves. */
  readonly values: readonly (readonly number[])[];
}

const size = { width: 272, height: 170, gap: 16, left: 12, above: 30, below: 46 };

/** Tenths of a pixel: the picture is the same whatever the last digits are. */
function place(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function line(values: readonly number[], { top, colour, dash }: Curve): string {
  const points = values.map((value, at) => {
    const x = (at / (values.length - 1)) * size.width;
    const y = size.height * (1 - value / top);
    return `${place(x)},${place(y)}`;
  });
  const dashes = dash === undefined ? "" : ` stroke-dasharray="${dash}"`;
  return `<polyline points="${points.join(" ")}" stroke="${colour}"${dashes}/>`;
}

function panel({ title, values }: Panel, at: number, curves: readonly Curve[], first: number): string[] {
  const x = size.left + at * (size.width + size.gap);
  const years = values[0]?.length ?? 0;
  const marks = Array.from({ length: Math.floor((years - 1) / 50) + 1 }, (_, mark) => mark * 50);
  const end = (mark: number) => (mark === 0 ? "start" : mark >= years - 1 ? "end" : "middle");
  return [
    `<g transform="translate(${x} ${size.above})">`,
    `<text y="-10" class="title">${title}</text>`,
    `<rect width="${size.width}" height="${size.height}" class="frame"/>`,
    ...marks.flatMap((mark) => {
      const across = place((mark / (years - 1)) * size.width);
      return [
        `<line x1="${across}" x2="${across}" y2="${size.height}" class="grid"/>`,
        `<text x="${across}" y="${size.height + 14}" text-anchor="${end(mark)}">${first + mark}</text>`,
      ];
    }),
    `<g fill="none" stroke-width="1.8" stroke-linejoin="round">`,
    ...curves.map((curve, index) => line(values[index] ?? [], curve)),
    "</g>",
    "</g>",
  ];
}

function legend(curves: readonly Curve[], width: number): string[] {
  const step = (width - 2 * size.left) / curves.length;
  const y = size.above + size.height + size.below - 14;
  return curves.flatMap(({ name, colour, dash }, at) => {
    const x = size.left + at * step;
    const dashes = dash === undefined ? "" : ` stroke-dasharray="${dash}"`;
    return [
      `<line x1="${place(x)}" x2="${place(x + 22)}" y1="${y - 4}" y2="${y - 4}" stroke="${colour}" stroke-width="2"${dashes}/>`,
      `<text x="${place(x + 28)}" y="${y}">${name}</text>`,
    ];
  });
}

/** An SVG file of the panels side by side, the legend below. `first` is the year of the first values. */
export function picture(panels: readonly Panel[], curves: readonly Curve[], first: number): string {
  const width = 2 * size.left + panels.length * (size.width + size.gap) - size.gap;
  const height = size.above + size.height + size.below;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${panels.map(({ title }) => title).join("; ")}</title>`,
    "<style>",
    "text { font: 11px system-ui, sans-serif; fill: #444; }",
    ".title { font-weight: 600; font-size: 12px; fill: #222; }",
    ".frame { fill: none; stroke: #bbb; }",
    ".grid { stroke: #e4e4e4; }",
    "</style>",
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...panels.flatMap((each, at) => panel(each, at, curves, first)),
    ...legend(curves, width),
    "</svg>",
    "",
  ].join("\n");
}
