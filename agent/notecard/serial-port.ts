import type { Duplex } from "node:stream";
import { findDevice } from "./find-device.ts";
import { type Port, PortClosed, SERIAL_LINE } from "./port.ts";
import { createStreamPort } from "./stream-port.ts";

/** A Notecard's main UART is fixed at 9600 baud; USB takes any rate. */
export const DEFAULT_BAUD_RATE = 9600;

/** The part of the package `serialport` that is used here. It is native code, and so loaded only for a serial line. */
type SerialPortModule = {
  SerialPort: new (
    options: { path: string; baudRate: number; lock: boolean },
    opened: (error: Error | null) => void,
  ) => Duplex;
};

/**
 * Opens a UART or USB device such as `/dev/ttyACM0`, or the one that a pattern finds.
 *
 * @throws {PortClosed} if it cannot be opened, or the package `serialport` is not installed; the message says what to do.
 */
export async function openSerialPort(address: string, baudRate = DEFAULT_BAUD_RATE): Promise<Port> {
  const { SerialPort } = await loadSerialPort();
  const device = await findDevice(address);
  return new Promise((resolve, reject) => {
    const stream: Duplex = new SerialPort({ path: device, baudRate, lock: true }, (cause) => {
      if (cause === null) resolve(createStreamPort(stream, SERIAL_LINE));
      else reject(new PortClosed(`${device} cannot be opened: ${serialSentence(cause.message)}`, { cause }));
    });
  });
}

/** What the package's words mean, which are those of the C library. */
function serialSentence(message: string): string {
  if (/no such (?:file|device)/i.test(message)) return "it is not there: is it plugged in?";
  if (/permission denied|not permitted/i.test(message))
    return "this user is not allowed to: be root, or of the device's group, often dialout";
  if (/lock|busy|temporarily unavailable/i.test(message)) return "another program holds it";
  return message;
}

async function loadSerialPort(): Promise<SerialPortModule> {
  // Not a literal: neither the compiler nor a bundler must look for an optional package.
  const name: string = "serialport";
  try {
    return await import(name);
  } catch (cause) {
    throw new PortClosed("a serial line needs the package serialport: npm install serialport@13", { cause });
  }
}
