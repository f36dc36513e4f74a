import { measure } from "./measure.ts";
import { readSources } from "./sources.ts";

/**
 * What each level saves and takes, on real sources; and what the notifier makes of a new version whose four earlier ones are at hand. Time is
 * that of the CPU, so that a busy machine does not count: at 1769 MB a Lambda function has one.
 */
const CONTENTS: [name: string, content: Buffer][] = [
  ["7 KB", readSources("functions/file-notifier", 7_000)],
  ["100 KB", readSources("local", 100_000)],
  ["1 MB", readSources("node_modules/aws-cdk-lib/aws-ec2", 1_000_000)],
  ["2 MB", readSources("node_modules/fast-check", 2_000_000)],
  ["10 MB", readSources("node_modules/@aws-sdk", 10_000_000)],
];

for (const [name, content] of CONTENTS) await measure(name, content);
