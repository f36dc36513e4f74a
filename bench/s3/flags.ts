import { parseArgs } from "node:util";

export const USAGE = `npm run bench:s3 -- [flags]

Measures the local S3; with --against, another server in the same run, round by round, and the ratio of the two.

  --against <command>     command that serves S3 over HTTP on 127.0.0.1:$PORT and keeps its data in $DIR; variables by env(1)
  --against-key <id:key>  its access key id and secret
  --seconds <n>           of each round of requests  (3)
  --rounds <n>            (7)
  --megabytes <n>         of the large object        (100)
  --listing               also the first page of a bucket of 100,000 keys in 20,000 prefixes, which takes minutes to fill`;

export type BenchFlags = {
  against: { command: string; accessKeyId: string; secretAccessKey: string } | undefined;
  seconds: number;
  rounds: number;
  megabytes: number;
  listing: boolean;
};

export function parseBenchFlags(args: readonly string[]): BenchFlags {
  const { values } = parseArgs({
    args: [...args],
    options: {
      against: { type: "string" },
      "against-key": { type: "string", default: ":" },
      seconds: { type: "string", default: "3" },
      rounds: { type: "string", default: "7" },
      megabytes: { type: "string", default: "100" },
      listing: { type: "boolean", default: false },
    },
  });
  const [accessKeyId = "", secretAccessKey = ""] = values["against-key"].split(":");
  return {
    against:
      values.against === undefined ? undefined : { command: values.against, accessKeyId, secretAccessKey },
    seconds: Number(values.seconds),
    rounds: Number(values.rounds),
    megabytes: Number(values.megabytes),
    listing: values.listing,
  };
}
