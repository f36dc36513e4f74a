import http from "node:http";
import { formatAmzDate } from "../../local/aws/sigv4/amz-date.ts";
import { canonicalRequest } from "../../local/aws/sigv4/canonical-request.ts";
import { formatScope, signatureOf, signingKey } from "../../local/aws/sigv4/signing-key.ts";
import { stringToSign } from "../../local/aws/sigv4/string-to-sign.ts";
import type { ServerProcess } from "./server-process.ts";

/** A client that does as little as it can, so that the server is what is measured. */
export type BenchClient = {
  /** @returns the bytes of the reply's body. @throws unless it is a success. */
  send(method: string, path: string, headers?: Record<string, string>, body?: Buffer): Promise<number>;
  close(): void;
};

export function connectTo(server: ServerProcess, connections: number): BenchClient {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  const host = `127.0.0.1:${server.port}`;
  return {
    async send(method, path, headers = {}, body) {
      const signed = sign(server, method, path, { ...headers, host });
      const length = body === undefined ? {} : { "content-length": body.length };
      const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
      const options = {
        agent,
        method,
        path,
        headers: { ...signed, ...length },
        port: server.port,
        host: "127.0.0.1",
      };
      http.request(options, resolve).on("error", reject).end(body);
      const reply = await promise;
      let bytes = 0;
      for await (const piece of reply) bytes += piece.length;
      if ((reply.statusCode ?? 500) >= 300)
        throw new Error(`${server.name}: ${method} ${path}: ${reply.statusCode}`);
      return bytes;
    },
    close: () => agent.destroy(),
  };
}

const keys = new Map<string, Buffer>();

function sign(server: ServerProcess, method: string, path: string, given: Record<string, string>) {
  const amzDate = formatAmzDate(Date.now());
  const scope = { date: amzDate.slice(0, 8), region: "us-east-1", service: "s3" };
  const key = keys.get(server.secretAccessKey + scope.date) ?? signingKey(server.secretAccessKey, scope);
  keys.set(server.secretAccessKey + scope.date, key);
  const headers = { ...given, "x-amz-date": amzDate, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" };
  const names = Object.keys(headers).sort();
  const [rawPath = "", rawQuery = ""] = path.split("?");
  const request = {
    method,
    rawPath,
    rawQuery,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
  };
  const canonical = canonicalRequest(request, "s3", names, "UNSIGNED-PAYLOAD");
  const signature = signatureOf(key, stringToSign(amzDate, scope, canonical));
  const credential = `${server.accessKeyId}/${formatScope(scope)}`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential},SignedHeaders=${names.join(";")},Signature=${signature}`;
  return { ...headers, authorization };
}
