import * as v from "valibot";
import { CHECKSUM_ALGORITHMS } from "../body/checksum.ts";
import type { Segment } from "./blobs.ts";
import type { Database } from "./database.ts";
import { type ListPosition, listRange } from "./list-position.ts";
import { jsonColumn, KeyColumn, ObjectProperties, Segments } from "./object-version.ts";

/** What an upload will become, and how its parts' checksums are computed and combined. */
const UploadProperties = v.object({
  ...ObjectProperties.entries,
  algorithm: v.picklist(CHECKSUM_ALGORITHMS),
  type: v.picklist(["FULL_OBJECT", "COMPOSITE"]),
  /** Whether the client chose the algorithm; its parts must then keep to it. */
  named: v.optional(v.boolean()),
});

const UploadRow = v.object({
  id: v.string(),
  bucket: v.string(),
  key: KeyColumn,
  sequence: v.number(),
  created: v.number(),
  properties: jsonColumn(UploadProperties),
});
export type Upload = v.InferOutput<typeof UploadRow>;

const SegmentsRow = v.object({ segments: jsonColumn(Segments) });

const PartRow = v.object({
  number: v.number(),
  segments: jsonColumn(Segments),
  size: v.number(),
  /** Hex. */
  md5: v.string(),
  /** Base64, of the upload's algorithm. */
  checksum: v.string(),
  modified: v.number(),
});
export type Part = v.InferOutput<typeof PartRow>;

function segmentsIn(rows: readonly unknown[]): Segment[] {
  return rows.flatMap((row) => v.parse(SegmentsRow, row).segments);
}

/** The tables `upload` and `part`. Write within a transaction. */
export type Uploads = {
  find(bucket: string, key: string, id: string): Upload | undefined;
  create(upload: Upload): void;
  /** With its parts, whose bytes it returns for the blobs to discard. */
  delete(id: string): Segment[];
  /** The same for all uploads of a bucket. */
  deleteAll(bucket: string): Segment[];
  /**
   * By key, then in the order they were begun: a position's `below` is the negative of a sequence. Rows are read as they
   * are asked for: write nothing meanwhile.
   */
  list(bucket: string, prefix: string, from: ListPosition): Iterable<Upload>;
  parts(id: string): Part[];
  /** The first of those whose numbers are greater. */
  partsAfter(id: string, number: number, limit: number): Part[];
  /** @returns the part of this number that was there before. */
  putPart(id: string, part: Part): Part | undefined;
  /** Every blob that a part names. */
  blobs(): string[];
};

export function openUploads(db: Database): Uploads {
  const find = db.prepare("SELECT * FROM upload WHERE id = ? AND bucket = ? AND key = ?");
  const create = db.prepare("INSERT INTO upload VALUES (?, ?, ?, ?, ?, ?)");
  const removeParts = db.prepare("DELETE FROM part WHERE upload = ?");
  const remove = db.prepare("DELETE FROM upload WHERE id = ?");
  const ofKey = db.prepare(
    "SELECT * FROM upload WHERE bucket = ? AND key = ? AND key < ? AND sequence > ? ORDER BY sequence",
  );
  const ofLaterKeys = db.prepare(
    "SELECT * FROM upload WHERE bucket = ? AND key > ? AND key < ? ORDER BY key, sequence",
  );
  const ofBucket = "upload IN (SELECT id FROM upload WHERE bucket = ?)";
  const segmentsOfAll = db.prepare(`SELECT segments FROM part WHERE ${ofBucket}`);
  const removeAllParts = db.prepare(`DELETE FROM part WHERE ${ofBucket}`);
  const removeAll = db.prepare("DELETE FROM upload WHERE bucket = ?");
  const segmentsOf = db.prepare("SELECT segments FROM part WHERE upload = ?");
  const parts = db.prepare("SELECT * FROM part WHERE upload = ? AND number > ? ORDER BY number LIMIT ?");
  const part = db.prepare("SELECT * FROM part WHERE upload = ? AND number = ?");
  const putPart = db.prepare("INSERT OR REPLACE INTO part VALUES (?, ?, ?, ?, ?, ?, ?)");
  const blobs = db.prepare(
    "SELECT json_extract(value, '$.blob') AS blob FROM part, json_each(part.segments)",
  );

  return {
    find(bucket, key, id) {
      const row = find.get(id, bucket, Buffer.from(key));
      return row === undefined ? undefined : v.parse(UploadRow, row);
    },
    create({ id, bucket, key, sequence, created, properties }) {
      create.run(id, bucket, Buffer.from(key), sequence, created, JSON.stringify(properties));
    },
    delete(id) {
      const segments = segmentsIn(segmentsOf.all(id));
      removeParts.run(id);
      remove.run(id);
      return segments;
    },
    deleteAll(bucket) {
      const segments = segmentsIn(segmentsOfAll.all(bucket));
      removeAllParts.run(bucket);
      removeAll.run(bucket);
      return segments;
    },
    *list(bucket, prefix, from) {
      const { key, below, end } = listRange(prefix, from);
      for (const row of ofKey.iterate(bucket, key, end, -below)) yield v.parse(UploadRow, row);
      for (const row of ofLaterKeys.iterate(bucket, key, end)) yield v.parse(UploadRow, row);
    },
    parts: (id) => parts.all(id, 0, -1).map((row) => v.parse(PartRow, row)),
    partsAfter: (id, number, limit) => parts.all(id, number, limit).map((row) => v.parse(PartRow, row)),
    putPart(id, { number, segments, size, md5, checksum, modified }) {
      const before = part.get(id, number);
      putPart.run(id, number, JSON.stringify(segments), size, md5, checksum, modified);
      return before === undefined ? undefined : v.parse(PartRow, before);
    },
    blobs: () => blobs.all().map((row) => String(row.blob)),
  };
}
