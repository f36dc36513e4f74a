/** A content that a key held: patches start from it. */
export type Content = {
  /** Unpadded base64url. */
  sha256: string;
  /** Bytes. */
  size: number;
  /** The version of the file that held it last. */
  versionId: string;
};

/** The last different contents that are remembered of a key: as many as patches start from. */
export const CONTENTS_MAX = 4;

/** What patches to a content start from, the newest first: what it is itself needs none. */
export function basesOf(contents: readonly Content[], sha256: string): Content[] {
  return contents.filter((content) => content.sha256 !== sha256);
}

/** Puts a content first. One that comes back is no other: it moves there, with the version that holds it now. */
export function withContent(contents: readonly Content[], newest: Content): Content[] {
  return [newest, ...basesOf(contents, newest.sha256)].slice(0, CONTENTS_MAX);
}

/** Whether remembering a content changes anything. */
export function isRemembered([first]: readonly Content[], { sha256, versionId }: Content): boolean {
  return first?.sha256 === sha256 && first.versionId === versionId;
}
