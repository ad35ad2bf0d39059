/** What to tell people of something thrown: JavaScript may throw anything, also what cannot be turned into a text. */
export function thrownMessage(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.message) : String(thrown);
  } catch {
    return "something that is no error and has no text was thrown";
  }
}
