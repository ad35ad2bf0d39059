import { serverContract } from "./job-engine-rig.ts";
import { startPostgres } from "./servers.ts";

serverContract("postgres", startPostgres);
