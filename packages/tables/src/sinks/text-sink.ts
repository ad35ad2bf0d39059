/** What sinks of lines share: text is gathered to pieces of some 256 KB before it is written. */
import type { Scalar } from "@reckon/value";
import type { RowSink } from "../api.ts";
import { WaitingFile } from "./waiting-file.ts";

const pieceUnits = 256 * 1024;

/** A sink that writes `head`, and for each row what `lineOf` gives. */
export async function openTextSink(
  path: string,
  head: string,
  lineOf: (columns: readonly (readonly Scalar[])[], row: number) => string,
): Promise<RowSink> {
  const file = await WaitingFile.create(path);
  let text = head;
  const flush = async (): Promise<void> => {
    const written = text;
    text = "";
    await file.write(Buffer.from(written));
  };
  return {
    write: async (columns) => {
      const rows = columns[0]?.length ?? 0;
      for (let row = 0; row < rows; row++) {
        text += lineOf(columns, row);
        if (text.length >= pieceUnits) await flush();
      }
    },
    finish: async () => {
      await flush();
      await file.finish();
    },
    discard: () => file.discard(),
  };
}
