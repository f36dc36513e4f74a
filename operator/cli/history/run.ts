import { openFilesBucket } from "../../cloud/files/files-bucket.ts";
import { listVersions, type Version } from "../../cloud/files/list-versions.ts";
import { findDeployment } from "../../cloud/find-deployment.ts";
import { OperatorError } from "../../cloud/operator-error.ts";
import type { CliContext } from "../context.ts";
import { formatBytes } from "../terminal/format-bytes.ts";
import { formatTable, printJson } from "../terminal/print.ts";
import type { WithJson } from "../where.ts";

export async function runHistory(this: CliContext, flags: WithJson, key: string): Promise<void> {
  using bucket = openFilesBucket(await findDeployment(flags, this));
  const versions = await listVersions(bucket, key, this.signal);
  if (versions.length === 0)
    throw new OperatorError("not-found", `the bucket never had a file ${key}, or keeps it no more`);
  if (flags.json) return printJson(this, { key, versions });
  const { stdout } = this.process;
  stdout.write(
    formatTable(
      stdout,
      ["N", "", "SIZE", "UPLOADED", "VERSION"],
      versions.map((each) => row(each, stdout.isTTY)),
    ),
  );
}

function row(version: Version, terminal: boolean | undefined): string[] {
  const { n, current, at, versionId } = version;
  const size = version.deleted
    ? "deleted"
    : terminal === true
      ? formatBytes(version.bytes)
      : String(version.bytes);
  return [String(n), current ? "current" : "", size, at, versionId];
}
