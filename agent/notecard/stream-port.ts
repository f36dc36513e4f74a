import type { Duplex } from "node:stream";
import { sentenceOf } from "../system/errno.ts";
import { type LineTiming, type Port, PortClosed } from "./port.ts";

/** Unread bytes at which the other side has to wait, so that it cannot fill our memory. */
const MAX_UNREAD_BYTES = 256 * 1024;

/** Makes a port of an open stream of bytes: a socket, a serial device, or one end of a test's pipe. */
export function createStreamPort(stream: Duplex, timing: LineTiming): Port {
  let unread: Buffer[] = [];
  let unreadBytes = 0;
  let closed: PortClosed | undefined;
  let wake: (() => void) | undefined;

  const end = (cause?: Error) => {
    closed ??= new PortClosed(
      cause === undefined
        ? "the line to the Notecard was closed"
        : `the line to the Notecard broke: ${sentenceOf(cause)}`,
      { cause },
    );
    stream.destroy();
    wake?.();
  };
  stream.on("data", (bytes: Buffer) => {
    unread.push(bytes);
    unreadBytes += bytes.length;
    if (unreadBytes >= MAX_UNREAD_BYTES) stream.pause();
    wake?.();
  });
  stream.on("error", end);
  stream.on("end", () => end());
  stream.on("close", () => end());

  const take = (): Buffer | undefined => {
    if (unread.length === 0) return undefined;
    const bytes = Buffer.concat(unread);
    unread = [];
    unreadBytes = 0;
    if (stream.isPaused()) stream.resume();
    return bytes;
  };
  return {
    timing,
    write: (bytes) =>
      new Promise((resolve, reject) => {
        if (closed !== undefined) return reject(closed);
        stream.write(bytes, (error) => {
          if (error) end(error);
          if (closed === undefined) resolve();
          else reject(closed);
        });
      }),
    async read(timeoutMs) {
      if (unread.length === 0 && closed === undefined && timeoutMs > 0) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, timeoutMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        wake = undefined;
      }
      const bytes = take();
      if (bytes === undefined && closed !== undefined) throw closed;
      return bytes;
    },
    async close() {
      end();
    },
  };
}
