/** Who sent a packet. */
export type Sender = "device" | "service";

/** One MQTT control packet; `bytes` is all of it. */
export type Packet = { type: number; bytes: number };

/** Control packet types. MQTT 3.1.1 §2.2.1 */
const CONNECT = 1;
const PUBLISH = 3;
const PUBACK = 4;
const SUBSCRIBE = 8;

/** AWS meters by so many bytes. */
const MESSAGE_BYTES = 5 * 1024;

/**
 * Messages that AWS IoT meters of a packet of MQTT 3.1.1. The whole packet stands for the topic and the payload that are metered, which are a few bytes less.
 * Those of Jobs are metered as any. https://aws.amazon.com/iot-core/pricing/additional-details/, https://docs.aws.amazon.com/iot/latest/developerguide/jobs-mqtt-api.html
 */
export function meteredMessages(from: Sender, { type, bytes }: Packet): number {
  const bySize = Math.ceil(bytes / MESSAGE_BYTES);
  if (type === PUBLISH) return bySize;
  if (from === "service") return 0;
  if (type === PUBACK) return 1;
  return type === CONNECT || type === SUBSCRIBE ? bySize : 0;
}

/** Tells of each packet of a stream that is given to it in whatever pieces; the contents it does not look at. */
export function createPacketReader(onPacket: (packet: Packet) => void): (chunk: Buffer) => void {
  let type: number | undefined;
  let header = 0;
  let length = 0;
  /** Of the packet after its fixed header; undefined while its length is read. */
  let rest: number | undefined;
  const end = () => {
    if (type !== undefined) onPacket({ type, bytes: header + length });
    type = undefined;
    rest = undefined;
  };
  return (chunk) => {
    for (let at = 0; at < chunk.length; ) {
      if (rest !== undefined) {
        const taken = Math.min(rest, chunk.length - at);
        rest -= taken;
        at += taken;
      } else {
        const byte = chunk[at] ?? 0;
        at += 1;
        if (type === undefined) {
          type = byte >> 4;
          header = 1;
          length = 0;
          continue;
        }
        length += (byte & 0x7f) * 128 ** (header - 1);
        header += 1;
        if (byte & 0x80) continue;
        rest = length;
      }
      if (rest === 0) end();
    }
  };
}
