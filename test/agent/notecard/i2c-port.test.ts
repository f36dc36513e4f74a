import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { createI2cPort, type I2cBus, openI2cPort } from "../../../agent/notecard/i2c-port.ts";
import { PortClosed } from "../../../agent/notecard/port.ts";

/** The Notecard's end of the bus: what it was sent, and what it has to say. */
function bus(): I2cBus & { received: Buffer[]; say(bytes: Buffer): void; transfers: number[] } {
  let out = Buffer.alloc(0);
  let asked = 0;
  const received: Buffer[] = [];
  const transfers: number[] = [];
  return {
    received,
    transfers,
    say: (bytes) => {
      out = Buffer.concat([out, bytes]);
    },
    async i2cWrite(address, length, bytes) {
      expect(address).toBe(0x17);
      transfers.push(length);
      if (bytes[0] === 0) asked = bytes[1] ?? 0;
      else received.push(Buffer.from(bytes.subarray(1, 1 + (bytes[0] ?? 0))));
    },
    async i2cRead(address, length, bytes) {
      expect(address).toBe(0x17);
      expect(length).toBe(asked + 2);
      transfers.push(length);
      const piece = out.subarray(0, asked);
      out = out.subarray(asked);
      Buffer.from([Math.min(255, out.length), piece.length, ...piece]).copy(bytes);
    },
    close: async () => undefined,
  };
}

test("a request goes out in pieces with their lengths, none above 255 bytes", async () => {
  const notecard = bus();
  const request = randomBytes(600);
  await createI2cPort(notecard).write(request);
  expect(Buffer.concat(notecard.received)).toEqual(request);
  expect(Math.max(...notecard.transfers)).toBeLessThanOrEqual(255);
});

test("a reply is asked for until nothing is left", async () => {
  const notecard = bus();
  const port = createI2cPort(notecard);
  const reply = randomBytes(1_000);
  notecard.say(reply);
  const pieces: Buffer[] = [];
  for (let read = await port.read(0); read !== undefined; read = await port.read(0)) pieces.push(read);
  expect(Buffer.concat(pieces)).toEqual(reply);
  expect(Math.max(...notecard.transfers)).toBeLessThanOrEqual(255);
});

test("a reply that comes later is waited for, and silence is undefined", async () => {
  const notecard = bus();
  const port = createI2cPort(notecard);
  expect(await port.read(0)).toBeUndefined();
  setTimeout(() => notecard.say(Buffer.from("{}\r\n")), 30);
  expect((await port.read(5_000))?.toString()).toBe("{}\r\n");
});

test("a bus that fails, a lie about lengths and a closed port are told as such", async () => {
  const failing = { ...bus(), i2cRead: () => Promise.reject(new Error("EREMOTEIO")) };
  await expect(createI2cPort(failing).read(0)).rejects.toThrow(PortClosed);
  const lying = { ...bus(), i2cRead: async (_: number, __: number, bytes: Buffer) => bytes.fill(255) };
  await expect(createI2cPort(lying).read(0)).rejects.toThrow("255 bytes where 0");
  const port = createI2cPort(bus());
  await port.close();
  await expect(port.write(Buffer.from("x"))).rejects.toThrow(PortClosed);
});

test("without its package it says what to install", async () => {
  await expect(openI2cPort(1)).rejects.toThrow("npm install i2c-bus");
});

test("a bus that cannot be closed is no trouble of whoever closes it", async () => {
  const close = () => Promise.reject(new Error("EBADF"));
  await expect(createI2cPort({ ...bus(), close }).close()).resolves.toBeUndefined();
});
