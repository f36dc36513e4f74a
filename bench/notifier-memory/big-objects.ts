import { createServer } from "node:http";
import { pipeline, Readable } from "node:stream";

const PIECE = Buffer.alloc(256 * 1024, 7);

/** An S3 of objects whose key is their size: made up as they are sent. */
export async function startBigObjects(): Promise<{ url: string; close(): void }> {
  const server = createServer((request, response) => {
    const size = Number(/\/files\/([0-9]+)/.exec(request.url ?? "")?.[1]);
    response.writeHead(200, { "content-length": size, etag: '"0123456789abcdef"' });
    pipeline(Readable.from(pieces(size)), response, () => undefined);
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

function* pieces(size: number): Generator<Buffer> {
  for (let left = size; left > 0; left -= PIECE.length)
    yield left < PIECE.length ? PIECE.subarray(0, left) : PIECE;
}
