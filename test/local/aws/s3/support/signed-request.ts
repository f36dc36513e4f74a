import http from "node:http";
import { buffer } from "node:stream/consumers";
import { formatAmzDate } from "../../../../../local/aws/sigv4/amz-date.ts";
import { canonicalRequest } from "../../../../../local/aws/sigv4/canonical-request.ts";
import type { Credential } from "../../../../../local/aws/sigv4/credential.ts";
import { formatScope, signatureOf, signingKey } from "../../../../../local/aws/sigv4/signing-key.ts";
import { stringToSign } from "../../../../../local/aws/sigv4/string-to-sign.ts";

export type SignedReply = { status: number; headers: http.IncomingHttpHeaders; body: string };

/**
 * A request with any path, query and headers that HTTP lets through, signed as it stands: the SDK would tidy it first.
 *
 * @throws if the connection is cut.
 */
export async function signedRequest(
  server: { port: number },
  { accessKeyId, secretAccessKey }: Credential,
  request: { method: string; target: string; headers?: Record<string, string>; body?: string },
  agent?: http.Agent,
): Promise<SignedReply> {
  const { method, target, body = "" } = request;
  const [rawPath = "", ...query] = target.split("?");
  const amzDate = formatAmzDate(Date.now());
  const scope = { date: amzDate.slice(0, 8), region: "us-east-1", service: "s3" };
  const headers: Record<string, string> = {
    host: `127.0.0.1:${server.port}`,
    "x-amz-date": amzDate,
    "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
    ...request.headers,
  };
  const names = Object.keys(headers).sort();
  const signed = {
    method,
    rawPath,
    rawQuery: query.join("?"),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
  };
  const payloadHash = headers["x-amz-content-sha256"] ?? "";
  const canonical = orNothing(() => canonicalRequest(signed, "s3", names, payloadHash));
  const signature = signatureOf(signingKey(secretAccessKey, scope), stringToSign(amzDate, scope, canonical));
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${formatScope(scope)},SignedHeaders=${names.join(";")},Signature=${signature}`;
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  const options = {
    method,
    path: target,
    host: "127.0.0.1",
    port: server.port,
    headers: { "content-length": Buffer.byteLength(body), ...headers, authorization },
    ...(agent === undefined ? {} : { agent }),
  };
  http.request(options, resolve).on("error", reject).end(body);
  const reply = await promise;
  return {
    status: reply.statusCode ?? 0,
    headers: reply.headers,
    body: (await buffer(reply)).toString("latin1"),
  };
}

/** A broken escape cannot be signed; it is refused before the signature is looked at. */
function orNothing(work: () => string): string {
  try {
    return work();
  } catch (error) {
    if (error instanceof URIError) return "";
    throw error;
  }
}
