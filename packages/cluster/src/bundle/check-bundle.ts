/**
 * Looking at a bundle before anything in it is used: readable, signed, by a key that is trusted, the signature, every part, then
 * protocol, engine and V8. The first that is not so is the answer.
 *
 * What is not the bundle of its address, whatever it says, was damaged on the way: another copy may be whole.
 *
 * Every byte is covered: the magic and the lengths by the form, the manifest and the signature by each other and by the address,
 * the parts by their hashes, and nothing may stand behind them.
 */
import { addressOf, bundleMagic, sha256 } from "./bundle.ts";
import type { BundleManifest, BundleRefusal } from "./manifest.ts";
import { type ComputingVersions, computingVersions } from "./queue-name.ts";
import { signatureBytes, type Verifier } from "./signature.ts";

export interface BundleTrust {
  readonly verifiers: readonly Verifier[];
  readonly allowUnsigned: boolean;
}

export interface CheckedBundle {
  readonly manifest: BundleManifest;
  readonly parts: ReadonlyMap<string, Uint8Array>;
}

interface Form {
  readonly manifest: BundleManifest;
  /** What the signature covers. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
  readonly behind: Uint8Array;
}

const headBytes = bundleMagic.length + 4;
const partName = /^(?:program\.json|invariants\.bin|modules\/[0-9a-f]{32}\.mjs)$/;

export interface RefusedCheck {
  readonly refusal: BundleRefusal;
  readonly isDamaged: boolean;
}

export function checkBundle(
  bytes: Uint8Array,
  address: string,
  trust: BundleTrust,
): CheckedBundle | RefusedCheck {
  const form = readForm(bytes);
  if (form === undefined)
    return { refusal: { code: "unreadable", message: "it is no bundle" }, isDamaged: true };
  const damage = refuseAddress(form, address) ?? refuseParts(form);
  const refusal = refuseSigner(form, trust) ?? damage ?? refuseVersions(form.manifest);
  if (refusal === undefined) return { manifest: form.manifest, parts: partsOf(form) };
  return { refusal, isDamaged: damage !== undefined };
}

function readForm(bytes: Uint8Array): Form | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.byteLength < headBytes || buffer.toString("latin1", 0, bundleMagic.length) !== bundleMagic)
    return undefined;
  const end = headBytes + buffer.readUInt32LE(bundleMagic.length);
  const behind = end + signatureBytes;
  if (buffer.byteLength < behind) return undefined;
  const manifest = readManifest(buffer.toString("utf8", headBytes, end));
  if (manifest === undefined) return undefined;
  return {
    manifest,
    signed: buffer.subarray(0, end),
    signature: buffer.subarray(end, behind),
    behind: buffer.subarray(behind),
  };
}

function readManifest(text: string): BundleManifest | undefined {
  try {
    const manifest = JSON.parse(text) as Partial<BundleManifest> | null;
    const { parts } = manifest ?? {};
    if (!Array.isArray(parts)) return undefined;
    const areParts = parts.every(
      ({ name, bytes, sha256: hash }) =>
        partName.test(name) && Number.isSafeInteger(bytes) && bytes >= 0 && typeof hash === "string",
    );
    return areParts ? (manifest as BundleManifest) : undefined;
  } catch {
    return undefined;
  }
}

function refuseSigner(
  { manifest, signed, signature }: Form,
  { verifiers, allowUnsigned }: BundleTrust,
): BundleRefusal | undefined {
  const { signer } = manifest;
  if (signer === undefined) {
    if (allowUnsigned) return undefined;
    return { code: "unsigned", message: "it is not signed, and this worker takes signed ones only" };
  }
  const known = verifiers.filter(({ name }) => name === signer);
  if (known.length === 0) {
    return {
      code: "unknown-signer",
      message: `it is signed with the key ${signer}, which this worker does not trust`,
    };
  }
  if (known.some(({ verify }) => verify(signed, signature))) return undefined;
  return {
    code: "bad-signature",
    message: "its signature is not right: it was changed, or is not by that key",
  };
}

function refuseAddress({ signed, signature }: Form, address: string): BundleRefusal | undefined {
  if (addressOf(signed.subarray(headBytes), signature) === address) return undefined;
  return { code: "bad-hash", part: "manifest", message: "it is another one than was asked for" };
}

function refuseParts({ manifest, behind }: Form): BundleRefusal | undefined {
  let at = 0;
  for (const { name, bytes, sha256: hash } of manifest.parts) {
    if (sha256(behind.subarray(at, at + bytes)) !== hash) {
      return { code: "bad-hash", part: name, message: `its part ${name} was changed` };
    }
    at += bytes;
  }
  if (at === behind.byteLength) return undefined;
  return { code: "unreadable", message: "something stands behind its parts" };
}

function refuseVersions({ protocol, engine, v8 }: BundleManifest): BundleRefusal | undefined {
  const ours: ComputingVersions = computingVersions();
  if (protocol !== ours.protocol) {
    return {
      code: "protocol",
      found: protocol,
      message: `it speaks protocol ${protocol}, this worker ${ours.protocol}`,
    };
  }
  if (engine !== ours.engine) {
    return {
      code: "engine",
      found: engine,
      message: `it is for engine ${engine}, this worker has ${ours.engine}`,
    };
  }
  if (v8 === ours.v8) return undefined;
  return {
    code: "v8",
    found: v8,
    message: `it is for V8 ${v8}, this worker has ${ours.v8}: other versions compute other last bits`,
  };
}

function partsOf({ manifest, behind }: Form): ReadonlyMap<string, Uint8Array> {
  const parts = new Map<string, Uint8Array>();
  let at = 0;
  for (const { name, bytes } of manifest.parts) {
    parts.set(name, behind.subarray(at, at + bytes));
    at += bytes;
  }
  return parts;
}
