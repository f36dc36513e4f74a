/** What a key holds, and the event that led to the look at it. */
export type FileVersion = {
  bucket: string;
  /** Decoded. */
  key: string;
  /** `null`, as S3 names it, in a bucket that keeps no versions; undefined if the key holds nothing any more. */
  versionId: string | undefined;
  /** The event's. */
  sequencer: string;
};

/** One upload of a file. */
export type StoredVersion = FileVersion & { versionId: string };
