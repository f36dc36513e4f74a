import { compareServers } from "./compare.ts";
import { parseBenchFlags, USAGE } from "./flags.ts";

if (process.argv.includes("--help")) console.log(USAGE);
else await compareServers(parseBenchFlags(process.argv.slice(2)));
