import path from "node:path";
import { type Flash, openFlash } from "../../../../../local/blues/notecard/flash/flash.ts";
import {
  type Notecard,
  type NotecardOptions,
  startNotecard,
} from "../../../../../local/blues/notecard/server.ts";
import type { NotehubOptions } from "../../../../../local/blues/notehub/options.ts";
import { DEVICE, type HubUnderTest, hubUnderTest } from "../../notehub/support/hub-under-test.ts";
import { openLine, type SerialLine } from "./serial-line.ts";

/** A Notecard of its own for a test, its Notehub, and a host's line to it. */
export type CardUnderTest = {
  test: HubUnderTest;
  card: Notecard;
  /** What the Notecard has in its flash, seen through a connection of its own. */
  flash: Flash;
  host: SerialLine;
  /** Queues a Note for the device, by the API. */
  note(notefile: string, body: object): Promise<void>;
  /** Asks until `done`, as a host that polls. */
  until(request: object, done: (reply: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>;
  [Symbol.asyncDispose](): Promise<void>;
};

export async function cardUnderTest(
  options: Partial<NotecardOptions> = {},
  hubOptions: Partial<NotehubOptions> = {},
): Promise<CardUnderTest> {
  const test = await hubUnderTest(hubOptions);
  const file = path.join(test.dir, "notecard.sqlite");
  const card = await startNotecard({
    file,
    session: test.hub.session(DEVICE),
    deviceUid: DEVICE,
    ...options,
  });
  const flash = openFlash(file, DEVICE);
  const host = await openLine(card.port);
  return {
    ...{ test, card, flash, host },
    async note(notefile, body) {
      const { status } = await test.api("POST", `/devices/${DEVICE}/notes/${notefile}`, { body });
      if (status !== 200) throw new Error(`the note was refused: ${status}`);
    },
    async until(request, done) {
      const deadline = performance.now() + 15_000;
      while (performance.now() < deadline) {
        const reply = await host.ask(request);
        if (done(reply)) return reply;
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      throw new Error(`never came true of ${JSON.stringify(request)}`);
    },
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]();
      flash.close();
      await card.close();
      await test[Symbol.asyncDispose]();
    },
  };
}
