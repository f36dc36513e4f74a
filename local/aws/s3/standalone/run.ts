import path from "node:path";
import { FlagError } from "../../../host/command-line/flags.ts";
import { FolderNotPrivate, openPrivateFolder } from "../../../host/disk/private-folder.ts";
import { PortTaken } from "../../../host/loopback/port-taken.ts";
import { createAuthorizer } from "../../iam/create-authorizer.ts";
import { type S3Server, startS3 } from "../server.ts";
import { DataFolderUnusable } from "../store/database.ts";
import { KEY_FILE, loadAccessKey } from "./access-key.ts";
import { banner } from "./banner.ts";
import { type Flags, parseFlags, USAGE } from "./flags.ts";

/**
 * Runs the server until a signal stops it.
 *
 * @returns the exit code, once it listens.
 */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const flags = parseFlags(args, process.cwd());
    if (flags === undefined) console.log(USAGE);
    else stopAtSignal(await start(flags));
    return 0;
  } catch (error) {
    console.error(explain(error));
    return 1;
  }
}

async function start({ dataDir, port, region, https }: Flags): Promise<S3Server> {
  await openPrivateFolder(dataDir, KEY_FILE);
  const key = loadAccessKey(dataDir);
  // Imported only if needed: certificates take longer to load than all the rest.
  const tls = https
    ? await (await import("../../../host/tls/local-ca.ts")).loadLocalTls(path.join(dataDir, "tls"))
    : undefined;
  const server = await startS3({
    dataDir,
    region,
    port,
    findCredential: (accessKeyId) => (accessKeyId === key.accessKeyId ? key : undefined),
    authorize: createAuthorizer([]),
    tls,
  });
  console.log(banner({ endpoint: server.endpoint, region, dataDir, key, caFile: tls?.caFile }));
  return server;
}

function explain(error: unknown): unknown {
  if (error instanceof FlagError) return `${error.message}\n\n${USAGE}`;
  if (error instanceof DataFolderUnusable || error instanceof FolderNotPrivate) return error.message;
  if (error instanceof PortTaken) return `${error.message} with --port, or 0 for any that is free`;
  return error;
}

function stopAtSignal(server: S3Server): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void server.close());
}
