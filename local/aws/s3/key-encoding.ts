import { uriEncodePath } from "../sigv4/uri-encode.ts";

/** A key in an event, or in a listing with `encoding-type=url`: percent-encoded UTF-8, slashes kept, a space as `+`. */
export function formEncodeKey(key: string): string {
  return uriEncodePath(key).replaceAll("%20", "+");
}
