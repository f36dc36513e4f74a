import { createServer } from "node:net";

/** A port that nobody else can take until it is released. */
export type HeldPort = { port: number; release(): Promise<void> };

/**
 * Holds `preferred`, or a port that the system has free where something listens there already. 0 asks for a free one.
 * Hold all that are needed before releasing any, or the system may give the same one twice.
 */
export async function holdPort(preferred: number): Promise<HeldPort> {
  return (await listen(preferred)) ?? (await listen(0)) ?? { port: 0, release: async () => {} };
}

function listen(port: number): Promise<HeldPort | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      if (typeof address !== "object" || address === null) return resolve(undefined);
      resolve({
        port: address.port,
        release: () => new Promise((released) => server.close(() => released())),
      });
    });
  });
}
