/** Node's own `import()`, in a file of its own: a test runner has another one, and tests put Node's in its place. */
export function importModule(address: string): Promise<Record<string, unknown>> {
  return import(address) as Promise<Record<string, unknown>>;
}
