import * as v from "valibot";
import type { Segment } from "./blobs.ts";
import type { Database } from "./database.ts";
import { at, type ListPosition, listRange } from "./list-position.ts";
import { type ObjectProperties, ObjectRow, type ObjectVersion } from "./object-version.ts";

/** The table `object`. Every function is synchronous: call those that write within a transaction. */
export type Objects = {
  /** The latest version, or the one with this id; delete markers too. */
  find(bucket: string, key: string, versionId?: string): ObjectVersion | undefined;
  /** Makes this the latest version of its key. */
  insert(version: NewVersion): void;
  delete(version: ObjectVersion): void;
  setProperties(version: ObjectVersion, properties: ObjectProperties): void;
  /** In listing order: what `GET bucket` shows. Rows are read as they are asked for: write nothing meanwhile. */
  listLatest(bucket: string, prefix: string, from: ListPosition): Iterable<ObjectVersion>;
  /** Every version and delete marker, the newest of each key first; read in the same way. */
  listVersions(bucket: string, prefix: string, from: ListPosition): Iterable<ObjectVersion>;
  isEmpty(bucket: string): boolean;
  /** Every blob that a version names. */
  blobs(): string[];
};

export type NewVersion = Omit<ObjectVersion, "latest">;

export function openObjects(db: Database): Objects {
  const latest = db.prepare("SELECT * FROM object WHERE bucket = ? AND key = ? AND latest = 1");
  const byVersion = db.prepare("SELECT * FROM object WHERE bucket = ? AND key = ? AND version_id = ?");
  const supersede = db.prepare("UPDATE object SET latest = 0 WHERE bucket = ? AND key = ? AND latest = 1");
  const insert = db.prepare("INSERT INTO object VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?)");
  const remove = db.prepare("DELETE FROM object WHERE bucket = ? AND key = ? AND sequence = ?");
  const promote = db.prepare(
    `UPDATE object SET latest = 1 WHERE bucket = ?1 AND key = ?2
     AND sequence = (SELECT max(sequence) FROM object WHERE bucket = ?1 AND key = ?2)`,
  );
  const setProperties = db.prepare(
    "UPDATE object SET properties = ? WHERE bucket = ? AND key = ? AND sequence = ?",
  );
  const range = "bucket = ? AND key >= ? AND key < ? AND NOT (key = ? AND sequence >= ?)";
  const listLatest = db.prepare(
    `SELECT * FROM object WHERE ${range} AND latest = 1 AND delete_marker = 0 ORDER BY key`,
  );
  // Key by key, backwards: one query for all of them would sort every version of a key for each page.
  const versionsOf = db.prepare(
    "SELECT * FROM object WHERE bucket = ? AND key = ? AND sequence < ? ORDER BY sequence DESC",
  );
  const nextKey = db.prepare(
    "SELECT key FROM object WHERE bucket = ? AND key > ? AND key < ? ORDER BY key LIMIT 1",
  );
  const any = db.prepare("SELECT 1 FROM object WHERE bucket = ? LIMIT 1");
  const blobs = db.prepare(
    "SELECT json_extract(value, '$.blob') AS blob FROM object, json_each(object.segments)",
  );

  return {
    find(bucket, key, versionId) {
      const bytes = Buffer.from(key);
      const row =
        versionId === undefined ? latest.get(bucket, bytes) : byVersion.get(bucket, bytes, versionId);
      return row === undefined ? undefined : v.parse(ObjectRow, row);
    },
    insert(version) {
      const key = Buffer.from(version.key);
      supersede.run(version.bucket, key);
      insert.run(
        version.bucket,
        key,
        version.sequence,
        version.versionId,
        version.deleteMarker ? 1 : 0,
        version.size,
        version.etag,
        version.modified,
        JSON.stringify(version.segments),
        JSON.stringify(version.properties),
      );
    },
    delete({ bucket, key, sequence, latest }) {
      const bytes = Buffer.from(key);
      remove.run(bucket, bytes, sequence);
      if (latest) promote.run(bucket, bytes);
    },
    setProperties({ bucket, key, sequence }, properties) {
      setProperties.run(JSON.stringify(properties), bucket, Buffer.from(key), sequence);
    },
    *listLatest(bucket, prefix, position) {
      const { key, below, end } = listRange(prefix, position);
      for (const row of listLatest.iterate(bucket, key, end, key, below)) yield v.parse(ObjectRow, row);
    },
    *listVersions(bucket, prefix, position) {
      const { key: first, below: bound, end } = listRange(prefix, position);
      let [key, below] = [first, bound];
      while (key.compare(end) < 0) {
        for (const row of versionsOf.iterate(bucket, key, below)) yield v.parse(ObjectRow, row);
        const next = nextKey.get(bucket, key, end);
        if (next === undefined) return;
        key = Buffer.from(v.parse(v.instance(Uint8Array), next.key));
        below = at(key).below;
      }
    },
    isEmpty: (bucket) => any.get(bucket) === undefined,
    blobs: () => blobs.all().map((row) => String(row.blob)),
  };
}

/** The bytes of several versions, for the blobs to discard. */
export function segmentsOf(versions: readonly ObjectVersion[]): Segment[] {
  return versions.flatMap((version) => version.segments);
}
