/** Where what a user's runs have left is kept: nothing that can be made again, so not the cache folder. */
import envPaths from "env-paths";

/** The user's data folder of this program, absolute; it need not be there yet. */
export function stateFolder(): string {
  return envPaths("reckon", { suffix: "" }).data;
}
