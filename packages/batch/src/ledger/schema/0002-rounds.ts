/** Version 2: entities that `--retry-failed` opens again have a fresh round of attempts, whatever the number of retries was before. */
import type { Migration } from "./column-types.ts";

export const migration0002: Migration = {
  version: 2,
  statements: ({ integer }) =>
    `ALTER TABLE entities ADD COLUMN attempts_before ${integer} NOT NULL DEFAULT 0;`,
};
