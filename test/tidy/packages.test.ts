/** What every manifest must say, so that a package works from sources here and from `dist` elsewhere. */
import { describe, expect, it } from "vitest";
import { files, jsonOf, type PackageManifest, textOf, workspaces } from "./repository.ts";

describe.each(workspaces.map((workspace) => [workspace.folder, workspace] as const))(
  "%s",
  (folder, workspace) => {
    const { manifest, isApp } = workspace;

    it("says what it is", () => {
      expect(manifest.name).toBe(`@reckon/${workspace.shortName}`);
      expect(manifest.version).toBe(jsonOf<PackageManifest>("package.json").version);
      expect(manifest.license).toBe("MIT");
      expect(manifest.type).toBe("module");
      expect(manifest.description?.length).toBeGreaterThan(10);
    });

    it("offers its sources here and its build elsewhere", () => {
      const front = manifest.exports?.["."];
      if (manifest.bin === undefined) {
        expect(front).toEqual({
          "@reckon/source": "./src/index.ts",
          types: "./dist/index.d.ts",
          default: "./dist/index.js",
        });
        expect(files).toContain(`${folder}/src/index.ts`);
      } else
        for (const target of Object.values(manifest.bin))
          expect(files).toContain(`${folder}/${target.slice(2)}`);
      expect(manifest.files).toContain("dist");
      if (!isApp) expect(manifest.sideEffects).toBe(false);
    });

    it("pins exact versions", () => {
      const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
        ([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version),
      );
      expect(loose).toEqual([]);
    });

    it("says which Node it needs when it needs Node", () => {
      const usesNode = isApp || manifest.engines !== undefined;
      if (usesNode) expect(manifest.engines).toEqual({ node: ">=24" });
    });

    it("has a one-page README", () => {
      expect(files).toContain(`${folder}/README.md`);
      const readme = textOf(`${folder}/README.md`);
      expect(readme.split("\n").length).toBeLessThan(100);
      expect(readme).toMatch(/^```/m);
    });
  },
);
