import {
  type Address,
  connect,
  NetworkError,
  type Reply,
  type Transport,
  totalOf,
  type Wire,
} from "./wire.ts";

/** What the older client has room for, and what its modem takes in one piece. */
const HOST_MAX = 63;
const PATH_MAX = 191;
const FRAGMENT_BYTES = 2048;

/** `location` of a job document: the host without a port, the path without its leading slash. */
export type Location = { host: string; path: string };

/**
 * Nordic's aws_fota. The modem's TLS takes ranges of 2048 bytes; plain HTTP and newer TLS ask for the whole and resume from where it broke.
 * It follows no redirect.
 *
 * @param port what stands for 443 here: none is in the document
 */
export async function awsFota(
  { host, path }: Location,
  port: number,
  transport: Transport,
  mode: "ranges" | "whole",
): Promise<Buffer> {
  if (host.length > HOST_MAX) throw new Error("the host is too long");
  if (path.length > PATH_MAX) throw new Error("the path is too long");
  if (path.startsWith("/") || /:/.test(host + path)) throw new Error("the address is not understood");
  const address: Address = { host, port };
  let wire: Wire | undefined;
  const ask = async (range?: string): Promise<Reply> => {
    const lines = [
      ...[`GET /${path} HTTP/1.1`, `Host: ${host}`, "Connection: keep-alive"],
      ...[...(range === undefined ? [] : [`Range: bytes=${range}`]), "", ""],
    ];
    if (wire?.isOpen() !== true) wire = await connect(address, transport);
    return await wire.ask(lines.join("\r\n"));
  };
  const patient = (range?: string) =>
    ask(range).catch((error: unknown) => {
      if (!(error instanceof NetworkError)) throw error;
      wire?.close();
      wire = undefined;
      return ask(range); // reconnects, and goes on
    });
  try {
    return mode === "whole" ? await whole(patient) : await byFragments(patient);
  } finally {
    wire?.close();
  }
}

async function byFragments(ask: (range: string) => Promise<Reply>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let at = 0, total = 1; at < total; at += FRAGMENT_BYTES) {
    const reply = await ask(`${at}-${at + FRAGMENT_BYTES - 1}`);
    if (reply.status !== 206) throw new Error(`status ${reply.status}`);
    total = totalOf(reply);
    parts.push(reply.body);
  }
  return Buffer.concat(parts);
}

async function whole(ask: (range?: string) => Promise<Reply>): Promise<Buffer> {
  const first = await ask();
  if (first.status !== 200) throw new Error(`status ${first.status}`);
  const half = Math.floor(first.body.length / 2); // as if it had broken there
  const rest = await ask(`${half}-`);
  if (rest.status !== 206) throw new Error(`status ${rest.status}`);
  return Buffer.concat([first.body.subarray(0, half), rest.body]);
}
