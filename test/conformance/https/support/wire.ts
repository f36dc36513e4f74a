import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

/** Where a client connects to; `host` is the name that it knows, without a port. */
export type Address = { host: string; port: number };

/** How. Without `tls` it is plain TCP. */
export type Transport = { tls?: { ca: string; sni: boolean; alpn?: string[] } };

/** A reply as a small client sees it. `head` is spelt as it came. */
export type Reply = { status: number; head: string; header(name: string): string | undefined; body: Buffer };

/** One connection of a client that has written its HTTP by hand. */
export type Wire = {
  /** Sends a request in the parts it is given, each a write of its own, and reads one reply with a Content-Length. */
  ask(...parts: string[]): Promise<Reply>;
  isOpen(): boolean;
  close(): void;
};

/** coreHTTP's default for a byte that does not come. */
const SILENCE_MS = 5_000;

/** What a client calls a network error: no connection, or one that ended within an exchange. */
export class NetworkError extends Error {
  override name = "NetworkError" as const;
}

export async function connect({ port }: Address, { tls }: Transport): Promise<Wire> {
  const socket = await open(port, tls);
  let received = Buffer.alloc(0);
  let ended = false;
  let wake: () => void = () => undefined;
  const end = () => {
    ended = true;
    wake();
  };
  socket.on("data", (part: Buffer) => {
    received = Buffer.concat([received, part]);
    wake();
  });
  socket.on("end", end).on("close", end).on("error", end);
  socket.setTimeout(SILENCE_MS, () => socket.destroy());

  async function until(isThere: () => boolean): Promise<void> {
    while (!isThere()) {
      if (ended) throw new NetworkError("the connection ended");
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  return {
    async ask(...parts) {
      if (ended) throw new NetworkError("the connection has ended");
      if (received.length > 0) throw new NetworkError("bytes that nobody asked for");
      socket.setNoDelay(true);
      for (const part of parts) await new Promise((resolve) => socket.write(part, resolve));
      await until(() => received.includes("\r\n\r\n"));
      const headBytes = received.indexOf("\r\n\r\n") + 4;
      const head = received.subarray(0, headBytes).toString("latin1");
      const header = (name: string) => new RegExp(`^${name}: *(.*)\r$`, "m").exec(head)?.[1]; // letter by letter
      const length = Number(header("Content-Length") ?? Number.NaN);
      if (Number.isNaN(length)) throw new Error(`a reply without a length:\n${head}`);
      await until(() => received.length >= headBytes + length);
      const body = received.subarray(headBytes, headBytes + length);
      received = received.subarray(headBytes + length);
      return { status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]), head, header, body };
    },
    isOpen: () => !ended,
    close: () => socket.destroy(),
  };
}

async function open(port: number, tls: Transport["tls"]): Promise<Socket> {
  const common = { host: "127.0.0.1", port };
  try {
    if (tls === undefined) {
      const socket = connectTcp(common);
      await once(socket, "connect");
      return socket;
    }
    const socket = connectTls({
      ...{ ...common, ca: tls.ca },
      // Without SNI the client still knows whom it means: it compares the certificate with that name itself.
      ...(tls.sni ? { servername: "localhost" } : { checkServerIdentity: () => undefined }),
      ...(tls.alpn === undefined ? {} : { ALPNProtocols: tls.alpn }),
    });
    await once(socket, "secureConnect");
    return socket;
  } catch (cause) {
    throw new NetworkError("no connection", { cause });
  }
}

/** The total of a `Content-Range`; clients that count on it fail on `*`, on 0 and without it. */
export function totalOf(reply: Reply): number {
  const total = Number(/^bytes \d+-\d+\/(\d+)$/.exec(reply.header("Content-Range") ?? "")?.[1] ?? 0);
  if (total === 0) throw new Error(`no total in:\n${reply.head}`);
  return total;
}
