import type { Wanted } from "../../../protocol/chunk-request.ts";
import { RequestError } from "../../../protocol/errors.ts";
import { isPrivateKey } from "../../../protocol/target.ts";
import type { FileHead, FileSource, NotRead, TooBig } from "../ports.ts";

/**
 * Refuses what can be refused without asking the store.
 *
 * @throws {RequestError} `file-not-found`, `file-changed`
 */
export function checkWanted({ key, etag, version }: Wanted): void {
  if (etag === undefined && version === undefined && isPrivateKey(key)) throw fileNotFound(); // [NF-7.2]
  if (etag === "") throw fileChanged(key);
}

/** The error of the table for a read that gave no bytes. */
export function refusal(key: string, read: NotRead | TooBig): RequestError {
  switch (read.outcome) {
    case "not-found":
      return fileNotFound();
    case "changed":
      return fileChanged(key);
    case "too-big":
      return new RequestError(
        "too-big",
        "the file has more than 4 MiB: ask for it by ranges, beginning with Range: bytes=0-",
      );
    case "out-of-range":
      return new RequestError("out-of-range", "the file ends before that", { totalBytes: read.total });
    case "throttled":
      return new RequestError("slow-down", "too many requests", { cause: read.cause });
    case "unavailable":
      return new RequestError("try-again", "the file cannot be read now", { cause: read.cause });
  }
}

/**
 * What is known of a file that was just found to be empty. S3's 416 does not tell it, so this is a second request, unless
 * the etag was asked for: then that is all that is known. [NF-3.6]
 *
 * @throws {RequestError} `try-again` if the file has bytes by now; answering would mix two versions.
 */
export async function headOfEmptyFile(
  wanted: Wanted,
  files: FileSource,
  signal: AbortSignal,
): Promise<FileHead> {
  // It was the read's If-Match.
  if (wanted.etag !== undefined) return { outcome: "found", total: 0, etag: wanted.etag };
  const { key, version } = wanted;
  const head = await files.head({ key, version, signal });
  if (head.outcome !== "found") throw refusal(wanted.key, head);
  if (head.total > 0) throw new RequestError("try-again", "the file changed just now");
  return head;
}

function fileNotFound(): RequestError {
  return new RequestError("file-not-found", "there is no such file");
}

/** Whoever guesses at a private file's etag learns nothing, not even that there is such a file. [NF-7.2] */
function fileChanged(key: string): RequestError {
  if (isPrivateKey(key)) return fileNotFound();
  return new RequestError("file-changed", "the file is no longer that version"); // [NF-3.7] [NF-5.5]
}
