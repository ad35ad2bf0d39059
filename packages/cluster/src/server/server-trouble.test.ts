import { BatchError } from "@reckon/batch";
import { expect, it } from "vitest";
import { queueError, troubleText } from "./server-trouble.ts";

const place = "redis://queue:6379";

it.each([
  [
    new Error(
      'Reached the max retries per request limit (which is 1). Refer to "maxRetriesPerRequest" option for details.',
    ),
    "cannot be reached",
  ],
  [new Error("Command timed out"), "does not answer"],
  [new Error("Query read timeout"), "does not answer"],
  [
    new Error("connect ECONNREFUSED 127.0.0.1:6379"),
    "cannot be reached (connect ECONNREFUSED 127.0.0.1:6379)",
  ],
  [
    new AggregateError([new Error("connect ECONNREFUSED ::1:6379")]),
    "cannot be reached (connect ECONNREFUSED ::1:6379)",
  ],
  [new Error("Connection terminated unexpectedly"), "does not answer"],
  [
    new Error("OOM command not allowed when used memory > 'maxmemory'."),
    "has no memory left (maxmemory): give it more, or wait until others have taken their work out",
  ],
  [
    new Error("NOPERM this user has no permissions to run the 'eval' command"),
    "does not let this user do what a queue needs (NOPERM this user has no permissions to run the 'eval' command)",
  ],
  [
    new Error("permission denied for table job"),
    "does not let this user do what a queue needs (permission denied for table job)",
  ],
  [
    new Error(
      "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
    ),
    "takes nothing: it cannot write its data to its disk",
  ],
  [new Error("something else"), "cannot be used: something else"],
  ["a text", "cannot be used: a text"],
])("[QU24] says of %s what is wrong with the server", (error, words) => {
  expect(troubleText(place, error)).toBe(`The queue at ${place} ${words}`);
});

it("leaves errors as they are that were said already", () => {
  const said = new BatchError("queue", "x");
  expect(queueError(place, said)).toBe(said);
  const cause = new Error("Command timed out");
  expect(queueError(place, cause)).toMatchObject({ code: "queue", cause });
});
