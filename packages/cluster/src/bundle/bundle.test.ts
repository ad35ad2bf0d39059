import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BatchError, type BatchProgram, type ProgramModule, readProgramFolder } from "@reckon/batch";
import { loadModule } from "@reckon/host";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { programWith } from "../fixtures/program.ts";
import { assemble, type Bundle, makeBundle, sha256 } from "./bundle.ts";
import { type BundleTrust, checkBundle } from "./check-bundle.ts";
import { makeSigningKeys, type Signer, signerOf, verifierOf } from "./signature.ts";
import { programIn, unpackBundle } from "./unpack-bundle.ts";

const ours = makeSigningKeys();
const others = makeSigningKeys();
const signer = signerOf(ours.privateKey);
const trusting: BundleTrust = { verifiers: [verifierOf(ours.publicKey)], allowUnsigned: false };
const folder = mkdtempSync(join(tmpdir(), "reckon-bundle-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A module as a program has it. */
const loaded = async (path: string, file: string): Promise<ProgramModule> => {
  const module = await loadModule(file, path);
  if (module.kind === "failed") throw new Error(module.problem);
  return { path, file, hash: module.closure.hash };
};
const moduleAt = (name: string) => {
  const file = fileURLToPath(new URL(`../fixtures/modules/${name}`, import.meta.url));
  return loaded(`lib/${name}`, file);
};
const refusal = (bundle: Bundle, trust = trusting): string => {
  const found = checkBundle(bundle.bytes, bundle.address, trust);
  return "refusal" in found ? found.refusal.code : "taken";
};

/** A bundle whose manifest says other things, signed rightly all the same. */
function saying(other: object, { bytes }: Bundle, by: Signer | undefined): Bundle {
  const length = Buffer.from(bytes).readUInt32LE(8);
  const manifest = JSON.parse(Buffer.from(bytes.subarray(12, 12 + length)).toString());
  return assemble({ ...manifest, ...other }, [bytes.subarray(12 + length + 64)], by);
}

async function unpacked(program: BatchProgram): Promise<BatchProgram> {
  const bundle = await makeBundle(program, signer);
  const checked = checkBundle(bundle.bytes, bundle.address, trusting);
  if ("refusal" in checked) throw new Error(checked.refusal.message);
  const place = await unpackBundle(checked, folder);
  expect(await readProgramFolder(place.folder)).toEqual(programIn(checked, place.folder));
  return programIn(checked, place.folder);
}

describe("a bundle", () => {
  it("gives back the program", async () => {
    expect(await unpacked(programWith())).toEqual(programWith());
  });

  it("[QU2] is refused for the first thing that is wrong with it", async () => {
    const bundle = await makeBundle(programWith(), signer);
    const unsigned = await makeBundle(programWith(), undefined);
    const foreign = await makeBundle(programWith(), signerOf(others.privateKey));
    expect(refusal(bundle)).toBe("taken");
    expect(refusal({ ...bundle, bytes: Buffer.from("something else") })).toBe("unreadable");
    expect(refusal(unsigned)).toBe("unsigned");
    expect(refusal(foreign)).toBe("unknown-signer");
    expect(refusal(saying({ signer: signer.name }, foreign, signerOf(others.privateKey)))).toBe(
      "bad-signature",
    );
    expect(refusal({ ...bundle, address: unsigned.address })).toBe("bad-hash");
    expect(refusal(saying({ protocol: 2, engine: "9", v8: "9.9" }, bundle, signer))).toBe("protocol");
    expect(refusal(saying({ engine: "9", v8: "9.9" }, bundle, signer))).toBe("engine");
    expect(refusal(saying({ v8: "9.9" }, bundle, signer))).toBe("v8");
  });

  it("[QU2] that nobody signed is taken by workers that are told to", async () => {
    const unsigned = await makeBundle(programWith(), undefined);
    expect(refusal(unsigned, { verifiers: [], allowUnsigned: true })).toBe("taken");
  });

  it("[QU2] has no part with a name of its own choice", async () => {
    const text = Buffer.from("{}");
    const part = { name: "../../.profile", bytes: 2, sha256: sha256(text) };
    const bundle = await makeBundle(programWith(), signer);
    expect(refusal(saying({ parts: [part] }, bundle, signer))).toBe("unreadable");
  });

  it.each([true, false])("[QU3] is refused when one bit of it was changed, signed: %s", async (isSigned) => {
    const bundle = await makeBundle(programWith(), isSigned ? signer : undefined);
    const trust = { ...trusting, allowUnsigned: !isSigned };
    const bits = bundle.bytes.byteLength * 8;
    fc.assert(
      fc.property(fc.nat({ max: bits - 1 }), (bit) => {
        const bytes = Buffer.from(bundle.bytes);
        bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
        expect(refusal({ ...bundle, bytes }, trust)).not.toBe("taken");
      }),
      { seed: 360555127, numRuns: 500 },
    );
    expect(refusal({ ...bundle, bytes: Buffer.concat([bundle.bytes, Uint8Array.of(0)]) }, trust)).toBe(
      "unreadable",
    );
    expect(refusal({ ...bundle, bytes: bundle.bytes.subarray(0, -1) }, trust)).not.toBe("taken");
  });

  it("[QU4] of an equal program is the same, byte for byte", async () => {
    const program = programWith([await moduleAt("score.ts")]);
    const { key, ...rest } = structuredClone(program);
    const [first, second] = await Promise.all([
      makeBundle(program, signer),
      makeBundle({ ...rest, key }, signer),
    ]);
    expect(second.address).toBe(first.address);
    expect(Buffer.from(second.bytes).equals(first.bytes)).toBe(true);
    const other = await makeBundle({ ...program, errorsFail: true }, signer);
    expect(other.address).not.toBe(first.address);
  });
});

describe("a module in a bundle", () => {
  it("[QU5] computes the same bits, with all that it imports", async () => {
    const here = await import("../fixtures/modules/score.ts");
    const { modules } = await unpacked(programWith([await moduleAt("score.ts")]));
    const there = (await import(modules[0]?.file ?? "")) as typeof here;
    for (const points of [-0, 0.1, 3, 11, 1e300]) {
      expect(there.score(points)).toBe(here.score(points));
      expect(await there.later(points)).toBe(await here.later(points));
    }
    expect(there.mark("a")).toBe(here.mark("a"));
  });

  it("[QU5] has what older code requires of Node", async () => {
    const { modules } = await unpacked(programWith([await moduleAt("older.ts")]));
    const { joined } = (await import(modules[0]?.file ?? "")) as { joined: (a: string, b: string) => string };
    expect(joined("a", "../b")).toBe("b");
  });

  it.each([
    ["by-name.ts", /lib\/by-name\.ts cannot be sent to workers: .*\(lib\/by-name\.ts:3\)/],
    ["maker.ts", /only the call tells \(lib\/maker\.ts:1\)/],
  ])("[QU5] is refused with its place: %s", async (name, message) => {
    const made = makeBundle(programWith([await moduleAt(name)]), signer).then(
      () => "made",
      (error: BatchError) => error.message,
    );
    expect(await made).toMatch(message);
  });

  it("[QU5] is refused with its place: one with a native add-on", async () => {
    const file = join(folder, "addon.mjs");
    writeFileSync(file, "// fast\nexport { default as quick } from './fast.node';\n");
    const made = makeBundle(programWith([{ path: "lib/addon.mjs", file, hash: "" }]), signer);
    await expect(made).rejects.toThrow(
      "lib/addon.mjs cannot be sent to workers: a native add-on (lib/addon.mjs:2)",
    );
  });

  it("[QU5] that does not exist is refused", async () => {
    const program = programWith([{ path: "gone.ts", file: join(folder, "gone.ts"), hash: "" }]);
    await expect(makeBundle(program, signer)).rejects.toThrow("gone.ts cannot be sent to workers");
  });

  it("[QU34] that was edited since the program was prepared, or what it imports, is refused", async () => {
    const [file, beside] = [join(folder, "edited.ts"), join(folder, "beside.ts")];
    writeFileSync(beside, "export const two = 2;\n");
    writeFileSync(file, 'import { two } from "./beside.ts";\nexport const one = (): number => two;\n');
    const program = programWith([await loaded("edited.ts", file)]);
    const before = await makeBundle(program, signer);
    writeFileSync(beside, "export const two = 3;\n");
    await expect(makeBundle(program, signer)).rejects.toThrow("edited.ts has changed since the batch began");
    writeFileSync(beside, "export const two = 2;\n");
    expect((await makeBundle(program, signer)).address).toBe(before.address);
  });

  it("[QU18] carries nothing of the folder it stands in", async () => {
    const secret = join(folder, "s3cret-folder");
    const file = `${secret}.ts`;
    writeFileSync(file, "export const one = (): number => 1;\n");
    const { bytes } = await makeBundle(programWith([await loaded("one.ts", file)]), signer);
    expect(Buffer.from(bytes).includes(folder)).toBe(false);
    expect(Buffer.from(bytes).includes("PRIVATE KEY")).toBe(false);
  });
});

describe("a key", () => {
  it("is of the right kind and half", () => {
    expect(() => signerOf(ours.publicKey)).toThrow("not the PEM of an Ed25519 private key");
    expect(() => verifierOf(ours.privateKey)).toThrow("not the PEM of an Ed25519 public key");
    expect(() => signerOf("s3cret")).toThrow(/^(?!.*s3cret)/);
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const other = privateKey.export({ type: "pkcs8", format: "pem" }) as string;
    expect(() => signerOf(other)).toThrow("not the PEM of an Ed25519 private key");
    const half = publicKey.export({ type: "spki", format: "pem" }) as string;
    expect(() => verifierOf(half)).toThrow("not the PEM of an Ed25519 public key");
  });
});
