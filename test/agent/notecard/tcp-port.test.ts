import { expect, onTestFinished, test } from "vitest";
import { createNotecard } from "../../../agent/notecard/notecard.ts";
import { openPort, parseNotecardAddress } from "../../../agent/notecard/open-port.ts";
import { startFakeNotecard } from "../support/fake-notecard.ts";

async function openLine(query: string) {
  const fake = await startFakeNotecard();
  const address = parseNotecardAddress(`${fake.address}${query}`);
  if (address === undefined) throw new Error("no address");
  const port = await openPort(address);
  onTestFinished(async () => {
    await port.close();
    await fake.close();
  });
  return { fake, port };
}

test("a UART behind a TCP connection gets a request in segments with pauses", async () => {
  const { fake, port } = await openLine("?pace=uart");
  const begin = performance.now();
  await createNotecard(port).request({ req: "note.add", body: { text: "x".repeat(600) } });
  expect(performance.now() - begin).toBeGreaterThan(2 * 240);
  expect(fake.card.receipts).toEqual([{ text: "x".repeat(600) }]);
  expect(port.timing).toMatchObject({ segmentBytes: 250, segmentPauseMs: 250, gapMs: 5_000 });
});

test("a Notecard that is a network away is not paced", async () => {
  const { port } = await openLine("");
  expect(port.timing).toMatchObject({ segmentBytes: Number.POSITIVE_INFINITY, segmentPauseMs: 0 });
});

test.each(["?pace=fast", "?pace=", "?baud=9600", "?pace=uart&x=1", "#x?pace=uart"])(
  "%s is refused",
  (query) => {
    expect(parseNotecardAddress(`tcp://127.0.0.1:4321${query}`)).toBeUndefined();
  },
);

test("the pace is part of the address", () => {
  expect(parseNotecardAddress("tcp://[::1]:4321/?pace=uart")).toEqual({
    ...{ kind: "tcp", host: "::1", port: 4321, pace: "uart" },
  });
});
