import { expect, it } from "vitest";
import { BatchError } from "../batch-error.ts";
import { ledgerError } from "./ledger-trouble.ts";

it.each([
  [{ errcode: 5 }, "locked"],
  [{ errcode: 261 }, "locked"],
  [{ errcode: 13 }, "full"],
  [{ errcode: 1032 }, "may not be written"],
  [{ errcode: 10 }, "disk fails"],
  [{ code: "EACCES" }, "may not be written"],
  [{ code: "ENOSPC" }, "cannot grow"],
  [{ code: "28P01" }, "let us in"],
  [{ code: "53100" }, "no room"],
  [{ code: "25006" }, "only be read"],
  [{ code: "57P01" }, "does not answer"],
  [{ code: "ECONNREFUSED" }, "does not answer"],
  [{ code: "EAI_AGAIN" }, "does not answer"],
  [{ code: "ENOENT" }, "cannot be opened; check the path"],
  [{ code: "ENOTDIR" }, "cannot be opened; check the path"],
  [{ message: "Query read timeout" }, "does not answer"],
  [{ errcode: 1, message: "no such table: runs" }, "no such table: runs"],
])("says of %j that the ledger %s", (error, words) => {
  expect(ledgerError("the.sqlite", error)).toMatchObject({
    code: "ledger",
    cause: error,
    message: expect.stringMatching(`^The ledger the.sqlite .*${words}`) as unknown,
  });
});

it("leaves errors as they are that were said already", () => {
  const said = new BatchError("ledger-newer", "x");
  expect(ledgerError("the.sqlite", said)).toBe(said);
});
