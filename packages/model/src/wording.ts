/** What a diagnostic says: a message, and what to do about it. */

export interface Wording {
  readonly message: string;
  readonly hint?: string | undefined;
}

/** The wording of each code, from the facts of it. */
export type Wordings<F> = { readonly [C in keyof F]: (facts: F[C]) => Wording };

export const didYouMean = (suggestion: string | undefined): string | undefined =>
  suggestion === undefined ? undefined : `did you mean \`${suggestion}\`?`;
