import { createConnection, createServer, type Socket } from "node:net";
import { listenOnLoopback } from "../../../../local/host/loopback/listen-on-loopback.ts";

/** A TCP port that leads to another one, and can be broken in between. */
export type BreakableLine = {
  port: number;
  /** Breaks what is connected now. */
  break(): void;
  /** Breaks it once so many more bytes have passed, in whichever direction. */
  breakAfter(bytes: number): void;
  /** Lets nobody connect until `plugIn`, and breaks what is connected. */
  unplug(): void;
  plugIn(): void;
  /** Bytes that have passed so far, in both directions. */
  bytes(): number;
  /** Connections that there are now. */
  connections(): number;
  [Symbol.asyncDispose](): Promise<void>;
};

export async function startBreakableLine(to: number): Promise<BreakableLine> {
  const sockets = new Set<Socket>();
  let pluggedIn = true;
  let passed = 0;
  let left = Number.POSITIVE_INFINITY;

  const breakNow = () => {
    left = Number.POSITIVE_INFINITY;
    for (const socket of sockets) socket.destroy();
  };
  const pass = (from: Socket, other: Socket) => {
    sockets.add(from);
    from.on("data", (bytes) => {
      other.write(bytes.subarray(0, left));
      left -= bytes.length;
      passed += bytes.length;
      if (left <= 0) breakNow();
    });
    from.on("error", () => undefined);
    from.on("close", () => {
      sockets.delete(from);
      other.destroy();
    });
  };
  const server = createServer((host) => {
    if (!pluggedIn) return void host.destroy();
    const device = createConnection(to, "127.0.0.1");
    pass(host, device);
    pass(device, host);
  });
  return {
    port: await listenOnLoopback(server, 0),
    break: breakNow,
    breakAfter(bytes) {
      left = bytes;
    },
    unplug() {
      pluggedIn = false;
      breakNow();
    },
    plugIn() {
      pluggedIn = true;
    },
    bytes: () => passed,
    connections: () => sockets.size / 2,
    async [Symbol.asyncDispose]() {
      breakNow();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
