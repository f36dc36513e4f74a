/**
 * Keys are blobs, so that they are ordered by their UTF-8 bytes as S3 lists them, and may hold anything. `sequence` grows
 * with every change and orders the versions of a key. JSON columns are parsed where they are read.
 */
export const SCHEMA = `
CREATE TABLE IF NOT EXISTS sequence (only INTEGER PRIMARY KEY CHECK (only = 1), value INTEGER NOT NULL) STRICT;
INSERT OR IGNORE INTO sequence VALUES (1, 0);

CREATE TABLE IF NOT EXISTS bucket (
  name TEXT PRIMARY KEY, created INTEGER NOT NULL, versioning TEXT NOT NULL, settings TEXT NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS object (
  bucket TEXT NOT NULL REFERENCES bucket (name), key BLOB NOT NULL, sequence INTEGER NOT NULL,
  version_id TEXT NOT NULL, latest INTEGER NOT NULL, delete_marker INTEGER NOT NULL,
  size INTEGER NOT NULL, etag TEXT NOT NULL, modified INTEGER NOT NULL,
  segments TEXT NOT NULL, properties TEXT NOT NULL,
  PRIMARY KEY (bucket, key, sequence)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS object_latest ON object (bucket, key) WHERE latest = 1 AND delete_marker = 0;

CREATE TABLE IF NOT EXISTS upload (
  id TEXT PRIMARY KEY, bucket TEXT NOT NULL REFERENCES bucket (name), key BLOB NOT NULL,
  sequence INTEGER NOT NULL, created INTEGER NOT NULL, properties TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS upload_by_key ON upload (bucket, key, sequence);

CREATE TABLE IF NOT EXISTS part (
  upload TEXT NOT NULL REFERENCES upload (id), number INTEGER NOT NULL, segments TEXT NOT NULL, size INTEGER NOT NULL,
  md5 TEXT NOT NULL, checksum TEXT NOT NULL, modified INTEGER NOT NULL,
  PRIMARY KEY (upload, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT, target TEXT NOT NULL, key BLOB NOT NULL, event TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL DEFAULT 0
) STRICT;
`;
