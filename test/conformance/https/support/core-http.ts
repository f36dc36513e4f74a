import { type Address, connect, type Reply, type Transport, totalOf } from "./wire.ts";

/** The demo's `democonfigRANGE_REQUEST_LENGTH` and `democonfigUSER_BUFFER_LENGTH`. */
const RANGE_BYTES = 2048;
const BUFFER_BYTES = 4096;
const HEAD_MAX_BYTES = 2048;

/**
 * FreeRTOS's coreHTTP S3 download demo: the size by `bytes=0-0`, then range after range, all on one connection. It does not survive a
 * connection that is closed.
 *
 * @param path with its query
 */
export async function coreHttpS3Demo(address: Address, path: string, ca: string): Promise<Buffer> {
  const transport: Transport = { tls: { ca, sni: true } };
  const wire = await connect(address, transport);
  const ask = async (range: string): Promise<Reply> => {
    const lines = [
      ...[`GET ${path} HTTP/1.1`, "User-Agent: my-platform-name", `Host: ${address.host}`],
      ...["Connection: keep-alive", `Range: bytes=${range}`, "", ""],
    ];
    const reply = await wire.ask(lines.join("\r\n"));
    if (reply.status !== 206) throw new Error(`status ${reply.status}`);
    const { length } = reply.head;
    if (length > HEAD_MAX_BYTES || length + reply.body.length > BUFFER_BYTES)
      throw new Error("insufficient memory");
    return reply;
  };
  try {
    const first = await ask("0-0");
    if (first.body.length !== 1) throw new Error("more than one byte");
    const total = totalOf(first);
    const parts: Buffer[] = [];
    for (let at = 0; at < total; at += RANGE_BYTES) {
      parts.push((await ask(`${at}-${Math.min(at + RANGE_BYTES, total) - 1}`)).body);
    }
    return Buffer.concat(parts);
  } finally {
    wire.close();
  }
}
