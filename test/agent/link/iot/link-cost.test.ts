import { expect, onTestFinished, test } from "vitest";
import { startBreakableLine } from "../../../conformance/link/support/breakable-line.ts";
import { patternedBytes } from "../../support/patterned-bytes.ts";
import { thingDevice, UID } from "./support/thing-device.ts";

const FILES = 10;
const FILE_BYTES = 1_000_000;

test("ten files of 1 MB cost at most 1.03 of them on the link, over one HTTPS connection", async () => {
  const device = await thingDevice();
  const line = await startBreakableLine(device.server.port);
  onTestFinished(() => line[Symbol.asyncDispose]());
  const target = device.target(UID, { noZstd: true, at: `https://localhost:${line.port}` });
  const files = Object.fromEntries(
    Array.from({ length: FILES }, (_, at) => [`file-${at}.bin`, patternedBytes(FILE_BYTES, at + 1)]),
  );
  device.start();
  const { job } = await target.announce(files);
  await device.expectEnd(job, "SUCCEEDED");
  for (const [name, bytes] of Object.entries(files))
    expect((await device.content(name))?.equals(bytes)).toBe(true);
  const share = line.bytes() / (FILES * FILE_BYTES);
  console.log(
    `on the link with TLS: ${share.toFixed(4)} of the files, ${device.server.counts.requests} requests`,
  );
  expect(share).toBeLessThan(1.03); // TLS included, which may be left out
  expect(device.server.counts).toMatchObject({ connections: 1, fileBytes: expect.any(Number) });
});
