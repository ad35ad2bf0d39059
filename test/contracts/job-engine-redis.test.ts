import { serverContract } from "./job-engine-rig.ts";
import { startRedis } from "./servers.ts";

serverContract("redis", startRedis);
