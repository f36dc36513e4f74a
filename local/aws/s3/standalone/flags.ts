import path from "node:path";
import { parseArgs } from "node:util";

export type Flags = { dataDir: string; port: number; region: string; https: boolean };

export const USAGE = `npm run s3 -- [flags]

  --data <dir>       where everything is kept      (.noteferry-s3)
  --port <port>      0: any that is free           (4600)
  --region <region>  what clients must sign for    (us-east-1)
  --https            with a certificate of a CA of its own, kept in <data>/tls
  --help`;

/** A flag that is unknown or out of bounds. */
export class FlagError extends Error {
  override name = "FlagError" as const;
}

/**
 * @returns undefined when only help was asked for.
 * @throws {FlagError}
 */
export function parseFlags(args: readonly string[], cwd: string): Flags | undefined {
  const values = parse(args);
  if (values.help === true) return undefined;
  const port = Number(values.port);
  if (!/^\d{1,5}$/.test(values.port) || port > 65_535) {
    throw new FlagError(`--port takes a number from 0 to 65535, not ${values.port}`);
  }
  if (!/^[a-z0-9-]{1,32}$/.test(values.region))
    throw new FlagError(`--region ${values.region} is not a region`);
  const dataDir = path.resolve(cwd, values.data);
  return { dataDir, port, region: values.region, https: values.https === true };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        data: { type: "string", default: ".noteferry-s3" },
        port: { type: "string", default: "4600" },
        region: { type: "string", default: "us-east-1" },
        https: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (cause) {
    throw new FlagError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
