import { chooseVersion } from "../../cloud/files/choose-version.ts";
import { copyVersion } from "../../cloud/files/copy-version.ts";
import { openFilesBucket } from "../../cloud/files/files-bucket.ts";
import { listVersions } from "../../cloud/files/list-versions.ts";
import { numberVersions } from "../../cloud/files/number-versions.ts";
import { findDeployment } from "../../cloud/find-deployment.ts";
import { formatBytes } from "../../words/format-bytes.ts";
import type { CliContext } from "../context.ts";
import { printJson, say } from "../terminal/print.ts";
import type { RollbackFlags } from "./flags.ts";

export async function runRollback(this: CliContext, flags: RollbackFlags, key: string): Promise<void> {
  using bucket = openFilesBucket(await findDeployment(flags, this));
  const versions = numberVersions(await listVersions(bucket, key, this.signal), Date.now());
  const chosen = chooseVersion(key, versions, flags.to);
  if (chosen === undefined) {
    say(this, `${key} holds that content already: nothing to do`);
    if (flags.json) printJson(this, { key, from: null, versionId: null });
    return;
  }
  const { n, versionId, bytes, at } = chosen;
  const what = `version ${n ?? versionId} of ${key} (${formatBytes(bytes)}, uploaded ${at}) over it`;
  say(this, flags.dryRun ? `would copy ${what}` : `copying ${what}`);
  const made = flags.dryRun ? null : await copyVersion(bucket, { key, versionId, bytes }, this.signal);
  if (flags.json) printJson(this, { key, from: versionId, versionId: made });
  else if (made !== null) this.process.stdout.write(`${made}\n`);
}
