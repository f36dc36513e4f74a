import { enableCompileCache } from "node:module";

// Everything else is imported after this, so that its types are stripped once and not at every start.
enableCompileCache();
const { main } = await import("./standalone/run.ts");
process.exitCode = await main(process.argv.slice(2));
