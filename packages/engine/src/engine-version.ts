/**
 * Part of every key under which a result outlives the process. It is the whole version: a release that mends a function
 * of the library changes what formulas with the same text compute.
 */
export const engineVersion = "0.1.0";
