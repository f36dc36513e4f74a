import { connect } from "node:net";
import { onTestFinished } from "vitest";

/** A connection on which a test says exactly what it wants, valid or not. */
export type RawConnection = {
  write(text: string | Buffer): void;
  /** What has come so far. */
  received(): string;
  /** Until what has come matches, or the connection ends. */
  until(pattern: RegExp): Promise<string>;
  /** Says that nothing more is to come, and waits for the end. */
  end(): Promise<string>;
  closed(): boolean;
};

export async function rawConnection(port: number): Promise<RawConnection> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  let text = "";
  let closed = false;
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const each of waiting) each();
  };
  const close = () => {
    closed = true;
    wake();
  };
  socket.on("data", (data) => {
    text += data.toString("latin1");
    wake();
  });
  socket.on("end", close).on("close", close).on("error", close);

  async function until(pattern: RegExp): Promise<string> {
    while (!pattern.test(text) && !closed) {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.add(resolve);
      await promise;
      waiting.delete(resolve);
    }
    return text;
  }

  return {
    write: (data) => void socket.write(data, "latin1"),
    received: () => text,
    until,
    async end() {
      socket.end();
      return await until(/(?!)/);
    },
    closed: () => closed,
  };
}
