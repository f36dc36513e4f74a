import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createBell } from "../../../agent/delivery/bell.ts";
import { createCourier } from "../../../agent/delivery/courier.ts";
import { NO_FLEETS } from "../../../agent/delivery/fleets.ts";
import { createNoteStates } from "../../../agent/delivery/note-states.ts";
import { createOutbox } from "../../../agent/delivery/outbox.ts";
import { NO_REQUESTS } from "../../../agent/delivery/requested.ts";
import { DEFAULT_RETRY_POLICY } from "../../../agent/delivery/retry-policy.ts";
import { openLatestVersions } from "../../../agent/state/latest-versions.ts";
import { openPartialFiles } from "../../../agent/state/partial-files.ts";
import { openUnsentReports } from "../../../agent/state/unsent-reports.ts";
import { openWaitingUnits } from "../../../agent/state/waiting-units.ts";
import type { RunRule } from "../../../agent/trial/run-rule.ts";
import { announcementOf } from "../support/fake-card.ts";
import { memoryLink } from "../support/memory-link.ts";
import { placingUnderTest } from "../support/placing-under-test.ts";

/** Its program fails as long as there is `app/old`. */
const RULE: RunRule = {
  match: "app/**",
  command: ["sh", "-c", "echo $(ls app) >> ran; [ ! -e app/old ]"],
  seconds: 5,
};

/** A courier whose quiet time never ends. */
async function courierWith(before: Record<string, string>) {
  const device = await placingUnderTest([RULE], before);
  const { state, files, placing, events } = device;
  const contents = new Map<string, Buffer>();
  const { link, queue, reports } = memoryLink(contents);
  const policy = { ...DEFAULT_RETRY_POLICY, quietMs: 3_600_000 };
  const unsent = openUnsentReports(path.join(state, "unsent.json"));
  const courier = createCourier(
    {
      ...{ ...files, placing },
      partials: await openPartialFiles(path.join(state, "partial")),
      latest: await openLatestVersions(path.join(state, "latest.json")),
      waiting: await openWaitingUnits(path.join(state, "units.json")),
    },
    createNoteStates(policy),
    policy,
    { zstdMaxBytes: 0, patchMaxBytes: 0 },
    (event) => void events.push(event),
    {
      ...{ outbox: createOutbox(unsent, await unsent.read()), bell: createBell() },
      ...{ requested: NO_REQUESTS, fleets: NO_FLEETS, catchUp: files.failed.catchUp },
    },
  );
  const stopping = new AbortController();
  const working = courier.work(link, stopping.signal);
  onTestFinished(() => {
    stopping.abort();
    return working;
  });
  return { ...device, contents, queue, reports };
}

test("Notes of one group are one unit at once, and may ask for a file to go", async () => {
  const { queue, contents, reports, there, ran } = await courierWith({ "app/old": "o1", "app/kept": "k1" });
  const [added, old] = [Buffer.from("a1"), Buffer.from("o1")];
  contents.set("app/added", added);
  queue.push(
    { id: "1", group: "manifest 7", announcement: announcementOf("app/added", added) },
    { id: "2", group: "manifest 7", announcement: announcementOf("app/old", old), remove: true },
  );
  await expect.poll(() => queue).toEqual([]);
  expect(await there()).toEqual({ "app/added": "a1", "app/kept": "k1" });
  expect(await ran()).toBe("added kept\n");
  await expect
    .poll(() => reports)
    .toMatchObject([
      { name: "app/added", state: "installed" },
      { name: "app/old", state: "removed" },
    ]);
});

test("a removal that failed is tried again with what it failed with, once that is another", async () => {
  const { queue, contents, reports, there, ran } = await courierWith({
    "app/a": "a1",
    "app/b": "b1",
    "app/old": "o1",
  });
  const old = { announcement: announcementOf("app/b", Buffer.from("b1")), remove: true as const };
  contents.set("app/a", Buffer.from("a2"));
  queue.push(
    { id: "1", group: "g", announcement: announcementOf("app/a", Buffer.from("a2")) },
    { id: "2", group: "g", ...old },
  );
  await expect.poll(() => reports).toMatchObject([{ state: "failed" }, { state: "failed", name: "app/b" }]);
  expect(await there()).toMatchObject({ "app/a": "a1", "app/b": "b1" });
  contents.set("app/a", Buffer.from("a3"));
  queue.push(
    { id: "4", group: "i", announcement: announcementOf("app/a", Buffer.from("a3")) },
    { id: "5", group: "i", announcement: announcementOf("app/old", Buffer.from("o1")), remove: true },
  );
  await expect
    .poll(() => reports.slice(-3).map((report) => "state" in report && report.state))
    .toEqual(["removed", "installed", "removed"]);
  expect(await there()).toEqual({ "app/a": "a3" });
  expect((await ran()).trim().split("\n").at(-1)).toBe("a");
});
