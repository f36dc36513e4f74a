import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import type { Authorize } from "../iam/authorize.ts";
import type { FindCredential } from "../sigv4/credential.ts";
import { type Deliver, type EventDelivery, startEventDelivery } from "./events/deliver-events.ts";
import { createHandler, type Handler } from "./handle-request.ts";
import type { S3Fault, S3Observation, S3Operation } from "./observation.ts";
import { type BucketProvision, provisionBucket } from "./provision-bucket.ts";
import { createObjectChanges } from "./store/object-changes.ts";
import { openStore } from "./store/store.ts";

export type { S3Event } from "./events/event.ts";
export type { S3Fault, S3Observation, S3Operation } from "./observation.ts";
export type { BucketProvision } from "./provision-bucket.ts";

export type S3Options = {
  /** Everything is kept here; one server at a time. */
  dataDir: string;
  region: string;
  findCredential: FindCredential;
  authorize: Authorize;
  /** PEM; absent: plain HTTP. */
  tls?: { key: string; cert: string };
  /** 0, the default: any that is free. */
  port?: number;
  /** Brings an event to the target that a notification names; rejects to have it again later. */
  deliver?: Deliver;
  /** Told of every request. */
  observe?: (observation: S3Observation) => void;
  /** Asked before every operation, so that a test can make it fail. */
  fault?: (operation: S3Operation) => S3Fault | undefined;
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
  /** Cuts the connections that are open; what was acknowledged is kept. */
  close(): Promise<void>;
};

/** Starts an S3 server on the loopback interface. */
export async function startS3(options: S3Options): Promise<S3Server> {
  const now = options.clock ?? Date.now;
  const report = options.report ?? ((fault) => console.error("local S3:", fault));
  const store = openStore(options.dataDir, now);
  const delivery: EventDelivery | undefined =
    options.deliver && startEventDelivery(store.outbox, store.database, options.deliver, report);
  const changes = createObjectChanges({ store, region: options.region, now, wake: delivery?.wake });
  const { region, findCredential, authorize, observe, fault } = options;
  const handler = createHandler({
    store,
    changes,
    region,
    findCredential,
    authorize,
    now,
    observe,
    fault,
    report,
  });
  const server = createServer(handler, options.tls);
  const port = await listen(server, options.port ?? 0);
  return {
    port,
    endpoint: `${options.tls === undefined ? "http" : "https"}://localhost:${port}`,
    provisionBucket: (bucket) => provisionBucket(store, now(), bucket),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await delivery?.close();
      store.database.close();
    },
  };
}

function createServer(handler: Handler, tls: S3Options["tls"]): http.Server | https.Server {
  const settings = {
    requestTimeout: 0, // an upload may be as slow as its link
    keepAliveTimeout: 60_000, // a client that reuses a connection should not meet its end
  };
  const server =
    tls === undefined ? http.createServer(settings) : https.createServer({ ...settings, ...tls });
  server.on("request", (incoming, response) => void handler(incoming, response, undefined));
  server.on("checkContinue", (incoming, response) => {
    void handler(incoming, response, () => response.writeContinue());
  });
  server.on("clientError", (_error, socket) => {
    if (socket.writable)
      socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    else socket.destroy();
  });
  return server;
}

async function listen(server: http.Server | https.Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address: AddressInfo | string | null = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the server has no port");
  return address.port;
}
