import fc from "fast-check";
import { expect, test } from "vitest";
import { appendCrc } from "../../../../agent/notecard/request-crc.ts";
import { PUBLISHED_REQUESTS } from "../../../support/notecard-schema.ts";
import { readSeed } from "../../../support/seeded-random.ts";
import { cardUnderTest } from "./support/card-under-test.ts";
import { openLine } from "./support/serial-line.ts";

const SEED = readSeed();

/** They end the connection. */
const RESTARTS = ["card.restart", "card.restore"];

/** Requests with members of any type: what a host with a mistake in it sends. */
const request = fc
  .tuple(
    fc.constantFrom(...PUBLISHED_REQUESTS.filter((name) => !RESTARTS.includes(name)), "card.fly", ""),
    fc.constantFrom("req", "cmd"),
    fc.dictionary(
      fc.constantFrom(
        ..."file note body payload mode files offset length cobs max seconds route name names time".split(
          " ",
        ),
      ),
      fc.oneof(fc.jsonValue(), fc.constantFrom("a.qi", "a.qo", "a.dbx", "arm,files", ["a.qi"], -1, 0, 1e20)),
    ),
  )
  .map(([name, key, members]) => JSON.stringify({ ...members, [key]: name }));

const chunk = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  request.map((text) => Buffer.from(`${text}\n`)),
  fc.tuple(request, fc.nat(0xffff)).map(([text, sequence]) => Buffer.from(`${appendCrc(text, sequence)}\n`)),
  fc.constantFrom("{", "}", "\n", "\r\n", '{"req":', "\u0000").map((text) => Buffer.from(text)),
);

test(`any bytes leave it alive and in step after two newlines`, async () => {
  const faults: unknown[] = [];
  await using under = await cardUnderTest({
    observe: (event) => event.kind === "fault" && faults.push(event.error),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(chunk, { maxLength: 30 }), async (chunks) => {
      await using line = await openLine(under.card.port);
      for (const bytes of chunks) await line.write(bytes);
      // The first newline ends whatever was begun, a packet that was announced included.
      await line.write('\n\n{"req":"card.version","id":424242}\n');
      for (;;) {
        const reply = (await line.line()).toString("latin1");
        if (reply.startsWith('{"id":424242,"version"')) return;
      }
    }),
    { seed: SEED, numRuns: 150 },
  );
  expect(faults).toEqual([]);
});
