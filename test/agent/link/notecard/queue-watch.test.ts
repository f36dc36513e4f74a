import { expect, onTestFinished, test } from "vitest";
import { NO_PIN, watchAttnPin } from "../../../../agent/link/notecard/attn-pin.ts";
import { createQueueWatch } from "../../../../agent/link/notecard/queue-watch.ts";
import { connect } from "../../notecard/support/connect.ts";
import { startPin } from "../../support/pin.ts";

const never = new AbortController().signal;
const variables = { changed: async () => false };

test("a rise that nobody heard keeps the pin from rising only until the next look", async () => {
  const { fake, notecard } = await connect();
  const wire = await startPin();
  const pin = watchAttnPin(["cat", wire.fifo], () => undefined);
  onTestFinished(() => pin.stop());
  const watch = createQueueWatch(notecard, { pin, pollMs: 10, variables });
  const rearmed = () => fake.requests.filter(({ mode }) => mode === "rearm,files,env").length;
  await watch.arm();
  fake.card.announce({}); // and the wire says nothing
  await watch.wait(50, never);
  await watch.arm();
  expect(rearmed()).toBe(2);
  const waiting = watch.wait(10_000, never);
  await wire.rise();
  await waiting;
});

test("without a pin the Notecard is armed once, and asked until it has something", async () => {
  const { fake, notecard } = await connect();
  const watch = createQueueWatch(notecard, { pin: NO_PIN, pollMs: 5, variables });
  await watch.arm();
  await watch.wait(50, never);
  await watch.arm();
  const waiting = watch.wait(10_000, never);
  fake.card.announce({});
  await waiting;
  await watch.arm();
  expect(fake.requests.filter(({ mode }) => mode === "rearm,files,env")).toHaveLength(2);
});

test.each([{ off: true }, { err: "not here {not-supported}" }])(
  "a Notecard that answers %j cannot tell: the queue is to be looked at",
  async (reply) => {
    const { fake, notecard } = await connect();
    fake.script = ({ req }) => (req === "card.attn" ? { reply } : undefined);
    const watch = createQueueWatch(notecard, { pin: NO_PIN, pollMs: 5, variables });
    await watch.arm();
    const begin = performance.now();
    await watch.wait(60_000, never);
    expect(performance.now() - begin).toBeLessThan(30_000);
  },
);
