import { readFile } from "node:fs/promises";
import type { Socket } from "node:net";

/** Local and remote address, in hexadecimal; and the user's number. */
const ROW = /^\s*\d+: [0-9A-F]{8}:([0-9A-F]{4}) [0-9A-F]{8}:([0-9A-F]{4}) \S+ \S+ \S+ \S+\s+(\d+) /;

/**
 * Whose the other end of a loopback connection is. A loopback port is open to every user of the machine.
 *
 * @returns undefined where the system does not tell: other systems than Linux, or a connection that has gone.
 */
export async function peerUser(
  socket: Pick<Socket, "localPort" | "remotePort">,
): Promise<number | undefined> {
  const table = await readFile("/proc/net/tcp", "latin1").catch(() => "");
  return findUser(table, socket);
}

/** @param table https://docs.kernel.org/networking/proc_net_tcp.html */
export function findUser(
  table: string,
  { localPort, remotePort }: Pick<Socket, "localPort" | "remotePort">,
): number | undefined {
  for (const line of table.split("\n")) {
    const [, local = "", remote = "", uid] = ROW.exec(line) ?? [];
    // The row of the other end: what is remote to us is local to it.
    const isOther = Number.parseInt(local, 16) === remotePort && Number.parseInt(remote, 16) === localPort;
    if (isOther && uid !== undefined) return Number(uid);
  }
  return undefined;
}
