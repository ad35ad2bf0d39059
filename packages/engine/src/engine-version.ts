/**
 * What versions of the engine have results in common: the major version, and the minor one too before 1.0. It is part
 * of every key under which a result outlives the process.
 */
export const engineVersion = "0.1";
