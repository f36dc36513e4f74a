import { openI2cPort } from "./i2c-port.ts";
import type { Port } from "./port.ts";
import { openSerialPort } from "./serial-port.ts";
import { openTcpPort } from "./tcp-port.ts";

/**
 * Where a Notecard is: `tcp://host:port`, `tcp://host:port?pace=uart` if a UART is behind it, `serial:/dev/ttyACM0`,
 * `serial:/dev/serial/by-id/usb-Blues*` for the one device of that name whatever its number is,
 * `serial:/dev/serial0?baud=9600`, or `i2c:1` for the bus `/dev/i2c-1`.
 */
export type NotecardAddress =
  | { kind: "tcp"; host: string; port: number; pace?: "uart" }
  | { kind: "serial"; device: string; baudRate?: number }
  | { kind: "i2c"; bus: number };

/** Parses an address; undefined if it is none. A bare device path is a serial line. */
export function parseNotecardAddress(text: string): NotecardAddress | undefined {
  if (text.startsWith("tcp://")) return parseTcp(text);
  const [, bus] = /^i2c:([0-9]{1,3})$/.exec(text) ?? [];
  if (bus !== undefined) return { kind: "i2c", bus: Number(bus) };
  const [, device, baud] = /^(?:serial:)?(\/[^?]+)(?:\?baud=([1-9][0-9]{1,6}))?$/.exec(text) ?? [];
  if (device === undefined) return undefined;
  return baud === undefined ? { kind: "serial", device } : { kind: "serial", device, baudRate: Number(baud) };
}

function parseTcp(text: string): NotecardAddress | undefined {
  if (!URL.canParse(text)) return undefined;
  const { hostname, port, pathname, search, hash } = new URL(text);
  if (hostname === "" || port === "" || port === "0") return undefined;
  if (!["", "/"].includes(pathname) || hash !== "") return undefined;
  const tcp = { kind: "tcp", host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) } as const;
  if (search === "?pace=uart") return { ...tcp, pace: "uart" };
  return search === "" ? tcp : undefined;
}

/** @throws {PortClosed} */
export function openPort(address: NotecardAddress, signal?: AbortSignal): Promise<Port> {
  switch (address.kind) {
    case "tcp":
      return openTcpPort(address, signal);
    case "serial":
      return openSerialPort(address.device, address.baudRate);
    case "i2c":
      return openI2cPort(address.bus);
  }
}
