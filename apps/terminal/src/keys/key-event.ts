/** What the keyboard sent, after the bytes have been put together. */

/**
 * One key or one paste.
 *
 * A key's `name` is what the key map uses: the character itself (`j`, `G`, `/`, `é`), or a word (`enter`, `escape`,
 * `tab`, `space`, `backspace`, `delete`, `up`, `page-down`, `f2`), with `ctrl-`, `alt-` and `shift-` in that order
 * before it (`ctrl-r`, `shift-tab`, `ctrl-left`). `text` is what the key types, absent for keys that type nothing.
 */
export type KeyEvent =
  | { readonly kind: "key"; readonly name: string; readonly text?: string }
  | { readonly kind: "paste"; readonly text: string; readonly isCut: boolean };
