import { uriEncodePath } from "../../sigv4/uri-encode.ts";
import type { S3Request } from "../http/s3-request.ts";

/** Where an object is, as the caller reaches us. */
export function objectUrl({ secure, host }: S3Request, bucket: string, key: string): string {
  return `${secure ? "https" : "http"}://${host}/${bucket}/${uriEncodePath(key)}`;
}
