/** Relative links in Markdown lead somewhere: the file exists, and so does the heading behind `#`. */
import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { expect, it } from "vitest";
import { files, root, textOf } from "./repository.ts";

const pages = files.filter((path) => path.endsWith(".md"));

/** The text without fenced blocks and inline code, where brackets mean other things. */
function prose(text: string): string {
  return text.replace(/^(`{3,})[^\n]*\n[\s\S]*?^\1/gm, "").replace(/`[^`\n]*`/g, "");
}

/** Heading anchors as the common renderers make them. */
function anchorsOf(path: string): Set<string> {
  const anchors = new Set<string>();
  for (const match of textOf(path).matchAll(/^#{1,6} +(.+)$/gm)) {
    const slug = (match[1] as string)
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replace(/\s/g, "-");
    let anchor = slug;
    for (let i = 1; anchors.has(anchor); i++) anchor = `${slug}-${i}`;
    anchors.add(anchor);
  }
  return anchors;
}

function brokenLinksOf(page: string): string[] {
  const broken: string[] = [];
  for (const match of prose(textOf(page)).matchAll(/!?\[[^\]]*\]\(([^)\s]+)[^)]*\)/g)) {
    const target = match[1] as string;
    if (/^[a-z]+:/i.test(target)) continue;
    const [path = "", anchor] = target.split("#");
    const file = path === "" ? page : posix.join(posix.dirname(page), path);
    if (!existsSync(join(root, file))) broken.push(`${page}: ${target} (no such file)`);
    else if (anchor !== undefined && file.endsWith(".md") && !anchorsOf(file).has(anchor)) {
      broken.push(`${page}: ${target} (no such heading)`);
    }
  }
  return broken;
}

it("every relative link leads somewhere", () => {
  expect(pages.length).toBeGreaterThan(5);
  expect(pages.flatMap(brokenLinksOf)).toEqual([]);
});

it("every page of the guide and every example can be reached from a page above", () => {
  const linked = new Set(
    pages.flatMap((page) =>
      Array.from(prose(textOf(page)).matchAll(/\]\(([^)#\s]+)/g), (match) =>
        posix.join(posix.dirname(page), match[1] as string),
      ),
    ),
  );
  const wanted = pages.filter((page) => /^docs\/(?:guide|examples|spec)\//.test(page));
  expect(wanted.filter((page) => !linked.has(page) && !linked.has(posix.dirname(page)))).toEqual([]);
});
