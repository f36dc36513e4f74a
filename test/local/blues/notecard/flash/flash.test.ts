import path from "node:path";
import { expect, test } from "vitest";
import { startNotecard } from "../../../../../local/blues/notecard/server.ts";
import { DEVICE } from "../../notehub/support/hub-under-test.ts";
import { cardUnderTest } from "../support/card-under-test.ts";
import { openLine } from "../support/serial-line.ts";

test("the flash outlives the Notecard: its Notes, trackers and settings, and nothing of it lies in Notehub's file", async () => {
  await using under = await cardUnderTest();
  await under.note("file-update.qi", { name: "a" });
  await under.until({ req: "file.changes", files: ["file-update.qi"] }, ({ total }) => total === 1);
  await under.host.ask({ req: "note.changes", file: "file-update.qi", tracker: "t", start: true });
  await under.host.ask({ req: "hub.set", mode: "off", sn: "seven" });
  await under.host.ask({ req: "note.add", file: "file-status.qo", body: { waits: 1 } });

  await using again = await openCard(under, path.join(under.test.dir, "notecard.sqlite"));
  expect(await again.line.ask({ req: "hub.get" })).toMatchObject({ mode: "off", sn: "seven" });
  expect(await again.line.ask({ req: "note.get", file: "file-update.qi" })).toMatchObject({
    body: { name: "a" },
  });
  expect(await again.line.ask({ req: "note.changes", file: "file-update.qi", tracker: "t" })).toMatchObject({
    changes: 0,
  });
  expect(await again.line.ask({ req: "file.changes.pending" })).toMatchObject({ total: 1 });

  await using other = await openCard(under, path.join(under.test.dir, "other.sqlite"));
  expect(await other.line.ask({ req: "note.get", file: "file-update.qi" })).toMatchObject({
    err: expect.stringContaining("{notefile-noexist}"),
  });
});

/** Another Notecard on this file, with the same Notehub. */
async function openCard(under: Awaited<ReturnType<typeof cardUnderTest>>, file: string) {
  const session = under.test.hub.session(DEVICE);
  const card = await startNotecard({ file, session, deviceUid: DEVICE });
  const line = await openLine(card.port);
  return {
    line,
    async [Symbol.asyncDispose]() {
      await line[Symbol.asyncDispose]();
      await card.close();
    },
  };
}
