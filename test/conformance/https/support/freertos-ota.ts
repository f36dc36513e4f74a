import { connect, NetworkError, type Reply, type Transport, totalOf, type Wire } from "./wire.ts";

/** `otaconfigFILE_BLOCK_SIZE`, and the longest `update_data_url` that it reads. */
const BLOCK_BYTES = 4096;
const URL_MAX = 1500;

/** A file of an `afr_ota` document, as far as a download over HTTP reads it. */
export type OtaFile = { filesize: number; update_data_url: string };

/**
 * FreeRTOS OTA with HTTP as its data protocol: looks whether the server's size is the document's, then asks for block after block on one
 * connection, and connects again where that was closed.
 *
 * @param port what stands for 443 here: none is in the URL
 */
export async function freeRtosOta(file: OtaFile, port: number, transport: Transport): Promise<Buffer> {
  const { filesize, update_data_url: url } = file;
  if (url.length > URL_MAX) throw new Error("the URL is too long");
  const [, host = "", path = ""] = /^https?:\/\/([^/:]+)(\/.*)$/.exec(url) ?? [];
  let wire: Wire | undefined;
  const ask = async (range: string): Promise<Reply> => {
    const lines = [
      ...[`GET ${path} HTTP/1.1`, "User-Agent: amazon-freertos", `Host: ${host}`],
      ...["Connection: keep-alive", `Range: bytes=${range}`, "", ""],
    ];
    if (wire?.isOpen() !== true) wire = await connect({ host, port }, transport);
    const reply = await wire.ask(lines.join("\r\n"));
    if (reply.status !== 206) throw new Error(`status ${reply.status}`);
    return reply;
  };
  const askAgain = (range: string) =>
    ask(range).catch((error: unknown) => {
      if (!(error instanceof NetworkError)) throw error;
      return ask(range);
    });
  try {
    if (totalOf(await askAgain("0-0")) !== filesize) throw new Error("the server's file has another size");
    const blocks: Buffer[] = [];
    for (let at = 0; at < filesize; at += BLOCK_BYTES) {
      blocks.push((await askAgain(`${at}-${Math.min(at + BLOCK_BYTES, filesize) - 1}`)).body);
    }
    return Buffer.concat(blocks);
  } finally {
    wire?.close();
  }
}
