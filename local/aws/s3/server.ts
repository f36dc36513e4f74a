import type { Port } from "../../host/loopback/listen-on-loopback.ts";
import type { Authorize } from "../iam/authorize.ts";
import type { FindCredential } from "../sigv4/credential.ts";
import { type Deliver, startEventDelivery } from "./events/deliver-events.ts";
import { createHandler } from "./handle-request.ts";
import { startHttpServer } from "./http/http-server.ts";
import type { S3Fault, S3Observation, S3Operation } from "./observation.ts";
import { type BucketProvision, provisionBucket } from "./provision-bucket.ts";
import { startExpiry } from "./store/expiry.ts";
import { createObjectChanges } from "./store/object-changes.ts";
import { openStore } from "./store/store.ts";

export type S3Options = {
  /** Everything is kept here; one server at a time. */
  dataDir: string;
  region: string;
  findCredential: FindCredential;
  authorize: Authorize;
  /** PEM; absent: plain HTTP. */
  tls?: { key: string; cert: string } | undefined;
  /** 0, the default: any that is free. */
  port?: Port;
  /** Brings an event to the target that a notification names; rejects to get it again later. */
  deliver?: Deliver;
  /** Told of every request. */
  observe?: (observation: S3Observation) => void;
  /** Asked before every operation, so that a test can make it fail. */
  fault?: ((operation: S3Operation) => S3Fault | undefined) | undefined;
  /** Milliseconds since 1970. */
  clock?: () => number;
  /** Where faults inside are written down; the default is standard error. */
  report?: (fault: unknown) => void;
};

export type S3Server = {
  port: number;
  /** `https://localhost:<port>`, for path-style requests. */
  endpoint: string;
  /** Makes a bucket as a template describes it, or makes an existing one so. */
  provisionBucket(bucket: BucketProvision): void;
  /** Bytes of what a key holds; undefined if that is nothing. */
  sizeOf(bucket: string, key: string): number | undefined;
  /** Cuts the connections that are open; what was acknowledged is kept. */
  close(): Promise<void>;
};

/**
 * Starts an S3 server on the loopback interface.
 *
 * @throws {Error} if the port is taken, or the data folder is another server's.
 */
export async function startS3(options: S3Options): Promise<S3Server> {
  const { region, findCredential, authorize, deliver, observe, fault, tls } = options;
  const now = options.clock ?? Date.now;
  const report = options.report ?? ((error) => console.error("local S3:", error));
  const store = openStore(options.dataDir, now);
  const delivery = deliver && startEventDelivery(store.outbox, store.database, deliver, report);
  const changes = createObjectChanges({ store, region, now, wake: delivery?.wake });
  const stopExpiry = startExpiry(store, changes, now, report);
  const context = { store, changes, region, findCredential, authorize, deliver, now, observe, fault, report };

  async function closeStore(): Promise<void> {
    await stopExpiry();
    await delivery?.close();
    store.database.close();
  }

  try {
    const http = await startHttpServer(createHandler(context), { port: options.port ?? 0, tls, report });
    return {
      port: http.port,
      endpoint: `${tls === undefined ? "http" : "https"}://localhost:${http.port}`,
      provisionBucket(bucket) {
        provisionBucket(store, bucket, { now: now(), delivers: delivery !== undefined });
        delivery?.wake();
      },
      sizeOf: (bucket, key) => store.objects.find(bucket, key)?.size,
      async close() {
        await http.close();
        await closeStore();
      },
    };
  } catch (error) {
    await closeStore();
    throw error;
  }
}
