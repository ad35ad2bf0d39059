/**
 * What names mean in a model's formulas.
 *
 *   price            the attribute of the formula's own block, else an axis
 *   revenue.price    an attribute of any block; player.minutes a column of a table axis; matchup.defence a function of
 *                    a `use`d module
 *
 * A name that means nothing gets a suggestion: the same short name in another block, else the nearest spelling.
 */
import { nearestName, type Resolution, type Scope, type UnitExpression } from "@reckon/formula";
import type { Axis } from "@reckon/value";
import type { AttributeType, CheckedCurve, CheckedModel } from "./declarations.ts";

/** What a scope needs to know of one attribute. */
export interface NamedAttribute {
  readonly id: string;
  readonly name: string;
  readonly block: string;
  readonly axes: readonly Axis[];
  readonly type?: AttributeType;
}

/** All names of a model. Maps are by full name; `byShortName` lists the attributes of one short name. */
export interface ModelNames {
  readonly attributes: ReadonlyMap<string, NamedAttribute>;
  readonly axes: ReadonlyMap<string, Axis>;
  readonly modules: ReadonlySet<string>;
  /** By `block.curve`. */
  readonly curves: ReadonlyMap<string, CheckedCurve>;
  readonly blocks: ReadonlyMap<string, readonly string[]>;
  /** How many near names may still be searched for, where a whole file is checked. */
  readonly searches?: { left: number };
}

/** A search of near names compares at most this many candidates. */
const candidatesMax = 5_000;

/**
 * The scope of a formula in `block` (or outside all) whose result has `axes`. `seen` is told what each name resolved
 * to, in order. `attribute` is what the formula defines: where it may be, or stand on, stocks.
 */
export function scopeOver(
  names: ModelNames,
  block: string | undefined,
  axes: readonly Axis[],
  seen?: (path: readonly string[], resolution: Resolution | undefined) => void,
  attribute?: string,
): Scope {
  return {
    ...(attribute === undefined ? {} : { hiddenId: (what: string) => `${attribute} ${what}` }),
    functions: () =>
      [...names.curves.values()].map((curve) => (curve.block === block ? curve.name : curve.id)),
    resolve: (path) => {
      const resolution = resolveName(names, block, path);
      seen?.(path, resolution);
      return resolution;
    },
    suggest: (path) => suggestName(names, block, path),
    currentAxes: axes,
    allowA1: false,
    isStrict: true,
  };
}

/**
 * The scope in which a formula can be checked against a model that holds together: short names of `block`, cells over
 * `axes` (time last).
 */
export function modelScope(
  model: CheckedModel,
  options: { readonly block?: string; readonly axes?: readonly Axis[]; readonly attribute?: string } = {},
): Scope {
  return scopeOver(namesOf(model), options.block, options.axes ?? [], undefined, options.attribute);
}

const namesByModel = new WeakMap<CheckedModel, ModelNames>();

/** The names of a checked model; made once for each model. */
export function namesOf(model: CheckedModel): ModelNames {
  let names = namesByModel.get(model);
  if (names === undefined) {
    names = {
      attributes: model.attributes,
      axes: new Map(model.axes.map((axis) => [axis.name, axis])),
      modules: new Set(model.uses.map((use) => use.name)),
      curves: new Map(model.curves.map((curve) => [curve.id, curve])),
      blocks: blocksOf(model),
    };
    namesByModel.set(model, names);
  }
  return names;
}

function blocksOf(model: CheckedModel): ModelNames["blocks"] {
  return new Map(model.blocks.map((block) => [block.name, block.attributes]));
}

/** Notes that only attributes differ between a model and the one before it, so that its axes and modules are known. */
export function namesBehind(model: CheckedModel, before: CheckedModel): void {
  const { axes, modules, curves, blocks } = namesOf(before);
  const isSame = model.blocks === before.blocks;
  namesByModel.set(model, {
    attributes: model.attributes,
    axes,
    modules,
    curves,
    blocks: isSame ? blocks : blocksOf(model),
  });
}

export function resolveName(
  names: ModelNames,
  block: string | undefined,
  path: readonly string[],
): Resolution | undefined {
  const [first, second] = path;
  if (first === undefined || path.length > 2) return undefined;
  if (second === undefined) {
    const own = block === undefined ? undefined : names.attributes.get(`${block}.${first}`);
    if (own !== undefined) return attributeResolution(own);
    const curve = block === undefined ? undefined : names.curves.get(`${block}.${first}`);
    if (curve !== undefined) return { kind: "curve", definition: curve.definition };
    const axis = names.axes.get(first);
    return axis === undefined ? undefined : { kind: "axis", axis };
  }
  const attribute = names.attributes.get(`${first}.${second}`);
  if (attribute !== undefined) return attributeResolution(attribute);
  const curve = names.curves.get(`${first}.${second}`);
  if (curve !== undefined) return { kind: "curve", definition: curve.definition };
  return names.modules.has(first) ? { kind: "module-function", module: first, name: second } : undefined;
}

export function attributeResolution(
  attribute: NamedAttribute,
): Extract<Resolution, { readonly kind: "attribute" }> {
  const { id, axes, type } = attribute;
  if (type === undefined) return { kind: "attribute", id, axes };
  if (type.kind === "unit")
    return { kind: "attribute", id, axes, valueType: "number", unit: type.unit as UnitExpression };
  return { kind: "attribute", id, axes, valueType: type.word };
}

/** The name that was most likely meant by `path`, as it is written in `block`. */
export function suggestName(
  names: ModelNames,
  block: string | undefined,
  path: readonly string[],
): string | undefined {
  const last = path.at(-1);
  const { searches } = names;
  if (last === undefined || searches?.left === 0) return undefined;
  if (searches !== undefined) searches.left -= 1;
  const own = (block === undefined ? undefined : names.blocks.get(block)) ?? [];
  const shortOf = (id: string): string => id.slice(id.indexOf(".") + 1);
  if (path.length === 1) {
    const near = nearestName(last, [...limited(own).map(shortOf), ...names.axes.keys()]);
    // Of one letter every other one is as near as can be.
    const isSure = near !== undefined && (last.length > 1 || near.toLowerCase() === last.toLowerCase());
    if (isSure) return near;
    return sameNameNearby(names, block, last) ?? near ?? nearNameNearby(names, block, last);
  }
  const written = path.join(".");
  const blockName = names.blocks.has(path[0] as string) ? (path[0] as string) : undefined;
  const inBlock = blockName === undefined ? [] : (names.blocks.get(blockName) ?? []);
  const nearInBlock = nearestName(last, limited(inBlock).map(shortOf));
  if (nearInBlock !== undefined) return `${blockName}.${nearInBlock}`;
  const nearBlock = nearestName(path[0] as string, limited([...names.blocks.keys(), ...names.axes.keys()]));
  if (nearBlock !== undefined && names.attributes.has(`${nearBlock}.${last}`)) return `${nearBlock}.${last}`;
  return nearestName(written, limited(names.attributes.keys())) ?? sameNameNearby(names, block, last);
}

/** The attribute of that short name in the block nearest to `block` in the file. */
function sameNameNearby(names: ModelNames, block: string | undefined, short: string): string | undefined {
  for (const name of blocksAround(names, block)) {
    const id = `${name}.${short}`;
    if (names.attributes.has(id)) return id;
  }
  return undefined;
}

/** An attribute with a short name like that; of equal ones that in the block nearest to `block`. */
function nearNameNearby(names: ModelNames, block: string | undefined, short: string): string | undefined {
  const byShort = new Map<string, string>();
  let left = candidatesMax;
  for (const name of blocksAround(names, block)) {
    for (const id of names.blocks.get(name) ?? []) {
      if (left-- === 0) break;
      const near = id.slice(name.length + 1);
      if (!byShort.has(near)) byShort.set(near, id);
    }
    if (left < 0) break;
  }
  const near = nearestName(short, byShort.keys());
  return near === undefined ? undefined : byShort.get(near);
}

/** The other blocks, nearest ones first: the one before `block`, the one behind it, the one before that, … */
function* blocksAround({ blocks }: ModelNames, block: string | undefined): Generator<string> {
  const all = [...blocks.keys()];
  const at = block === undefined ? -1 : all.indexOf(block);
  for (let far = 1; far <= all.length; far++) {
    for (const place of [at - far, at + far]) {
      const name = all[place];
      if (place >= 0 && name !== undefined) yield name;
    }
  }
}

function limited<T>(candidates: Iterable<T>): T[] {
  const taken: T[] = [];
  for (const candidate of candidates) {
    if (taken.length >= candidatesMax) break;
    taken.push(candidate);
  }
  return taken;
}
