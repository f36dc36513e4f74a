import type { Port } from "./port.ts";
import { openSerialPort } from "./serial-port.ts";
import { openTcpPort } from "./tcp-port.ts";

/** Where a Notecard is: `tcp://host:port`, or `serial:/dev/ttyACM0`, or `serial:/dev/serial0?baud=9600`. */
export type NotecardAddress =
  | { kind: "tcp"; host: string; port: number }
  | { kind: "serial"; device: string; baudRate?: number };

/** Reads an address; undefined if it is none. A bare device path is a serial line. */
export function parseNotecardAddress(text: string): NotecardAddress | undefined {
  if (text.startsWith("tcp://")) return parseTcp(text);
  const [, device, baud] = /^(?:serial:)?(\/[^?]+)(?:\?baud=([1-9][0-9]{1,6}))?$/.exec(text) ?? [];
  if (device === undefined) return undefined;
  return baud === undefined ? { kind: "serial", device } : { kind: "serial", device, baudRate: Number(baud) };
}

function parseTcp(text: string): NotecardAddress | undefined {
  if (!URL.canParse(text)) return undefined;
  const { hostname, port, pathname, search } = new URL(text);
  if (hostname === "" || port === "" || port === "0" || !["", "/"].includes(pathname) || search !== "") {
    return undefined;
  }
  return { kind: "tcp", host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) };
}

/** @throws {PortClosed} */
export function openPort(address: NotecardAddress, signal?: AbortSignal): Promise<Port> {
  return address.kind === "tcp"
    ? openTcpPort(address.host, address.port, signal)
    : openSerialPort(address.device, address.baudRate);
}
