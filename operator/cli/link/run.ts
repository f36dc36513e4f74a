import type { Linked } from "../../../protocol/signed-link.ts";
import { type Deployment, outputOf } from "../../cloud/deployment.ts";
import { type FilesBucket, openFilesBucket } from "../../cloud/files/files-bucket.ts";
import { findVersion, neverThere } from "../../cloud/files/find-version.ts";
import { listVersions } from "../../cloud/files/list-versions.ts";
import { type Numbered, numberVersions } from "../../cloud/files/number-versions.ts";
import { presignVersion } from "../../cloud/files/presign-version.ts";
import { findDeployment } from "../../cloud/find-deployment.ts";
import { currentLinkSecret } from "../../cloud/link-secret.ts";
import { OperatorError } from "../../cloud/operator-error.ts";
import { formatBytes } from "../../words/format-bytes.ts";
import type { CliContext } from "../context.ts";
import { printJson, say } from "../terminal/print.ts";
import { curlLine } from "./curl-line.ts";
import type { LinkFlags } from "./flags.ts";
import { signFor, tooLongFor } from "./sign-for.ts";

type Kept = Extract<Numbered, { deleted: false }>;

/** `until` is when it ends by itself, as an ISO date; `ends` says in words what ends it. */
type Made = { url: string; until: string | null; ends: string };

/** Of a presigned URL, unless told otherwise. */
const EXPIRES_SECONDS = 60 * 60;

export async function runLink(this: CliContext, flags: LinkFlags, key: string): Promise<void> {
  if (flags.expires !== undefined && flags.s3 !== true)
    throw new OperatorError("usage", "--expires goes with --s3: a signed link ends with what it opens");
  const deployment = await findDeployment(flags, this);
  using bucket = openFilesBucket(deployment);
  const version = await versionOf(bucket, key, flags.version, this.signal);
  const made = flags.s3
    ? await presigned(deployment, bucket, key, version, flags.expires)
    : await signed(deployment, key, version, flags.version !== undefined, this.signal);
  const curl = curlLine(made.url, key, deployment.caFile);
  const { versionId, etag, bytes, at } = version;
  if (flags.json) return printJson(this, { key, versionId, etag, bytes, ...made, curl });
  this.process.stdout.write(`${made.url}\n`);
  const what = flags.version === undefined ? key : `version ${version.n ?? versionId} of ${key}`;
  say(this, `opens ${what} (${formatBytes(bytes)}, uploaded ${at}) to anybody, ${made.ends}`);
  const long = tooLongFor(made.url);
  if (long !== undefined) say(this, long);
  say(this, curl);
}

async function versionOf(
  bucket: FilesBucket,
  key: string,
  wanted: string | undefined,
  signal: AbortSignal,
): Promise<Kept> {
  const versions = numberVersions(await listVersions(bucket, key, signal), Date.now());
  const [current] = versions;
  if (current === undefined) throw neverThere(key);
  const version = wanted === undefined ? current : findVersion(key, versions, wanted);
  if (!version.deleted) return version;
  const sentence =
    wanted === undefined
      ? `${key} was deleted: --version opens one that it had, see noteferry history`
      : `version ${wanted} of ${key} is a deletion`;
  throw new OperatorError(wanted === undefined ? "not-found" : "usage", sentence);
}

async function presigned(
  deployment: Deployment,
  bucket: FilesBucket,
  key: string,
  { versionId }: Kept,
  expiresSeconds = EXPIRES_SECONDS,
): Promise<Made> {
  const version = { key, versionId: idOf(key, versionId), expiresSeconds };
  const { url, until } = await presignVersion(deployment, bucket, version, new Date());
  return { url, until: until.toISOString(), ends: `until ${until.toISOString()}` };
}

async function signed(
  deployment: Deployment,
  key: string,
  { versionId, etag }: Kept,
  byVersion: boolean,
  signal: AbortSignal,
): Promise<Made> {
  const linked: Linked = byVersion ? { key, version: idOf(key, versionId) } : { key, etag };
  const secret = await currentLinkSecret(deployment, signal);
  const ends = byVersion
    ? "until the bucket keeps that version no more, or the link secret is changed"
    : "until the file is replaced or deleted, or the link secret is changed";
  return { url: signFor(linked, secret, outputOf(deployment, "RouteUrl")), until: null, ends };
}

/** @throws {OperatorError} `usage` for `null`, which is whichever was uploaded without versions last. */
function idOf(key: string, versionId: string): string {
  if (versionId !== "null") return versionId;
  throw new OperatorError("usage", `${key} was uploaded without versions: put it again`);
}
