/**
 * Signatures of bundles: Ed25519. The conductor has the private key; workers have public ones, so whoever breaks into a worker
 * can sign nothing. A key is named by the first 16 bytes of the SHA-256 of its public half.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { BatchError } from "@reckon/batch";

export const signatureBytes = 64;

export interface SigningKeys {
  /** PEM, PKCS 8: for the conductor, and for nobody else. */
  readonly privateKey: string;
  /** PEM, SPKI: for the workers. */
  readonly publicKey: string;
}

/**
 * Makes a new pair of keys.
 *
 * @example
 * ```ts
 * const { privateKey, publicKey } = makeSigningKeys();
 * privateKey.split("\n")[0]; // "-----BEGIN PRIVATE KEY-----"
 * publicKey.split("\n")[0]; // "-----BEGIN PUBLIC KEY-----"
 * ```
 */
export function makeSigningKeys(): SigningKeys {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return {
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    publicKey: publicKey.export({ type: "spki", format: "pem" }) as string,
  };
}

export interface Signer {
  readonly name: string;
  readonly sign: (bytes: Uint8Array) => Uint8Array;
}

/** Throws `BatchError` for anything but a private key of this kind; what it holds is not repeated. */
export function signerOf(pem: string): Signer {
  const key = readKey(() => createPrivateKey(pem), "signing key is not the PEM of an Ed25519 private key");
  const name = nameOf(createPublicKey(key));
  return { name, sign: (bytes) => sign(null, bytes, key) };
}

export interface Verifier {
  readonly name: string;
  readonly verify: (bytes: Uint8Array, signature: Uint8Array) => boolean;
}

/** Throws `BatchError` for anything but a public key of this kind. */
export function verifierOf(pem: string): Verifier {
  // Node would make the public key of a private one; a worker shall not have that at all.
  const text = pem.includes("PRIVATE KEY") ? "" : pem;
  const key = readKey(() => createPublicKey(text), "trusted key is not the PEM of an Ed25519 public key");
  return { name: nameOf(key), verify: (bytes, signature) => verify(null, bytes, key, signature) };
}

function readKey(read: () => KeyObject, what: string): KeyObject {
  const key = orUndefined(read);
  if (key?.asymmetricKeyType !== "ed25519") throw new BatchError("misuse", `the ${what}`);
  return key;
}

/** What Node says of a key that it cannot read helps nobody, and may quote it. */
function orUndefined(read: () => KeyObject): KeyObject | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function nameOf(publicKey: KeyObject): string {
  const der = publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(der).digest("hex").slice(0, 32);
}
