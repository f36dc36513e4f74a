import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export const TOKEN = "token";

/** Answers every ranged read with 6000 bytes, and every GetSecretValue with the token. */
export async function startAwsServer(): Promise<{ origin: string; close: () => void }> {
  const bytes = Buffer.alloc(6000, "noteferry");
  const secret = JSON.stringify({ SecretString: JSON.stringify({ current: TOKEN, previous: "" }) });
  const server = createServer((request, response) => {
    request.resume();
    if (request.method === "POST") {
      response.end(secret);
      return;
    }
    response.writeHead(206, {
      etag: '"0123456789abcdef0123456789abcdef"',
      "content-range": "bytes 0-5999/100003",
      "content-length": bytes.length,
    });
    response.end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, close: () => server.close() };
}
