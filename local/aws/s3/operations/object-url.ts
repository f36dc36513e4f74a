import { uriEncodePath } from "../../sigv4/uri-encode.ts";
import type { S3Request } from "../http/s3-request.ts";

/** Where an object of the request's bucket is, as the caller reaches us. */
export function objectUrl({ secure, host, virtualHosted, bucket }: S3Request, key: string): string {
  const path = uriEncodePath(key);
  return `${secure ? "https" : "http"}://${host}/${virtualHosted ? path : `${bucket}/${path}`}`;
}
