import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import type { LinkClock } from "../../../local/blues/notecard/link/clock.ts";
import { linkProfile } from "../../../local/blues/notecard/link/profile.ts";
import type { NotecardOptions } from "../../../local/blues/notecard/server.ts";
import { ANNOUNCEMENT_NOTEFILE } from "../../../protocol/notefiles.ts";
import { type CardUnderTest, cardUnderTest } from "../../local/blues/notecard/support/card-under-test.ts";
import { testTls } from "../../local/blues/notehub/support/hub-under-test.ts";
import { startUpstream } from "../../local/blues/notehub/support/upstream.ts";
import { type RunningAgent, runHere } from "./agent-under-test.ts";
import { announcementOf } from "./fake-card.ts";
import { sendServed, serve } from "./fake-server.ts";

/** A clock that does not wait: for tests that count bytes. */
const NO_WAITING: LinkClock = { now: () => performance.now(), sleep: async () => undefined };

/** A device on the Notecard and Notehub of the local stack, with a file-server behind the route. */
export type DeviceOnStandIn = {
  under: CardUnderTest;
  /** Holds the root and the state folder. */
  folder: string;
  /** Settings that every command needs. */
  args: string[];
  /** Runs the agent in this process. */
  start(flags?: string[]): RunningAgent;
  publish(key: string, bytes: Buffer): Promise<void>;
};

export async function startDeviceOnStandIn(options: Partial<NotecardOptions> = {}): Promise<DeviceOnStandIn> {
  const files = new Map<string, Buffer>();
  const upstream = await startUpstream(await testTls(), ({ target, headers }, response) =>
    sendServed(serve(files, target, headers.range), response),
  );
  const route = { alias: "noteferry", url: upstream.url, headers: {}, timeoutSeconds: 60 };
  const link = { ...linkProfile("lte-m"), loss: 0 };
  const under = await cardUnderTest({ link, clock: NO_WAITING, ...options }, { routes: [route] });
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-device-"));
  const agents: RunningAgent[] = [];
  onTestFinished(async () => {
    await Promise.all(agents.map((agent) => agent.stop()));
    await under[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  const args = [
    ...["--notecard", `tcp://127.0.0.1:${under.card.port}`],
    ...["--root", path.join(folder, "root"), "--state", path.join(folder, "state")],
  ];
  return {
    ...{ under, folder, args },
    start(flags = []) {
      const agent = runHere(["run", "--json", "--poll", "0.02", ...args, ...flags]);
      agents.push(agent);
      return agent;
    },
    async publish(key, bytes) {
      files.set(key, bytes);
      await under.note(ANNOUNCEMENT_NOTEFILE, announcementOf(key, bytes));
    },
  };
}
