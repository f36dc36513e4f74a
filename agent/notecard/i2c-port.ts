import { setTimeout as sleep } from "node:timers/promises";
import { sentenceOf } from "../system/errno.ts";
import { type LineTiming, type Port, PortClosed, SERIAL_LINE } from "./port.ts";

/** An open I2C bus: the part of the package `i2c-bus` that is used here. */
export type I2cBus = {
  i2cWrite(address: number, length: number, bytes: Buffer): Promise<unknown>;
  i2cRead(address: number, length: number, bytes: Buffer): Promise<unknown>;
  close(): Promise<void>;
};

const NOTECARD_ADDRESS = 0x17;

/** A transfer has at most 255 bytes, two of them the header. */
const MAX_PIECE_BYTES = 253;
const HEADER_BYTES = 2;

/** Milliseconds between two pieces of a request, between asking for bytes and reading them, and between two looks for more. */
const PIECE_PAUSE_MS = 20;
const ANSWER_PAUSE_MS = 1;
const POLL_MS = 50;

/** Pieces and pauses are those of a UART; silences are longer, since bytes come only when the host asks for them. */
const I2C_LINE: LineTiming = { ...SERIAL_LINE, gapMs: 2_000 };

/**
 * A line to a Notecard over I2C. A write is a length and as many bytes. A read asks for a number of bytes, 0 just to ask; the
 * answer is how many are left, how many follow, and those bytes.
 * https://dev.blues.io/guides-and-tutorials/notecard-guides/serial-over-i2c-protocol/
 */
export function createI2cPort(bus: I2cBus): Port {
  let left = 0;
  let closed = false;

  /** One read. With `wanted` 0 it asks how many bytes there are. */
  async function exchange(wanted: number): Promise<Buffer> {
    const reply = Buffer.alloc(wanted + HEADER_BYTES);
    try {
      await bus.i2cWrite(NOTECARD_ADDRESS, HEADER_BYTES, Buffer.from([0, wanted]));
      await sleep(ANSWER_PAUSE_MS);
      await bus.i2cRead(NOTECARD_ADDRESS, reply.length, reply);
    } catch (cause) {
      throw broken(cause);
    }
    const [available = 0, count = 0] = reply;
    if (count > wanted) throw broken(new Error(`it gave ${count} bytes where ${wanted} were asked for`));
    left = available;
    return reply.subarray(HEADER_BYTES, HEADER_BYTES + count);
  }

  function checkOpen(): void {
    if (closed) throw new PortClosed("the line to the Notecard was closed");
  }

  return {
    timing: I2C_LINE,
    async write(bytes) {
      for (let at = 0; at < bytes.length; at += MAX_PIECE_BYTES) {
        checkOpen();
        if (at > 0) await sleep(PIECE_PAUSE_MS);
        const piece = bytes.subarray(at, at + MAX_PIECE_BYTES);
        const framed = Buffer.concat([Buffer.from([piece.length]), piece]);
        try {
          await bus.i2cWrite(NOTECARD_ADDRESS, framed.length, framed);
        } catch (cause) {
          throw broken(cause);
        }
      }
    },
    async read(timeoutMs) {
      const deadline = performance.now() + timeoutMs;
      for (;;) {
        checkOpen();
        const bytes = await exchange(Math.min(left, MAX_PIECE_BYTES));
        if (bytes.length > 0) return bytes;
        if (left > 0) continue;
        if (performance.now() >= deadline) return undefined;
        await sleep(Math.min(POLL_MS, Math.max(1, deadline - performance.now())));
      }
    },
    async close() {
      if (closed) return;
      closed = true;
      await bus.close().catch(() => undefined); // nobody uses the bus any more, or could do anything about it
    },
  };
}

function broken(cause: unknown): PortClosed {
  const detail = sentenceOf(cause);
  return new PortClosed(`the line to the Notecard broke: ${detail}`, { cause });
}

/** The part of the package `i2c-bus` that is used here. It is native code, and so loaded only for an I2C line. */
type I2cBusModule = { openPromisified(bus: number): Promise<I2cBus> };

/**
 * Opens the bus `/dev/i2c-<number>`.
 *
 * @throws {PortClosed} if it cannot be opened, or the package `i2c-bus` is not installed; the message says what to do.
 */
export async function openI2cPort(busNumber: number): Promise<Port> {
  const { openPromisified } = await loadI2cBus();
  try {
    return createI2cPort(await openPromisified(busNumber));
  } catch (cause) {
    const detail = sentenceOf(cause);
    throw new PortClosed(`/dev/i2c-${busNumber} cannot be opened: ${detail}`, { cause });
  }
}

async function loadI2cBus(): Promise<I2cBusModule> {
  // Not a literal: neither the compiler nor a bundler must look for an optional package.
  const name: string = "i2c-bus";
  try {
    const loaded: { default: I2cBusModule } = await import(name);
    return loaded.default;
  } catch (cause) {
    throw new PortClosed("an I2C line needs the package i2c-bus: npm install i2c-bus@5", { cause });
  }
}
