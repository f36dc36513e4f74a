import { expect, test } from "vitest";
import { requestErrors } from "../../../support/notecard-schema.ts";
import { startDevice } from "../../support/agent-under-test.ts";
import { patternedBytes } from "../../support/patterned-bytes.ts";

test("every request of the agent obeys Blues' schema of it", async () => {
  const { fake, start } = await startDevice();
  fake.card.hub.mode = "periodic";
  for (let at = 0; at < 40; at += 1) fake.card.announce({ junk: at });
  for (const way of ["json", "raw", "binary"]) {
    fake.card.publish(`${way}.bin`, patternedBytes(9_000));
    const agent = start({ flags: ["--fetch", way, "--product", "com.example:other"] });
    await agent.next("installed");
    await expect.poll(() => fake.card.queue).toEqual([]);
    await agent.stop();
  }
  expect(fake.requests.flatMap(requestErrors)).toEqual([]);
  expect(new Set(fake.requests.map(({ req }) => req))).toEqual(
    new Set([
      ...["hub.get", "hub.set", "hub.status", "card.attn", "card.binary", "card.binary.get"],
      ...["card.time", "env.get", "note.changes", "note.get", "note.add", "web.get"],
    ]),
  );
});
