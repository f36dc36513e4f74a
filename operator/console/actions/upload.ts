import type { IncomingMessage } from "node:http";
import { PassThrough } from "node:stream";
import { parsePercent, parseRelease } from "../../../protocol/share.ts";
import { whyRefused } from "../../cloud/files/upload-key.ts";
import { uploadStream } from "../../cloud/files/upload-stream.ts";
import { requireShares } from "../../cloud/fleets/require-shares.ts";
import { OperatorError } from "../../cloud/operator-error.ts";
import { type Exchange, required, sendJson } from "../http/exchange.ts";
import type { World } from "../world.ts";

/**
 * Takes a file and passes it on to S3 as it comes, two parts of it in memory at the most. What the browser breaks off, or does not send
 * whole, becomes no object.
 */
export async function takeUpload(
  { bucket, deployment }: Pick<World, "bucket" | "deployment">,
  exchange: Exchange,
): Promise<void> {
  const { request, response, signal } = exchange;
  const key = required(exchange, "key");
  const bytes = Number(request.headers["content-length"] ?? Number.NaN);
  if (!Number.isSafeInteger(bytes)) throw new OperatorError("usage", "it is not said how large the file is");
  const why = whyRefused(key, bytes);
  if (why !== undefined) throw new OperatorError("usage", `no device could get ${key}: ${why}`);
  const share = readShare(exchange);
  if (share !== undefined) requireShares(deployment, key);
  const release = readRelease(exchange);
  const body = bodyOf(request);
  try {
    sendJson(response, await uploadStream(bucket, { key, body, share, release }, signal, () => undefined));
  } catch (error) {
    request.unpipe(body);
    await readToEnd(request);
    throw error;
  }
}

/** For what part of its fleet it is, in percent; undefined for all. [NF-11.8] */
function readShare({ query }: Exchange): number | undefined {
  const text = query.get("share");
  if (text === null) return undefined;
  const percent = parsePercent(text);
  if (percent === undefined) throw new OperatorError("usage", `the share ${text} is no percentage`);
  return percent === 100 ? undefined : percent;
}

/** That it belongs to, with what is sent at the same time. */
function readRelease({ query }: Exchange): string | undefined {
  const text = query.get("release");
  if (text === null) return undefined;
  const release = parseRelease(text);
  if (release === undefined) throw new OperatorError("usage", "the release is no name of one");
  return release;
}

/** A browser reads no answer before it has sent all. */
async function readToEnd(request: IncomingMessage): Promise<void> {
  if (request.readableEnded || request.destroyed) return;
  await new Promise((resolve) => request.once("end", resolve).once("close", resolve).resume());
}

/** The bytes of a request, apart from its connection: whoever gives up destroys them, and the browser is still to hear why. */
function bodyOf(request: IncomingMessage): PassThrough {
  const body = new PassThrough();
  body.on("error", () => undefined); // told to whoever reads
  const breakOff = () => {
    if (!request.complete) body.destroy(new Error("the browser broke the upload off"));
  };
  request.once("error", breakOff).once("close", breakOff);
  return request.pipe(body);
}
