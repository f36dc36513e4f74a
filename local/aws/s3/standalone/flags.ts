import path from "node:path";
import { FlagError, readFlags, wholeNumber } from "../../../host/command-line/flags.ts";

export type Flags = { dataDir: string; port: number; region: string; https: boolean };

export const USAGE = `npm run s3 -- [flags]

  --data <dir>       where everything is kept      (.noteferry-s3)
  --port <port>      0: any that is free           (4600)
  --region <region>  what clients must sign for    (us-east-1)
  --https            with a certificate of a CA of its own, kept in <data>/tls
  --help`;

const FLAGS = {
  data: { type: "string", default: ".noteferry-s3" },
  port: { type: "string", default: "4600" },
  region: { type: "string", default: "us-east-1" },
  https: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/**
 * @returns undefined when only help was asked for.
 * @throws {FlagError}
 */
export function parseFlags(args: readonly string[], cwd: string): Flags | undefined {
  const values = readFlags(args, FLAGS);
  if (values.help === true) return undefined;
  const port = wholeNumber("port", values.port, 0, 65_535);
  if (!/^[a-z0-9-]{1,32}$/.test(values.region))
    throw new FlagError(`--region ${values.region} is not a region`);
  const dataDir = path.resolve(cwd, values.data);
  return { dataDir, port, region: values.region, https: values.https === true };
}
