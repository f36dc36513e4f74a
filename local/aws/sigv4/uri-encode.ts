const RESERVED_BY_SIGV4 = /[!'()*]/g; // what encodeURIComponent leaves alone and RFC 3986 does not

/** Percent-encodes all but the unreserved characters of RFC 3986, in upper-case hex, as AWS's `UriEncode` does. */
export function uriEncode(text: string): string {
  return encodeURIComponent(text).replace(
    RESERVED_BY_SIGV4,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The same, with slashes kept. */
export function uriEncodePath(path: string): string {
  return path.split("/").map(uriEncode).join("/");
}
