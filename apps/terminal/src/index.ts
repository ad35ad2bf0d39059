export { type OpenRequest, openTerminal } from "./open-terminal.ts";
