/**
 * Consistent Overhead Byte Stuffing as a Notecard speaks it: ordinary COBS (Cheshire & Baker, 1999), with each byte then XORed
 * with the end-of-packet byte, so that a `\n` ends the packet and appears nowhere inside it.
 * https://dev.blues.io/guides-and-tutorials/notecard-guides/sending-and-receiving-large-binary-objects/
 */

/** The code byte of the longest run, 254 bytes. No zero follows that run. */
const FULL_RUN = 0xff;

/** A packet that no encoder could have made. */
export class CobsMalformed extends Error {
  override name = "CobsMalformed" as const;
}

/**
 * Encodes bytes, without the end-of-packet byte that follows them on the wire. The result is one byte longer, and one more for
 * each 254 bytes without a zero. It equals that of note-c's `_cobsEncode`, so lengths agree with what a Notecard reports.
 *
 * @param eop end-of-packet byte; it does not occur in the result.
 */
export function encodeCobs(bytes: Uint8Array, eop = 0x0a): Buffer {
  const encoded = Buffer.allocUnsafe(bytes.length + Math.floor(bytes.length / 254) + 1);
  let codeAt = 0;
  let at = 1;
  for (const byte of bytes) {
    if (byte !== 0) encoded[at++] = byte ^ eop;
    const code = at - codeAt;
    if (byte === 0 || code === FULL_RUN) {
      encoded[codeAt] = code ^ eop;
      codeAt = at++;
    }
  }
  encoded[codeAt] = (at - codeAt) ^ eop;
  return encoded.subarray(0, at);
}

/**
 * Decodes one packet, given without its end-of-packet byte.
 *
 * @throws {CobsMalformed} if the packet is empty, a run is cut short, or the end-of-packet byte is inside.
 */
export function decodeCobs(bytes: Uint8Array, eop = 0x0a): Buffer {
  if (bytes.length === 0) throw new CobsMalformed("empty packet");
  const decoded = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  let at = 0;
  while (at < bytes.length) {
    const code = (bytes[at] ?? 0) ^ eop;
    const end = at + code;
    if (end > bytes.length) throw new CobsMalformed(`packet ends ${end - bytes.length} bytes short`);
    // A code of 0 is the end-of-packet byte itself.
    if (code === 0) throw new CobsMalformed(`end-of-packet byte inside the packet, at ${at}`);
    for (at += 1; at < end; at += 1) {
      const byte = (bytes[at] ?? 0) ^ eop;
      if (byte === 0) throw new CobsMalformed(`end-of-packet byte inside the packet, at ${at}`);
      decoded[length++] = byte;
    }
    if (code !== FULL_RUN && at < bytes.length) decoded[length++] = 0;
  }
  return decoded.subarray(0, length);
}
