import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { startBreakableLine } from "../../../conformance/link/support/breakable-line.ts";
import { createRandom, readSeed, runs } from "../../../support/seeded-random.ts";
import { patternedBytes } from "../../support/patterned-bytes.ts";
import { thingDevice, UID } from "./support/thing-device.ts";

const seed = readSeed();
const RANGE_BYTES = 4_096;
/** Milliseconds that an outage lasts. */
const OUTAGE_MS = 60;
/** Milliseconds: an agent that is started again and again takes a second each time. */
const PATIENCE_MS = 50_000;

test.each(runs(1))(
  "agent, broker and file-server stopped at random moments: job and file end right, at most one range is fetched again each time: run %d",
  async (run) => {
    const random = createRandom(seed + run);
    let disturb = () => undefined as unknown;
    const device = await thingDevice({
      onPublished: (message) => {
        device.published.push(message);
        disturb();
      },
    });
    const [broker, server] = [
      await startBreakableLine(device.iot.port),
      await startBreakableLine(device.server.port),
    ];
    onTestFinished(async () => {
      disturb = () => undefined;
      await broker[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    });
    const start = () =>
      device.spawn([
        ...["--endpoint", `localhost:${broker.port}`, "--range-bytes", `${RANGE_BYTES}`],
        ...["--connect", "30"],
      ]);
    const sizes = Array.from({ length: 4 }, () => 1 + random.below(30_000));
    const files = Object.fromEntries(sizes.map((size, at) => [`app/f-${at}`, patternedBytes(size, at + 1)]));
    const target = device.target(UID, { noZstd: true, at: `https://localhost:${server.port}` });

    let agent = start();
    const incidents = random.shuffle(["kill", "kill", "broker", "broker", "server", "server", "hang-up"]);
    let happened = 0;
    let quiet = 1 + random.below(5);
    const outage = async (line: typeof broker) => {
      line.unplug();
      await sleep(OUTAGE_MS);
      line.plugIn();
    };
    /** Called whenever something has come from the device; @returns true where the server is to hang up */
    disturb = () => {
      quiet -= 1;
      if (quiet > 0) return false;
      quiet = 1 + random.below(6);
      const what = incidents.pop();
      if (what === undefined) return false;
      happened += 1;
      if (what === "broker") void outage(broker);
      if (what === "server") void outage(server);
      if (what === "kill") {
        void agent.stop("SIGKILL");
        agent = start();
      }
      return what === "hang-up";
    };
    device.server.meddle(() => (disturb() === true ? "hang-up" : undefined));

    const { job, serial } = await target.announce(files);
    await device.expectEnd(job, "SUCCEEDED", PATIENCE_MS);
    expect(happened).toBeGreaterThan(0);
    for (const [name, bytes] of Object.entries(files))
      expect((await device.content(name))?.equals(bytes), name).toBe(true);
    const told = device.receipts().filter((each) => each.state === "manifest");
    expect(told.length).toBeGreaterThan(0);
    expect(new Set(told.map(({ n }) => n)).size).toBe(1);
    expect(told[0]).toMatchObject({ fleet: UID, serial });
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const manifest = 2_000;
    expect(device.server.counts.fileBytes).toBeLessThanOrEqual(total + manifest + happened * RANGE_BYTES);
  },
  2 * PATIENCE_MS,
);
