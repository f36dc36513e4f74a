import { type Served, sendServed, serve } from "../../../agent/support/fake-server.ts";
import { startUpstream } from "../../../local/blues/notehub/support/upstream.ts";

/**
 * What requests get in place of their answer: an error, perhaps only those by range; an answer that is not what was asked for, as the checksum or the
 * length shows; a connection that is closed without one; none at all.
 */
export type Trouble =
  | { status: number; body?: object | string; doors?: "by range" }
  | "spoilt"
  | "hang-up"
  | "silence";

/** A file-server over HTTPS that can be in trouble, and counts. */
export type FileServer = {
  url: string;
  /** By key. */
  files: Map<string, Buffer>;
  trouble: Trouble | undefined;
  /** Requests so far, answered or not. */
  requests: number;
  /** Bytes of file in the answers so far. */
  bytes: number;
  [Symbol.asyncDispose](): Promise<void>;
};

export async function startFileServer(tls: { key: string; cert: string }): Promise<FileServer> {
  const upstream = await startUpstream(tls, ({ target, headers }, response) => {
    server.requests += 1;
    const { trouble } = server;
    if (trouble === "silence") return;
    if (trouble === "hang-up") return void response.destroy();
    if (typeof trouble === "object" && (trouble.doors === undefined || headers.range !== undefined)) {
      const { status, body = {} } = trouble;
      if (typeof body === "string") return void response.writeHead(status).end(body);
      return sendServed({ status, json: body, bytes: 0 }, response);
    }
    const served = serve(server.files, target, headers.range);
    server.bytes += "json" in served ? served.bytes : served.raw.length;
    sendServed(trouble === "spoilt" ? spoilt(served) : served, response);
  });
  const server: FileServer = {
    url: upstream.url,
    files: new Map(),
    trouble: undefined,
    requests: 0,
    bytes: 0,
    [Symbol.asyncDispose]: () => upstream[Symbol.asyncDispose](),
  };
  return server;
}

function spoilt(served: Served): Served {
  if (!("json" in served)) return { ...served, raw: Buffer.alloc(0) };
  return { ...served, json: { ...served.json, payload: "spoilt==" } };
}
