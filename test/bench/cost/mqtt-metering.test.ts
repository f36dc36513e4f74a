import fc from "fast-check";
import { expect, test } from "vitest";
import { createPacketReader, meteredMessages, type Packet } from "../../../bench/cost/mqtt-metering.ts";

/** A packet with so many bytes after its fixed header. */
function packetOf(type: number, length: number): Buffer {
  const header = [type << 4];
  for (let rest = length; ; rest = Math.floor(rest / 128)) {
    header.push(rest < 128 ? rest : (rest % 128) | 0x80);
    if (rest < 128) return Buffer.concat([Buffer.from(header), Buffer.alloc(length, 0xff)]);
  }
}

test("packets are told apart in whatever pieces they come", () => {
  const packet = fc.record({ type: fc.integer({ min: 1, max: 15 }), length: fc.nat({ max: 20_000 }) });
  const pieces = fc.array(fc.integer({ min: 1, max: 9_000 }), { minLength: 1 });
  fc.assert(
    fc.property(fc.array(packet), pieces, (packets, sizes) => {
      const all = packets.map(({ type, length }) => packetOf(type, length));
      const stream = Buffer.concat(all);
      const told: Packet[] = [];
      const read = createPacketReader((each) => told.push(each));
      for (let at = 0, turn = 0; at < stream.length; turn += 1) {
        const end = at + (sizes[turn % sizes.length] ?? 1);
        read(stream.subarray(at, end));
        at = end;
      }
      expect(told).toEqual(packets.map(({ type }, index) => ({ type, bytes: all[index]?.length })));
    }),
  );
});

test.each([
  ["what a device publishes", "device", 3, 5_120, 1],
  ["what is more than 5 KB", "device", 3, 5_121, 2],
  ["what it is sent", "service", 3, 5_121, 2],
  ["its acknowledgement", "device", 4, 4, 1],
  ["the service's", "service", 4, 4, 0],
  ["a subscription", "device", 8, 100, 1],
  ["what says that it is there", "service", 9, 100, 0],
  ["a connection", "device", 1, 30, 1],
  ["what says that there is one", "service", 2, 4, 0],
  ["a ping", "device", 12, 2, 0],
  ["its answer", "service", 13, 2, 0],
  ["a farewell", "device", 14, 2, 0],
] as const)("%s by the %s, type %i of %i bytes, is metered as %i", (_what, from, type, bytes, messages) => {
  expect(meteredMessages(from, { type, bytes })).toBe(messages);
});
