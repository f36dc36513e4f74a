import { execFile } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { listenOnLoopback } from "../../../../local/host/loopback/listen-on-loopback.ts";
import { findUser, peerUser } from "../../../../local/host/loopback/peer-user.ts";

// Columns as in docs.kernel.org/networking/proc_net_tcp.html
const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:11FC 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1207 1 0000 100 0 0 10 0
   1: 0100007F:11FC 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 1300 1 0000 20 4 30 10 -1
   2: 0100007F:C350 0100007F:11FC 01 00000000:00000000 02:00000A2B 00000000  1001        0 1301 2 0000 20 4 30 10 -1
`;

test("the user is that of the other end, not of the listening one", () => {
  expect(findUser(TABLE, { localPort: 4604, remotePort: 50_000 })).toBe(1001);
  expect(findUser(TABLE, { localPort: 4604, remotePort: 50_001 })).toBeUndefined();
  expect(findUser("", { localPort: 4604, remotePort: 50_000 })).toBeUndefined();
});

test("a connection of our own is ours", async () => {
  const accepted = Promise.withResolvers<Socket>();
  const server = createServer((socket) => accepted.resolve(socket));
  const port = await listenOnLoopback(server, 0);
  const client = connect(port, "127.0.0.1");
  onTestFinished(() => {
    client.destroy();
    server.close();
  });
  await once(client, "connect");
  const socket = await accepted.promise;
  onTestFinished(() => void socket.destroy());
  const { stdout } = await promisify(execFile)("uname");
  expect(await peerUser(socket)).toBe(stdout.trim() === "Linux" ? process.getuid?.() : undefined);
});
