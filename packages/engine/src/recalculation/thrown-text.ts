/** What to tell people of something thrown: JavaScript may throw anything, also what cannot be turned into a text. */
export function thrownText(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  try {
    return String(thrown);
  } catch {
    return "something that is no error and has no text was thrown";
  }
}
