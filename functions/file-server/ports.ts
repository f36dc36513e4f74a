import type { ByteRange } from "../../protocol/byte-range.ts";

/** Where files are read from. Every call is one request to the store. */
export type FileSource = {
  /** Reads a range of a file, of the version `ifMatch` if one is named. Rejects for a fault that no caller caused. */
  read(request: ReadRequest): Promise<FilePart | NotRead | TooBig>;
  /** What is known of a file without its bytes. */
  head(request: HeadRequest): Promise<FileHead | NotRead>;
};

/** `version` is a VersionId: that one is read instead of the current one. */
export type HeadRequest = {
  key: string;
  version?: string | undefined;
  ifMatch?: string | undefined;
  signal: AbortSignal;
};

export type ReadRequest = HeadRequest & {
  range: ByteRange;
  /** Only this many bytes of a longer range are read, its first. */
  maxBytes: number;
  /** Nothing is read of a file that has more bytes than this: the outcome is `too-big`. */
  maxTotal?: number | undefined;
  /** Nor of a range that has more in the file. */
  maxLength?: number | undefined;
};

/** `modified` is the Last-Modified of the store, where it told one. */
export type FileHead = { outcome: "found"; total: number; etag: string; modified?: string | undefined };

/** Bytes from `offset`, and the `total` bytes of the file. */
export type FilePart = FileHead & { bytes: Buffer; offset: number };

/** `version` is the VersionId of what was found, if it has one. */
export type TooBig = { outcome: "too-big"; version: string | undefined };

/** A URL of the store that opens one version of a file to anybody, for a while. */
export type Presign = (file: { key: string; version: string }) => string;

export type NotRead =
  | { outcome: "not-found" }
  /** What is there is not `ifMatch`. */
  | { outcome: "changed" }
  /** The range begins past the file's last byte, as every range of an empty file does. */
  | { outcome: "out-of-range"; total: number }
  /** The store asks for fewer requests. */
  | { outcome: "throttled"; cause: unknown }
  /** No answer, half an answer, or the store says that it cannot now. */
  | { outcome: "unavailable"; cause: unknown };
