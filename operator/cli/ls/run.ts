import { openFilesBucket } from "../../cloud/files/files-bucket.ts";
import { type ListedFile, listFiles } from "../../cloud/files/list-files.ts";
import { findDeployment } from "../../cloud/find-deployment.ts";
import { recipientOf } from "../../cloud/recipient.ts";
import { formatBytes } from "../../words/format-bytes.ts";
import type { CliContext } from "../context.ts";
import { formatTable, printJson, say } from "../terminal/print.ts";
import type { WithJson } from "../where.ts";

export async function runLs(this: CliContext, flags: WithJson, prefix = ""): Promise<void> {
  const deployment = await findDeployment(flags, this);
  using bucket = openFilesBucket(deployment);
  const { stdout } = this.process;
  const told = (file: ListedFile) => ({
    ...file,
    ...recipientOf(file.key, deployment.outputs.DefaultTarget),
  });
  const all: ReturnType<typeof told>[] = [];
  let count = 0;
  for await (const page of listFiles(bucket, prefix, this.signal)) {
    const files = page.map(told);
    count += files.length;
    if (flags.json) all.push(...files);
    else
      stdout.write(
        formatTable(
          stdout,
          HEADER,
          files.map((file) => row(file, stdout.isTTY)),
          count > files.length,
        ),
      );
  }
  if (flags.json) printJson(this, { files: all });
  else if (count === 0) say(this, `no key of ${bucket.bucket} begins with "${prefix}"`);
}

const HEADER = ["KEY", "SIZE", "UPLOADED", "GOES TO"];

function row(file: ListedFile & ReturnType<typeof recipientOf>, terminal: boolean | undefined): string[] {
  const size = terminal === true ? formatBytes(file.bytes) : String(file.bytes);
  return [file.key, size, file.at, file.target ?? `nobody: ${file.problem}`];
}
