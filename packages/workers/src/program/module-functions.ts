/**
 * Functions of modules, by the address of the module. An import that failed is not kept here; Node remembers it, so a file
 * that was corrected comes under another address.
 */
type Exports = Readonly<Record<string, unknown>>;
export type ModuleFunction = (...args: readonly unknown[]) => unknown;

const loaded = new Map<string, Exports>();

/** The function, or a promise while its module is imported. Throws, or rejects, if there is none. */
export function moduleFunction(address: string, name: string): ModuleFunction | Promise<ModuleFunction> {
  const known = loaded.get(address);
  if (known !== undefined) return functionIn(known, address, name);
  return import(address).then((exports: Exports) => {
    loaded.set(address, exports);
    return functionIn(exports, address, name);
  });
}

function functionIn(exports: Exports, address: string, name: string): ModuleFunction {
  const found = Object.hasOwn(exports, name) ? exports[name] : undefined;
  if (typeof found === "function") return found as ModuleFunction;
  throw new Error(`${name} is not exported by ${address} as a function`);
}
