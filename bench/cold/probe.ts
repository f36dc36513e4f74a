import { pathToFileURL } from "node:url";
import type * as Bundle from "./client-s3-handler.ts";

/** Started anew for every measurement: loads the bundle it is given, calls its handler once, and prints the times. */
const [, , bundle = "", event = "{}"] = process.argv;
const context = { getRemainingTimeInMillis: () => 10_000, awsRequestId: "cold", functionName: "cold" };
const cpuAtStart = process.cpuUsage();
const start = performance.now();
const { handler }: { handler: (...invocation: unknown[]) => ReturnType<typeof Bundle.handler> } =
  await import(pathToFileURL(bundle).href);
const initialised = performance.now();
const reply = await handler(JSON.parse(event), context);
const answered = performance.now();
const { user, system } = process.cpuUsage(cpuAtStart);
process.stdout.write(
  JSON.stringify({
    init: initialised - start,
    firstByte: answered - start,
    cpu: (user + system) / 1000,
    sinceProcessStart: answered,
    reply,
  }),
);
process.exit(0); // idle connections would hold the process for seconds
