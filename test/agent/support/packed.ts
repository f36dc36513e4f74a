import zlib from "node:zlib";
import type { Announcement } from "../../../protocol/announcement.ts";
import { type Packed, packedKey } from "../../../protocol/packed.ts";
import { baseName } from "../../../protocol/representation.ts";
import { announcementOf, type FakeCard, sha256 } from "./fake-card.ts";

const LEVEL = { [zlib.constants.ZSTD_c_compressionLevel]: 19 };

export const zstdOf = (content: Buffer): Buffer => zlib.zstdCompressSync(content, { params: LEVEL });

export const patchOf = (base: Buffer, content: Buffer): Buffer =>
  zlib.zstdCompressSync(content, { params: LEVEL, dictionary: base });

/** Source code of about so many bytes: the same for a seed, and unlike that of another one. */
export function sourceText(bytes: number, seed = 1): Buffer {
  let state = seed;
  const lines: string[] = [];
  for (let length = 0; length < bytes; length += lines.at(-1)?.length ?? 1) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    lines.push(`value_${state.toString(36)} = read("${(state * 7).toString(16)}", ${state % 97})\n`);
  }
  return Buffer.from(lines.join("").slice(0, bytes));
}

/** The same content with a line more. */
export function edited(content: Buffer, line: string): Buffer {
  const half = Math.floor(content.length / 2);
  return Buffer.concat([content.subarray(0, half), Buffer.from(`# ${line}\n`), content.subarray(half)]);
}

export type PackedForms = {
  zstd?: Buffer;
  patches?: [Buffer, Buffer][];
  payload?: [Buffer, Buffer | string];
};

/** An order for announcements: later ones are newer. */
export function seqOf(order: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(order);
  return bytes.toString("base64url");
}

/** Puts a version on the server with its forms, each as the given bytes, and announces it. */
export function publishPacked(
  card: FakeCard,
  name: string,
  content: Buffer,
  { zstd, patches = [], payload }: PackedForms,
  order = 1,
): Announcement {
  const plain = announcementOf(name, content);
  card.files.set(name, content);
  const put = (packed: Packed, bytes: Buffer) => card.files.set(`packed:${packedKey(packed)}`, bytes);
  if (zstd) put(plain, zstd);
  for (const [base, patch] of patches) put({ ...plain, base: sha256(base) }, patch);
  const announcement = {
    ...plain,
    seq: seqOf(order),
    ...(payload && { b: baseName(sha256(payload[0])) }),
    ...(patches.length > 0 && {
      p: patches.map(([base, patch]): [string, number] => [baseName(sha256(base)), patch.length]),
    }),
    ...(zstd && { z: zstd.length }),
  };
  card.announce(announcement, payload?.[1]);
  return announcement;
}
