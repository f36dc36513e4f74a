import { whyRefused } from "../../cloud/files/upload-key.ts";
import { uploadStream } from "../../cloud/files/upload-stream.ts";
import { OperatorError } from "../../cloud/operator-error.ts";
import { type Exchange, required, sendJson } from "../http/exchange.ts";
import type { World } from "../world.ts";

/**
 * Takes a file and passes it on to S3 as it comes, two parts of it in memory at the most. What the browser breaks off, or does not send
 * whole, becomes no object.
 */
export async function takeUpload({ bucket }: Pick<World, "bucket">, exchange: Exchange): Promise<void> {
  const { request, response, signal } = exchange;
  const key = required(exchange, "key");
  const bytes = Number(request.headers["content-length"] ?? Number.NaN);
  if (!Number.isSafeInteger(bytes)) throw new OperatorError("usage", "it is not said how large the file is");
  const why = whyRefused(key, bytes);
  if (why !== undefined) throw new OperatorError("usage", `no device could get ${key}: ${why}`);
  const uploaded = await uploadStream(bucket, { key, body: request }, signal, () => undefined);
  sendJson(response, uploaded);
}
