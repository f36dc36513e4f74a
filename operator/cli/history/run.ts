import { explainFailure } from "../../cloud/explain-failure.ts";
import { openFilesBucket } from "../../cloud/files/files-bucket.ts";
import { neverThere } from "../../cloud/files/find-version.ts";
import { listVersions } from "../../cloud/files/list-versions.ts";
import { type Numbered, numberVersions } from "../../cloud/files/number-versions.ts";
import { type WhoHasIt, whoHasIt } from "../../cloud/files/who-has-it.ts";
import { findDeployment } from "../../cloud/find-deployment.ts";
import { openFleets } from "../../cloud/fleets/open-fleets.ts";
import { openDeliveries } from "../../cloud/open-deliveries.ts";
import { formatBytes } from "../../words/format-bytes.ts";
import type { CliContext } from "../context.ts";
import { formatTable, printJson, say } from "../terminal/print.ts";
import type { WithJson } from "../where.ts";

/** Such a device keeps what it has, of which its last word says nothing. */
const WHY_UNKNOWN =
  "noteferry status <key> shows who took a version back, or has not answered; or they are outside a share";

export async function runHistory(this: CliContext, flags: WithJson, key: string): Promise<void> {
  const deployment = await findDeployment(flags, this);
  using bucket = openFilesBucket(deployment);
  const versions = numberVersions(await listVersions(bucket, key, this.signal), Date.now());
  if (versions.length === 0) throw neverThere(key);
  const ask = async () => {
    using deliveries = openDeliveries(deployment, this.signal);
    using fleets = openFleets(deployment, this.signal);
    const { DefaultTarget: defaultTarget } = deployment.outputs;
    return await whoHasIt({ bucket, deliveries, fleets, defaultTarget }, key, versions, this.signal);
  };
  const known = await ask().catch((error: unknown) => {
    this.signal.throwIfAborted();
    const why = explainFailure(error);
    if (why === undefined) throw error;
    say(this, `which devices have it is not known: ${why.message}`); // the versions are of use without
    return undefined;
  });
  const { stdout } = this.process;
  if (flags.json) {
    printJson(this, { key, versions: versions.map((each) => toJson(each, known)), others: known?.others });
  } else {
    const header = ["N", "", "SIZE", "UPLOADED", "VERSION", "DEVICES"];
    const rows = versions.map((each) => row(each, known, stdout.isTTY));
    stdout.write(formatTable(stdout, header, rows));
  }
  tellLimits(this, versions, known);
}

function tellLimits(context: CliContext, versions: readonly Numbered[], known: WhoHasIt | undefined): void {
  const others = known?.others.length ?? 0;
  if (others > 0) {
    const holders = others === 1 ? "1 device has" : `${others} devices have`;
    say(context, `${holders} a content of none of these: of a version that is gone, or too large to be read`);
  }
  const unknown = known?.unknown ?? 0;
  if (unknown > 0)
    say(
      context,
      `what ${unknown === 1 ? "1 device" : `${unknown} devices`} of the fleet may have is not known: ${WHY_UNKNOWN}`,
    );
  if (versions.some(({ deleted, n }) => !deleted && n === undefined))
    say(context, "older versions may have expired, so these have no numbers: rollback --to takes their ids");
}

function toJson(version: Numbered, known: WhoHasIt | undefined) {
  return version.deleted ? version : { ...version, devices: known?.devicesOf(version.versionId) };
}

function row(version: Numbered, known: WhoHasIt | undefined, terminal: boolean | undefined): string[] {
  const { n, current, at, versionId } = version;
  const size = version.deleted
    ? "deleted"
    : terminal === true
      ? formatBytes(version.bytes)
      : String(version.bytes);
  const devices = version.deleted ? "" : String(known?.devicesOf(versionId)?.length ?? "?");
  return [String(n ?? ""), current ? "current" : "", size, at, versionId, devices];
}
