/** Why a key can never be delivered. */
export type RefusalReason =
  | "target"
  | "path"
  | "announcement-too-long"
  | "request-too-long"
  | "too-big"
  /** Of a thing's only file: */
  | "link-too-long"
  /** Of a fleet's files alone, or a thing's: */
  | "too-many-files"
  | "folder-conflict"
  | "no-version"
  | "share";

/** A key that can never be delivered, whatever is retried: renaming (or shrinking) the file is the only remedy. */
export class KeyRefused extends Error {
  override name = "KeyRefused" as const;
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, sentence: string) {
    super(sentence);
    this.reason = reason;
  }
}
