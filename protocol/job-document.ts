import * as v from "valibot";
import { type ManifestNotice, ManifestVariable, noticeOf, wireOf } from "./manifest-variable.ts";
import { LINK_PATH_MAX_CHARS } from "./signed-link.ts";
import { parseTarget } from "./target.ts";

/** Characters of a document that AWS IoT takes. https://docs.aws.amazon.com/iot/latest/apireference/API_CreateJob.html */
export const JOB_DOCUMENT_MAX_CHARS = 32_768;

/** Bytes of the whole message with a job for which Nordic's client has room, and of what AWS IoT puts around the document at most. [NF-13.4] */
const MESSAGE_MAX_BYTES = 1350;
const ENVELOPE_MAX_BYTES = 300;

const Origin = v.pipe(
  v.string(),
  v.maxLength(300),
  v.check((text) => /^https?:\/\/[^/?#@\\\s]+$/i.test(text) && URL.canParse(text)),
);

const Wire = v.object({
  noteferry: v.object({
    for: v.pipe(v.string(), v.check(isJobTarget)),
    sig: v.pipe(v.string(), v.regex(/^[\w-]{22}$/)),
    at: Origin,
    ...ManifestVariable.entries,
  }),
});

/** What a job asks of our agent: which manifest counts, whose it is, and how it is fetched. [NF-13.3] */
export type JobAnnouncement = {
  /** UID of the thing or the thing group. */
  for: string;
  /** Of the pass that opens its files. [NF-12.7] */
  sig: string;
  /** Origin of the file-server. */
  at: string;
  notice: ManifestNotice;
};

/** The one file that a job brings, for readers that know no manifest. */
export type LoneFile = {
  /** Path and query of its signed link. */
  link: string;
  /** Below the agent's root. */
  path: string;
  /** Bytes. */
  size: number;
};

export function isJobTarget(uid: string): boolean {
  const kind = parseTarget(uid)?.kind;
  return kind === "thing" || kind === "thing-group";
}

/** Reads what a job document says to our agent; undefined if that is nothing. [NF-13.3] */
export function parseJobDocument(document: unknown): JobAnnouncement | undefined {
  const parsed = v.safeParse(Wire, document);
  if (!parsed.success) return undefined;
  const { for: uid, sig, at, ...wire } = parsed.output.noteferry;
  return { for: uid, sig, at: new URL(at).origin, notice: noticeOf(wire) };
}

/**
 * A document for our agent, and for other readers where there is one file and it is within their limits. Where Nordic's, whose room is the
 * least, would not have room for all of it, what others read is left out. [NF-13.3] [NF-13.4]
 */
export function formatJobDocument(job: JobAnnouncement, lone?: LoneFile): string {
  const { for: uid, sig, at, notice } = job;
  const noteferry = { for: uid, sig, at, ...wireOf(notice) };
  if (lone === undefined) return JSON.stringify({ noteferry });
  const all = membersFor(at, lone);
  const kept = READERS.filter((name) => !membersLeftOut(job, lone).includes(name));
  return JSON.stringify({ noteferry, ...Object.fromEntries(kept.map((name) => [name, all[name]])) });
}

/** What other readers know, in the order in which it is left out: the last has the reader with the least room. */
const READERS = ["url", "afr_ota", "location"] as const;
type ReaderMember = (typeof READERS)[number];

/** The members of a lone file for which a message has no room. [NF-13.4] */
export function membersLeftOut(job: JobAnnouncement, lone: LoneFile): readonly ReaderMember[] {
  const all = membersFor(job.at, lone);
  const alone = Buffer.byteLength(formatJobDocument(job)) + ENVELOPE_MAX_BYTES;
  const bytesWithout = (left: number) =>
    READERS.slice(left).reduce((sum, name) => sum + memberBytes(name, all[name]), alone);
  const left = READERS.findIndex((_, many) => bytesWithout(many) <= MESSAGE_MAX_BYTES);
  return left === -1 ? READERS : READERS.slice(0, left);
}

/**
 * Why other readers could not take a document with this file; undefined if those with the least room can. A host that is too long for one of them is no reason: it is
 * the deployment's, whose others read it. [NF-13.4]
 */
export function whyUnreadable(job: JobAnnouncement, lone: LoneFile): string | undefined {
  if (lone.link.length - 1 > LINK_PATH_MAX_CHARS)
    return `the path of its address has ${lone.link.length - 1} characters, at most ${LINK_PATH_MAX_CHARS} are read: shorten the key`;
  return membersLeftOut(job, lone).includes("location") ? tooLong(job, lone) : undefined;
}

function tooLong(job: JobAnnouncement, lone: LoneFile): string {
  const location = memberBytes("location", membersFor(job.at, lone).location);
  const bytes = Buffer.byteLength(formatJobDocument(job)) + ENVELOPE_MAX_BYTES + location;
  return `the message would have up to ${bytes} bytes, at most ${MESSAGE_MAX_BYTES} are read: shorten the key`;
}

function memberBytes(name: string, value: unknown): number {
  return Buffer.byteLength(JSON.stringify({ [name]: value })) - 1; // for the braces, and a comma
}

/**
 * Nordic's aws_fota reads `location`, its path without the leading slash; AWS's samples `url`; FreeRTOS's OTA agent `afr_ota`.
 * https://github.com/nrfconnect/sdk-nrf/tree/main/subsys/net/lib/aws_fota
 */
function membersFor(at: string, { link, path, size }: LoneFile): Record<ReaderMember, unknown> {
  const { host, protocol } = new URL(at);
  const url = `${at}${link}`;
  const file = {
    ...{ filepath: path, filesize: size, fileid: 0, certfile: "" },
    ...{ update_data_url: url, auth_scheme: "aws.s3.presigned" },
  };
  return {
    url,
    location: { protocol, host, path: link.slice(1) },
    afr_ota: { protocols: ["HTTP"], files: [file] },
  };
}
