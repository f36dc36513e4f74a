/** Most bytes of an upload in fragments; Notehub refuses more. */
const UPLOAD_MAX_BYTES = 10_000_000;

export type Fragment = { offset: number; total: number };

/** Puts the fragments of uploads together, one upload at a time by key. */
export type Fragments = {
  /** The whole upload once it is complete, `undefined` before. The text of an error if it never can be. */
  add(key: string, fragment: Fragment, bytes: Buffer): Buffer | undefined | { err: string };
};

export function createFragments(): Fragments {
  const uploads = new Map<string, Buffer>();
  return {
    add(key, { offset, total }, bytes) {
      if (total > UPLOAD_MAX_BYTES)
        return { err: `an upload has at most ${UPLOAD_MAX_BYTES} bytes {too-big}` };
      const before = offset === 0 ? Buffer.alloc(0) : (uploads.get(key) ?? Buffer.alloc(0));
      if (before.length < offset) return { err: `the fragment before ${offset} is missing {web-payload}` };
      const joined = Buffer.concat([before.subarray(0, offset), bytes]);
      if (joined.length > total)
        return { err: `fragments exceed their total of ${total} bytes {web-payload}` };
      if (joined.length === total) uploads.delete(key);
      else uploads.set(key, joined);
      return joined.length === total ? joined : undefined;
    },
  };
}
