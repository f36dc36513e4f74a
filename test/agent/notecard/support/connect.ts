import { createConnection } from "node:net";
import { onTestFinished } from "vitest";
import { createNotecard } from "../../../../agent/notecard/notecard.ts";
import { type LineTiming, NETWORK_LINE } from "../../../../agent/notecard/port.ts";
import { createStreamPort } from "../../../../agent/notecard/stream-port.ts";
import { startFakeNotecard } from "../../support/fake-notecard.ts";

/** A line on which little time is lost. */
export const QUICK: LineTiming = { ...NETWORK_LINE, quietMs: 20, retryPauseMs: 1 };

/** A client of a fake Notecard; both end with the test. */
export async function connect(timing: LineTiming = QUICK) {
  const fake = await startFakeNotecard();
  const notecard = createNotecard(createStreamPort(createConnection(fake.port, "127.0.0.1"), timing));
  onTestFinished(async () => {
    await notecard.close();
    await fake.close();
  });
  const lines = () =>
    Buffer.concat(fake.received)
      .toString()
      .split("\n")
      .filter((line) => line !== "");
  return { fake, notecard, lines };
}

/** What a call throws. */
export async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => "it succeeded",
    (error: unknown) => error,
  );
}
