import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { type BatchFolder, batchFolder } from "../fixtures/batch-folder.ts";
import { readProgramFolder, writeProgramFolder } from "./program-folder.ts";

const text = `model points
axis player = table("players.csv", key id)
axis club = table("clubs.csv", key id)
block game by player, club
  plain = player.x * club.level * league.rate
block league
  rate = 0.1 * 3
`;

let folder: BatchFolder;
afterEach(() => folder.remove());

it("a program is read from its folder as it was written, −0 and line numbers with it", async () => {
  folder = await batchFolder(text);
  await folder.write("clubs.csv", "id,level\nA,-0\nB,2.5\n");
  const program = await folder.program();
  expect(Object.is(program.tables["clubs.csv"]?.columns[1]?.values[0], -0)).toBe(true);
  const place = join(folder.path, "program");
  await writeProgramFolder(program, place);
  expect(await readProgramFolder(place)).toEqual(program);
});

it("what is damaged, or not there, is a problem", async () => {
  folder = await batchFolder(text);
  await folder.write("clubs.csv", "id,level\nA,1\n");
  expect(await readProgramFolder(folder.path)).toMatchObject({
    problem: expect.stringMatching("cannot be read"),
  });
  const place = join(folder.path, "program");
  await writeProgramFolder(await folder.program(), place);
  const bytes = await readFile(join(place, "table-0.bin"));
  await writeFile(join(place, "table-0.bin"), bytes.subarray(1));
  expect(await readProgramFolder(place)).toEqual({
    problem: "table-0.bin of the batch's program is damaged",
  });
});
