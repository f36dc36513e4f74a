import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { listenOnLoopback } from "../../../../local/host/loopback/listen-on-loopback.ts";
import { listeningInodes, portHolder } from "../../../../local/host/loopback/port-holder.ts";
import { PortTaken } from "../../../../local/host/loopback/port-taken.ts";

async function taken(): Promise<number> {
  const server = createServer();
  onTestFinished(() => new Promise((closed) => void server.close(() => closed())));
  return await listenOnLoopback(server, 0);
}

test.runIf(process.platform === "linux")(
  "who listens on a port is found, and nobody where nobody does",
  async () => {
    const port = await taken();
    expect(await portHolder(port)).toMatchObject({
      pid: process.pid,
      command: expect.stringContaining("node"),
    });
    const server = createServer();
    const free = await listenOnLoopback(server, 0);
    await new Promise((closed) => void server.close(closed));
    expect(await portHolder(free)).toBeUndefined();
  },
);

test("a port that was asked for and is taken names its holder", async () => {
  const port = await taken();
  const refused = listenOnLoopback(createServer(), port);
  await expect(refused).rejects.toThrow(PortTaken);
  if (process.platform === "linux")
    await expect(refused).rejects.toThrow(`port ${port} is taken by process ${process.pid} (`);
});

test("a table is read by its listening rows alone", () => {
  const row = (local: string, state: string, inode: string) =>
    `   0: 0100007F:${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  1000        0 ${inode} 1 x`;
  const table = [
    "  sl  local_address",
    row("11F8", "0A", "77"),
    row("11F8", "01", "78"),
    row("11F9", "0A", "79"),
    "x",
  ];
  expect(listeningInodes(table.join("\n"), 0x11f8)).toEqual(["77"]);
  expect(listeningInodes(table.join("\n"), 1)).toEqual([]);
});
