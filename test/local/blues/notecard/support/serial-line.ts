import { once } from "node:events";
import { createConnection } from "node:net";

/** A host's end of the serial line: bytes, and nothing that a library would do for it. */
export type SerialLine = {
  write(bytes: string | Buffer): Promise<void>;
  /** Bytes up to and including the next `\n`. */
  line(timeoutMs?: number): Promise<Buffer>;
  /** What the next read brings, at least one byte. */
  read(timeoutMs?: number): Promise<Buffer>;
  /** Everything that comes until the line has been idle for a while: for hosts that do just that. */
  drain(idleMs: number): Promise<Buffer>;
  /** Everything that the Notecard answers to these bytes, however long it takes: up to its answer to a request of ours. */
  answer(bytes: string): Promise<string>;
  /** Sends a line of JSON and reads one. */
  ask(request: object): Promise<Record<string, unknown>>;
  closed: Promise<unknown>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** The Notecard's answer to the request that ends `answer`. */
const END = '{"id":987654}\r\n';

/** Connects to a Notecard's TCP port. */
export async function openLine(port: number): Promise<SerialLine> {
  const socket = createConnection({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  let received = Buffer.alloc(0);
  let wake = () => {};
  socket.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    wake();
  });
  socket.on("error", () => {});
  const arrival = (timeoutMs: number) =>
    new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), timeoutMs);
      wake = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  const take = (length: number) => {
    const bytes = received.subarray(0, length);
    received = received.subarray(length);
    return bytes;
  };
  const line: SerialLine = {
    write: (bytes) => new Promise((resolve) => socket.write(bytes, () => resolve())),
    async line(timeoutMs = 5_000) {
      while (!received.includes(0x0a)) {
        if (!(await arrival(timeoutMs))) throw new Error(`no line within ${timeoutMs} ms`);
      }
      return take(received.indexOf(0x0a) + 1);
    },
    async read(timeoutMs = 5_000) {
      if (received.length === 0 && !(await arrival(timeoutMs))) {
        throw new Error(`nothing within ${timeoutMs} ms`);
      }
      return take(received.length);
    },
    async drain(idleMs) {
      while (await arrival(idleMs));
      return take(received.length);
    },
    async answer(bytes) {
      await line.write(`${bytes}{"req":"hub.sync","id":987654}\n`);
      let answer = "";
      while (!answer.endsWith(END)) answer += (await line.line()).toString();
      return answer.slice(0, -END.length);
    },
    async ask(request) {
      await line.write(`${JSON.stringify(request)}\n`);
      return JSON.parse((await line.line()).toString());
    },
    closed: once(socket, "close"),
    async [Symbol.asyncDispose]() {
      if (!socket.destroyed) {
        socket.destroy();
        await line.closed;
      }
    },
  };
  return line;
}
