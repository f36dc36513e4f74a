import {
  type Address,
  connect,
  NetworkError,
  type Reply,
  type Transport,
  totalOf,
  type Wire,
} from "./wire.ts";

/** Bytes of its buffers for a request's head, and for what it reads of a reply's. */
const REQUEST_BUFFER_BYTES = 512;
const HEAD_READ_BYTES = 1000;

const RANGE_BYTES = 1024;

/** `flags`, `pAlpnProtocols` and `isNonPersistent` of the connection's and the request's settings. */
export type IotHttpsSettings = { transport: Transport; isNonPersistent: boolean };

/**
 * FreeRTOS's IotHttpsClient, as an application uses it to download by ranges. It connects explicitly, writes a request in two
 * parts, and after a network error connects once more and repeats the request.
 *
 * @param path with its query
 * @returns the file, and how often it connected
 */
export async function iotHttpsClient(
  address: Address,
  path: string,
  settings: IotHttpsSettings,
): Promise<{ file: Buffer; connects: number }> {
  let wire: Wire | undefined;
  let connects = 0;
  /** On a handle that is open it disconnects first. */
  async function reconnect(): Promise<Wire> {
    wire?.close();
    wire = await connect(address, settings.transport);
    connects += 1;
    return wire;
  }

  async function sendSync(range: string): Promise<Reply> {
    const connection = settings.isNonPersistent ? "close" : "keep-alive";
    const first = `GET ${path} HTTP/1.1\r\nUser-Agent: amazon-freertos\r\nHost: ${address.host}\r\n`;
    const second = `Range: bytes=${range}\r\nConnection: ${connection}\r\n\r\n`;
    if (first.length + second.length > REQUEST_BUFFER_BYTES) throw new Error("IOT_HTTPS_INSUFFICIENT_MEMORY");
    const once = async (open: Wire) => checked(await open.ask(first, second));
    const isOpen = wire?.isOpen() === true && !settings.isNonPersistent;
    try {
      return await once(isOpen && wire !== undefined ? wire : await reconnect());
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      return await once(await reconnect());
    }
  }

  const total = totalOf(await sendSync("0-0"));
  const parts: Buffer[] = [];
  for (let at = 0; at < total; at += RANGE_BYTES) {
    parts.push((await sendSync(`${at}-${Math.min(at + RANGE_BYTES, total) - 1}`)).body);
  }
  wire?.close();
  return { file: Buffer.concat(parts), connects };
}

function checked(reply: Reply): Reply {
  if (reply.status !== 206) throw new Error(`status ${reply.status}`);
  if (/^Transfer-Encoding:/im.test(reply.head)) throw new Error("chunked replies are refused (103)");
  if (!reply.head.slice(0, HEAD_READ_BYTES).includes("Content-Range: "))
    throw new Error("no Content-Range in the buffer");
  return reply;
}
