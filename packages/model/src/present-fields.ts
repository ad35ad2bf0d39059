/**
 * `record` without the fields that are `undefined`, so that optional fields are absent rather than empty and records
 * compare and serialise alike.
 */
export function presentFields<T extends object>(record: { [K in keyof T]: T[K] | undefined }): T {
  const present: Record<string, unknown> = {};
  for (const key in record) {
    const value = record[key];
    if (value !== undefined) present[key] = value;
  }
  return present as T;
}
