import { createCipheriv } from "node:crypto";
import { createServer } from "node:http";
import { pipeline, Readable } from "node:stream";

const PIECE_BYTES = 256 * 1024;
const NOTHING = Buffer.alloc(PIECE_BYTES / 2);

/**
 * An S3 of files whose key begins with their size, made up as they are sent: hexadecimal digits, which compress to half. Another
 * bucket holds nothing, and takes everything.
 */
export async function startBigObjects(): Promise<{ url: string; close(): void }> {
  const server = createServer((request, response) => {
    const [, key = ""] = /\/files\/([^?]+)/.exec(request.url ?? "") ?? [];
    if (key === "") {
      request.resume().on("end", () => response.writeHead(request.method === "PUT" ? 200 : 404).end());
      return;
    }
    const size = Number.parseInt(key, 10);
    response.writeHead(200, { "content-length": size, etag: '"0123456789abcdef"' });
    pipeline(Readable.from(digits(key, size)), response, () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The same for the same key. */
function* digits(key: string, size: number): Generator<Buffer> {
  const cipher = createCipheriv("aes-128-ctr", key.padEnd(16, "-").slice(0, 16), NOTHING.subarray(0, 16));
  for (let left = size; left > 0; left -= PIECE_BYTES) {
    const piece = Buffer.from(cipher.update(NOTHING).toString("hex"), "latin1");
    yield left < PIECE_BYTES ? piece.subarray(0, left) : piece;
  }
}
