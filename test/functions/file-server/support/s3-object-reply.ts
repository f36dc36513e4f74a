import type { IncomingMessage, ServerResponse } from "node:http";
import type { StoredFile } from "./aws-stand-in.ts";

export const MODIFIED = "Sat, 21 Nov 2026 04:20:00 GMT";

/**
 * Answers GET and HEAD of an object as S3 does: conditions before ranges, 416 without an ETag but with the size in
 * its XML, and 200 for a suffix range of an empty object. Returns how many bytes of the object it sent.
 */
export function getObject(
  files: ReadonlyMap<string, StoredFile>,
  pathPrefix: string,
  request: IncomingMessage,
  response: ServerResponse,
): number {
  const { url = "", headers, method } = request;
  const key = url.startsWith(pathPrefix) ? decodeURIComponent(url.slice(pathPrefix.length)) : "";
  const file = files.get(key);
  if (file === undefined) return fail(response, 404, `<Code>NoSuchKey</Code><Key>${Buffer.from(key)}</Key>`);
  const { bytes, etag } = file;
  const ifMatch = headers["if-match"];
  if (ifMatch !== undefined && ifMatch !== `"${etag}"`)
    return fail(response, 412, "<Code>PreconditionFailed</Code>");
  const common = {
    etag: `"${etag}"`,
    "last-modified": MODIFIED,
    "accept-ranges": "bytes",
    "content-type": "text/x-python",
  };
  const range = method === "GET" ? extentOf(headers.range, bytes.length) : undefined;
  if (range === "unsatisfiable") {
    return fail(
      response,
      416,
      `<Code>InvalidRange</Code><ActualObjectSize>${bytes.length}</ActualObjectSize>`,
    );
  }
  if (range === undefined) {
    response.writeHead(200, { ...common, "content-length": bytes.length });
    response.end(method === "HEAD" ? undefined : bytes);
    return method === "HEAD" ? 0 : bytes.length;
  }
  const part = bytes.subarray(range.first, range.last + 1);
  const contentRange = `bytes ${range.first}-${range.last}/${bytes.length}`;
  response.writeHead(206, { ...common, "content-length": part.length, "content-range": contentRange });
  response.end(part);
  return part.length;
}

function extentOf(header: string | undefined, size: number) {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (first === undefined || last === undefined || first + last === "") return undefined;
  if (first !== "") {
    if (Number(first) >= size) return "unsatisfiable";
    return { first: Number(first), last: Math.min(last === "" ? size - 1 : Number(last), size - 1) };
  }
  if (Number(last) === 0) return "unsatisfiable";
  if (size === 0) return undefined;
  return { first: Math.max(0, size - Number(last)), last: size - 1 };
}

function fail(response: ServerResponse, status: number, members: string): number {
  const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${members}</Error>`;
  response.writeHead(status, { "content-type": "application/xml", "content-length": Buffer.byteLength(xml) });
  response.end(xml);
  return 0;
}
