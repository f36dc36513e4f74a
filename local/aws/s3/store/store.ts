import path from "node:path";
import { type Outbox, openOutbox } from "../events/outbox.ts";
import { type Blobs, openBlobs } from "./blobs.ts";
import { type Buckets, openBuckets } from "./buckets.ts";
import { type Database, openDatabase } from "./database.ts";
import { type Objects, openObjects } from "./objects.ts";
import { openSequence } from "./sequence.ts";
import { makeDirectory } from "./sync-directory.ts";
import { openUploads, type Uploads } from "./uploads.ts";

/**
 * Everything that is kept. INVARIANT: bytes are in place and synced before the row that names them is committed, and a
 * row is gone before the bytes are; so whatever dies when, a row's bytes are there, and the worst is an orphan.
 */
export type Store = {
  database: Database;
  buckets: Buckets;
  objects: Objects;
  uploads: Uploads;
  blobs: Blobs;
  outbox: Outbox;
  /** The next number of the order in which things changed; within a transaction. */
  nextSequence(): number;
};

/** @throws {DataFolderUnusable} */
export function openStore(dataDir: string, now: () => number): Store {
  makeDirectory(dataDir);
  const database = openDatabase(path.join(dataDir, "metadata.sqlite"));
  const store: Store = {
    database,
    buckets: openBuckets(database),
    objects: openObjects(database),
    uploads: openUploads(database),
    outbox: openOutbox(database),
    blobs: openBlobs(dataDir),
    nextSequence: openSequence(database, now),
  };
  store.blobs.sweep(new Set([...store.objects.blobs(), ...store.uploads.blobs()]));
  return store;
}
