import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { formatJobDocument } from "../../../../protocol/job-document.ts";
import { filesOf } from "../../support/fleet-device.ts";
import { createFleet } from "../../support/fleet-files.ts";
import { edited } from "../../support/packed.ts";
import { signPass } from "./support/pass-server.ts";
import { type ThingDevice, thingDevice, UID } from "./support/thing-device.ts";

/** Milliseconds in which a manifest that failed for now is tried again. */
const RESTS_MS = 1_000;

const manifests = ({ receipts }: ThingDevice) => receipts().filter(({ state }) => state === "manifest");

describe("a job ends", () => {
  test("as succeeded by the step from the manifest before, with a patch in it [NF-13.1]", async () => {
    const device = await thingDevice();
    const target = device.target();
    const files = filesOf(10);
    const first = await target.announce(files);
    device.start();
    await device.expectEnd(first.job, "SUCCEEDED");
    const before = device.server.counts.requests;
    const changed = { "app/file-1.py": edited(files["app/file-1.py"] ?? Buffer.alloc(0), "changed") };
    const { job } = await target.announce(changed);
    await device.expectEnd(job, "SUCCEEDED");
    expect(await device.content("app/file-1.py")).toEqual(changed["app/file-1.py"]);
    expect(device.server.counts.requests).toBe(before + 1);
    expect(device.server.counts.connections).toBe(1);
  });

  test("as failed where a file cannot be had for good, and says which and why [NF-13.5]", async () => {
    const device = await thingDevice();
    const target = device.target(UID, { noZstd: true });
    device.start();
    device.server.meddle(({ target: path }) =>
      path.includes("file-1.py") ? { status: 404, body: '{"err":"gone {file-not-found}"}' } : undefined,
    );
    const { job, serial } = await target.announce(filesOf(3));
    await device.expectEnd(job, "FAILED");
    expect((await device.execution(job)).details).toMatchObject({
      ...{ serial: `${serial}`, installed: "2", path: "app/file-1.py", state: "discarded" },
    });
    expect(manifests(device)).toMatchObject([
      { serial, installed: 2, not: [["app/file-1.py", "discarded", "file-not-found", expect.any(String)]] },
    ]);
  });

  test("only when nothing waits any longer; until then it is in progress", async () => {
    const device = await thingDevice();
    const target = device.target(UID, { noZstd: true });
    device.server.meddle(({ target: path }) => (path.includes("file-1.py") ? { status: 403 } : undefined));
    const { job } = await target.announce(filesOf(2));
    const agent = device.start();
    expect(await agent.next("brought")).toMatchObject({ installed: 1, exceptions: 1 });
    await expect.poll(() => manifests(device)).toHaveLength(1);
    expect((await device.execution(job)).status).toBe("IN_PROGRESS");
    device.server.meddle(() => undefined);
    await device.expectEnd(job, "SUCCEEDED");
    expect((await device.execution(job)).details).toMatchObject({ installed: "2" });
  });

  test("as rejected where its document is not ours, or another thing's, and lets the next one come [NF-13.3] [NF-13.5]", async () => {
    const device = await thingDevice();
    const notice = { serial: 1, sha256: "A".repeat(43), size: 10 };
    const others = { for: "thing:valve", sig: signPass("thing:valve"), at: device.server.url, notice };
    const jobs = [
      await device.createJob(UID, '{"operation":"reboot"}'),
      await device.createJob(UID, JSON.stringify({ noteferry: { ...others, for: "dev:1" } })),
      await device.createJob(UID, formatJobDocument(others)),
    ];
    const { job } = await device.target().announce(filesOf(1));
    device.start();
    await device.expectEnd(job, "SUCCEEDED");
    for (const id of jobs) {
      const { status, details } = await device.execution(id);
      expect([id, status, details?.reason]).toEqual([
        id,
        "REJECTED",
        expect.stringMatching(/document|another/),
      ]);
    }
    expect(device.server.counts.requests).toBe(2);
  });

  test("as failed where what it names is no manifest of its target", async () => {
    const device = await thingDevice();
    const own = device.target();
    const { files } = device.server;
    const { serial } = createFleet(
      { files, setVariable: () => undefined },
      { fleet: "thing-group:lamps" },
    ).announce(filesOf(1));
    const [key = "", text] = [...files].find(([each]) => each.startsWith("packed:manifest/")) ?? [];
    const notice = { serial, sha256: key.split("/")[1] ?? "", size: text?.length ?? 0 };
    device.start();
    const wrong = formatJobDocument({ for: UID, sig: signPass(UID), at: device.server.url, notice });
    const job = await device.createJob(UID, wrong, "wrong");
    await device.expectEnd(job, "FAILED");
    expect((await device.execution(job)).details).toMatchObject({ reason: "unreadable" });
    await device.expectEnd((await own.announce(filesOf(2))).job, "SUCCEEDED");
  });

  test("though the agent was killed between its receipt and its end, without another receipt", async () => {
    const device = await thingDevice();
    const { job } = await device.target().announce(filesOf(2));
    // The receipt leaves, and then AWS takes no word of its end until the agent is gone.
    device.iot.faults.inject("throttle", { action: "iotjobsdata:UpdateJobExecution", calls: 1_000 });
    const agent = device.start();
    await agent.next("brought");
    await expect.poll(() => manifests(device)).toHaveLength(1);
    await agent.stop();
    expect((await device.execution(job)).status).toBe("QUEUED");
    device.iot.faults.clear();
    device.start();
    await device.expectEnd(job, "SUCCEEDED");
    expect((await device.execution(job)).details).toMatchObject({ installed: "2" });
    expect(manifests(device)).toHaveLength(1);
    expect(device.server.counts.requests).toBe(3);
  });

  test("though AWS asks to come later", async () => {
    const device = await thingDevice();
    const { job } = await device.target().announce(filesOf(1)); // of which no message tells a thing that connects later
    device.iot.faults.inject("throttle", { action: "iotjobsdata:DescribeJobExecution" });
    device.start();
    await device.expectEnd(job, "SUCCEEDED");
  });
});

describe("a newer job", () => {
  test("takes the place of one in progress, which was cancelled [NF-13.2]", async () => {
    const device = await thingDevice();
    const target = device.target(UID, { noZstd: true });
    device.server.meddle(({ target: path }) => (path.includes("file-0.py") ? { status: 403 } : undefined));
    const first = await target.announce(filesOf(1));
    const agent = device.start();
    await agent.next("brought");
    device.server.meddle(() => undefined);
    await device.cancel(first.job);
    const { job, serial } = await target.announce(filesOf(2, 7));
    expect(await agent.next("brought")).toMatchObject({ serial, installed: 2 });
    await device.expectEnd(job, "SUCCEEDED");
    expect((await device.execution(first.job)).status).toBe("CANCELED");
  });

  test("that was there when an older one came late has the older one end without anything being fetched", async () => {
    const device = await thingDevice();
    const target = device.target();
    const older = await target.announce(filesOf(1));
    await device.cancel(older.job);
    const newer = await target.announce(filesOf(2, 3));
    device.start();
    await device.expectEnd(newer.job, "SUCCEEDED");
    const { requests } = device.server.counts;
    const notice = { serial: older.serial, sha256: "B".repeat(43), size: 10 };
    const late = formatJobDocument({ for: UID, sig: signPass(UID), at: device.server.url, notice });
    await device.expectEnd(await device.createJob(UID, late, "late"), "SUCCEEDED");
    expect((await device.execution("late")).details).toMatchObject({ serial: `${newer.serial}` });
    expect(device.server.counts.requests).toBe(requests);
  });

  test("that was cancelled before its manifest was here asks for nothing any more", async () => {
    const device = await thingDevice();
    device.server.meddle(() => ({ status: 403 }));
    const agent = device.start();
    const { job } = await device.target().announce(filesOf(1));
    await agent.next("manifest-failed");
    expect((await device.execution(job)).status).toBe("IN_PROGRESS");
    await device.cancel(job);
    await device.expectEnd(await device.createJob(UID, "{}", "marker"), "REJECTED"); // it has heard of that by now
    device.server.meddle(() => undefined);
    const before = device.server.counts.requests;
    await sleep(RESTS_MS);
    expect(device.server.counts.requests).toBe(before);
    expect(await device.content("app/file-0.py")).toBeUndefined();
  });
});
