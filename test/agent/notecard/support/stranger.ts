import { createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** Something else than a Notecard at the other end of a line: what it says by itself, and to what it is sent. */
export type Stranger = {
  says?: (socket: Socket) => NodeJS.Timeout | undefined;
  answers?: (text: string) => string;
};

/** @returns the TCP port where it is. */
export async function startStranger({ says, answers }: Stranger): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const talk = says?.(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => clearInterval(talk));
    socket.on("data", (bytes) => {
      const answer = answers?.(bytes.toString("latin1")) ?? "";
      if (answer !== "") socket.write(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

const SENTENCES = "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47\r\n$GPGSV,3,1,11*74\r\n";

/** A GPS receiver, which takes no notice of what it is sent. */
export const gps = (everyMs: number): Stranger => ({
  says: (socket) => setInterval(() => socket.write(SENTENCES), everyMs),
});
