import type { NotRead } from "../ports.ts";

/** S3 refuses us or cannot be understood: a setting or permission to mend, for the log and never for the caller. */
export class S3Error extends Error {
  override name = "S3Error" as const;
  readonly status: number;
  readonly code: string | undefined;

  constructor(sentence: string, status: number, code?: string) {
    super(sentence);
    this.status = status;
    this.code = code;
  }
}

const PERMISSIONS =
  "the function needs s3:GetObject (of a version s3:GetObjectVersion) on the bucket's objects, and s3:ListBucket on the bucket or a missing key is 403";

/** Keys that S3 cannot hold are files that do not exist. */
const NO_SUCH_FILE = new Set(["NoSuchKey", "NoSuchVersion", "InvalidURI", "KeyTooLongError"]);

/** What S3 answers to an id that it cannot have given (400), and to that of a delete marker (405). [NF-3.10] */
const NO_VERSION = new Set(["InvalidArgument", "MethodNotAllowed"]);
const NO_VERSION_STATUS = new Set([400, 405]);

/**
 * What an error response of S3 means for a read. Two flat members are all that is wanted of the XML, and a parser
 * would be half of the bundle.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 *
 * @param version that was asked for, if one was
 * @throws {S3Error} for what a retry cannot mend.
 */
export function readS3Error(
  operation: "GetObject" | "HeadObject",
  status: number,
  xml: string,
  version?: string,
): NotRead {
  const code = /<Code>([0-9A-Za-z.]{1,100})<\/Code>/.exec(xml)?.[1];
  const answer = `S3 answered ${operation} with ${code === undefined ? status : `${status} ${code}`}`;
  if (code !== undefined && NO_SUCH_FILE.has(code)) return { outcome: "not-found" };
  // By the code where there is one: an expired credential is 400 too, and must not have devices give a file up.
  const isNoVersion = operation === "HeadObject" ? NO_VERSION_STATUS.has(status) : NO_VERSION.has(code ?? "");
  if (version !== undefined && isNoVersion) return { outcome: "not-found" };
  // HEAD has no body to tell a missing key from a missing bucket; it follows a GET that found both.
  if (operation === "HeadObject" && status === 404) return { outcome: "not-found" };
  if (status === 412) return { outcome: "changed" };
  if (status === 416) {
    const total = /<ActualObjectSize>([0-9]{1,15})<\/ActualObjectSize>/.exec(xml)?.[1];
    if (total !== undefined) return { outcome: "out-of-range", total: Number(total) };
  }
  const cause = new S3Error(status === 403 ? `${answer}: ${PERMISSIONS}` : answer, status, code);
  if (code === "SlowDown" || status === 429) return { outcome: "throttled", cause };
  if (status >= 500) return { outcome: "unavailable", cause };
  throw cause;
}
