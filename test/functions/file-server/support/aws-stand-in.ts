import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { getObject } from "./s3-object-reply.ts";

export const BUCKET = "files-bucket";
/** The one that is current when the server starts. */
export const LINK_SECRET = "link-secret";

export type StoredFile = { bytes: Buffer; etag: string };
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;
/** `port` is the client's, one per connection. */
export type Seen = {
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
  body: string;
  port: number | undefined;
};

/** S3's GetObject and HeadObject and Secrets Manager's GetSecretValue over plain HTTP, with every request counted. */
export type AwsStandIn = {
  origin: string;
  files: Map<string, StoredFile>;
  put(key: string, bytes: Buffer | string): StoredFile;
  /** SecretString of the tokens, and of the secret under which links are signed. */
  secret: string;
  linkSecret: string;
  s3Requests: Seen[];
  secretRequests: Seen[];
  /** Accepted so far. */
  connections: number;
  /** Body bytes sent for objects. */
  s3Bytes: number;
  /** Answers of the next requests to S3, or to Secrets Manager, before it is itself again. */
  s3Faults: Answer[];
  secretFaults: Answer[];
  close(): Promise<void>;
};

export async function startAwsStandIn(): Promise<AwsStandIn> {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (part) => {
      body += part;
    });
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const isSecret = headers["x-amz-target"] === "secretsmanager.GetSecretValue";
      const seen = { method, url, headers, body, port: request.socket.remotePort };
      (isSecret ? aws.secretRequests : aws.s3Requests).push(seen);
      const fault = (isSecret ? aws.secretFaults : aws.s3Faults).shift();
      const SecretString = body.endsWith(':links"}') ? aws.linkSecret : aws.secret;
      if (fault !== undefined) fault(request, response);
      else if (isSecret) response.end(JSON.stringify({ Name: "a secret", SecretString }));
      else aws.s3Bytes += getObject(aws.files, `/${BUCKET}/`, request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const aws: AwsStandIn = {
    origin: `http://127.0.0.1:${port}`,
    files: new Map(),
    put(key, content) {
      const bytes = Buffer.from(content);
      const file = { bytes, etag: createHash("md5").update(bytes).digest("hex") };
      aws.files.set(key, file);
      return file;
    },
    secret: JSON.stringify({ current: "current-token", previous: "previous-token" }),
    linkSecret: JSON.stringify({ current: LINK_SECRET, previous: "" }),
    s3Requests: [],
    secretRequests: [],
    connections: 0,
    s3Bytes: 0,
    s3Faults: [],
    secretFaults: [],
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  server.on("connection", () => {
    aws.connections += 1;
  });
  return aws;
}

/** Answers with an S3 error document. */
export function s3Error(status: number, code: string, members = ""): Answer {
  return (_request, response) => {
    response.writeHead(status, { "content-type": "application/xml" });
    response.end(`<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code>${members}</Error>`);
  };
}

/** Never answers. */
export const stall: Answer = () => undefined;

/** Closes the connection instead of answering. */
export const hangUp: Answer = (request) => {
  request.socket.destroy();
};
