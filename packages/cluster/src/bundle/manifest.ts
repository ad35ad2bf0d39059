/**
 * The form of a bundle: a program with its modules, as one file that says what it is and who made it.
 *
 *   "RKBUNDL1"        8 bytes
 *   manifest length   4 bytes, little-endian
 *   manifest          JSON in UTF-8, keys sorted, no spaces
 *   signature         64 bytes, Ed25519 over everything before it; zeros where nobody signed
 *   parts             one behind the other, in the order of the manifest
 *
 * The manifest holds the hash of every part, so the signature covers them. A bundle's address is the SHA-256 (hex) of
 * manifest and signature as they stand. Nothing in it tells the time or the machine: equal programs signed with one key are one
 * bundle, byte for byte.
 */

/** Changes whenever bundles, jobs or answers of one side cannot be read by the other. */
export const protocolVersion = 1;

export interface BundleManifest {
  readonly protocol: number;
  /** Which engines compute the same: the major version, for 0.x the minor one as well. */
  readonly engine: string;
  /** `process.versions.v8`, as far as it decides bits: `13.6`. */
  readonly v8: string;
  /** Of the program (`BatchProgram.key`). */
  readonly program: string;
  /** For people. */
  readonly model: string;
  /** Which key signed it, see signature; absent: nobody did. */
  readonly signer?: string;
  /** The first is `program.json`, `invariants.bin` the second; then one a module. */
  readonly parts: readonly BundlePart[];
}

export interface BundlePart {
  /** `program.json`, `invariants.bin`, `modules/<hash>.mjs`. */
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Why a worker does not compute a bundle, in the order in which it looks. */
export type BundleRefusal =
  | { readonly code: "unreadable"; readonly message: string }
  | { readonly code: "unsigned"; readonly message: string }
  | { readonly code: "unknown-signer"; readonly message: string }
  | { readonly code: "bad-signature"; readonly message: string }
  | { readonly code: "bad-hash"; readonly part: string; readonly message: string }
  | { readonly code: "protocol"; readonly found: number; readonly message: string }
  | { readonly code: "engine"; readonly found: string; readonly message: string }
  | { readonly code: "v8"; readonly found: string; readonly message: string };
