/**
 * Making bundles (their form stands in manifest.ts). Cost: bundling the modules, once a program; then hashing the bytes.
 */
import { createHash } from "node:crypto";
import { BatchError, type BatchProgram, type ProgramModule } from "@reckon/batch";
import { loadModule } from "@reckon/host";
import { bundleModule } from "./bundle-module.ts";
import { type BundleManifest, type BundlePart, protocolVersion } from "./manifest.ts";
import { canonicalJson } from "./plain-json.ts";
import { invariantsPart, type ModulePart, programPart, programText } from "./program-parts.ts";
import { computingVersions } from "./queue-name.ts";
import { type Signer, signatureBytes } from "./signature.ts";

export const bundleMagic = "RKBUNDL1";

/** How long a bundle lives on the server, from its last use. */
export const bundleMs: number = 7 * 24 * 3_600_000;

export interface Bundle {
  readonly address: string;
  readonly bytes: Uint8Array;
}

/** Rejects with `BatchError` where a module cannot be sent. */
export async function makeBundle(program: BatchProgram, signer: Signer | undefined): Promise<Bundle> {
  const texts = await Promise.all(
    program.modules.map(async ({ path, file }) => ({ path, text: await bundleModule(path, file) })),
  );
  await Promise.all(program.modules.map(requireUnchanged));
  const modules = new Map<string, Uint8Array>();
  const named = texts.map(({ path, text }): ModulePart => {
    const bytes = Buffer.from(text);
    const part = `modules/${sha256(bytes).slice(0, 32)}.mjs`;
    modules.set(part, bytes);
    return { path, part };
  });
  const parts: readonly (readonly [string, Uint8Array])[] = [
    [programPart, Buffer.from(programText(program, named))],
    [invariantsPart, program.invariants],
    ...modules,
  ];
  const { engine, v8 } = computingVersions();
  return assemble(
    {
      protocol: protocolVersion,
      engine,
      v8,
      program: program.key,
      model: program.model.source,
      ...(signer === undefined ? {} : { signer: signer.name }),
      parts: parts.map(
        ([name, bytes]): BundlePart => ({ name, bytes: bytes.byteLength, sha256: sha256(bytes) }),
      ),
    },
    parts.map(([, bytes]) => bytes),
    signer,
  );
}

/** What was bundled is what the sample was computed with. Looked at behind the bundling, so that nothing is edited in between. */
async function requireUnchanged({ path, file, hash }: ProgramModule): Promise<void> {
  const module = await loadModule(file, path);
  if (module.kind === "failed")
    throw new BatchError("misuse", `${path} cannot be sent to workers: ${module.problem}`);
  if (module.closure.hash !== hash)
    throw new BatchError(
      "misuse",
      `${path} has changed since the batch began: nothing was sent; the same command begins again`,
    );
}

/** Puts together what a manifest says. Exported for tests that make bundles as nobody should. */
export function assemble(
  manifest: BundleManifest,
  parts: readonly Uint8Array[],
  signer: Signer | undefined,
): Bundle {
  const text = Buffer.from(canonicalJson(manifest));
  const head = Buffer.alloc(bundleMagic.length + 4);
  head.write(bundleMagic, "latin1");
  head.writeUInt32LE(text.byteLength, bundleMagic.length);
  const signed = Buffer.concat([head, text]);
  const signature = signer?.sign(signed) ?? new Uint8Array(signatureBytes);
  return { address: addressOf(text, signature), bytes: Buffer.concat([signed, signature, ...parts]) };
}

export function addressOf(manifest: Uint8Array, signature: Uint8Array): string {
  return createHash("sha256").update(manifest).update(signature).digest("hex");
}

/** As a blob on the server. */
export function bundleName(address: string): string {
  return `bundle-${address}`;
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
