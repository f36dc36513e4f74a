/** One upload of a file, as its event tells. */
export type FileVersion = {
  bucket: string;
  /** Decoded. */
  key: string;
  /** `null`, as S3 names it, in a bucket that keeps no versions. */
  versionId: string;
  sequencer: string;
};
