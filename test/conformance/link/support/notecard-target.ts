import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import type { FetchWay } from "../../../../agent/link/notecard/doors/choose-door.ts";
import { createNotecardLinks } from "../../../../agent/link/notecard/open.ts";
import type { LinkClock } from "../../../../local/blues/notecard/link/clock.ts";
import { linkProfile } from "../../../../local/blues/notecard/link/profile.ts";
import { CHUNK_MAX_BYTES } from "../../../../protocol/limits.ts";
import { formatVariable, variableName } from "../../../../protocol/manifest-variable.ts";
import { ANNOUNCEMENT_NOTEFILE, RECEIPT_NOTEFILE } from "../../../../protocol/notefiles.ts";
import { announcementOf } from "../../../agent/support/fake-card.ts";
import { type CardUnderTest, cardUnderTest } from "../../../local/blues/notecard/support/card-under-test.ts";
import { DEVICE, FLEET, testTls } from "../../../local/blues/notehub/support/hub-under-test.ts";
import { startBreakableLine } from "./breakable-line.ts";
import { startFileServer } from "./file-server.ts";
import type { StartOptions, Target, TargetKind } from "./target.ts";

/** The link over a Notecard, by each way to fetch, on the Notecard and the Notehub of the local stack. */
export const NOTECARD_KINDS: readonly [TargetKind, ...TargetKind[]] = [
  kindThatFetches("binary"),
  kindThatFetches("raw"),
  kindThatFetches("json"),
];

function kindThatFetches(way: FetchWay): TargetKind {
  return {
    name: `Notecard, ${way}`,
    ...{ hasRadio: true, hasNotes: true, hidesTexts: true },
    start: (options) => startNotecardTarget(way, options),
  };
}

const SLEEPY = { mode: "periodic", inbound: 0, outbound: 0, sync: false } as const;

async function startNotecardTarget(
  way: FetchWay,
  { sleepy = false, connectMs = 10_000, pollMs = 20, stage }: StartOptions = {},
): Promise<Target> {
  const server = await startFileServer(await testTls());
  const route = { alias: "noteferry", url: server.url, headers: {}, timeoutSeconds: 60 };
  const network = createNetwork();
  const settings = sleepy ? { settings: SLEEPY } : {};
  const under = await cardUnderTest({ ...network.options, ...settings }, { routes: [route] });
  // A fetch right after the start would else find no connection now and then.
  if (!sleepy) await under.until({ req: "hub.status" }, ({ connected }) => connected === true);
  const line = await startBreakableLine(under.card.port);
  onTestFinished(async () => {
    await line[Symbol.asyncDispose]();
    await under[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  const notecard = { kind: "tcp", host: "127.0.0.1", port: line.port } as const;
  const fetching = { route: route.alias, fetch: way, chunkSize: CHUNK_MAX_BYTES };
  const announce = async (body: object) => {
    const before = await countQueued(under);
    await under.note(ANNOUNCEMENT_NOTEFILE, body);
    await under.until(QUEUE, ({ total }) => Number(total) > before);
  };
  const setVariable = async (name: string, value: string) => {
    const { status } = await under.test.api("PUT", `/fleets/${FLEET}/environment_variables`, {
      environment_variables: { [name]: value },
    });
    if (status !== 200) throw new Error(`the variable was refused: ${status}`);
    await under.until({ req: "env.get", name }, ({ text }) => text === value);
  };
  const publish = async (key: string, bytes: Buffer) => {
    server.files.set(key, bytes);
    const announcement = announcementOf(key, bytes);
    await announce(announcement);
    return announcement;
  };
  const variable = variableName(FLEET, stage);
  return {
    links: createNotecardLinks(
      { notecard, notecardText: `port ${line.port}`, ...fetching, pollMs, connectMs, stage },
      () => undefined,
    ),
    device: DEVICE,
    ...{ server, line, announce, setVariable, publish, variable },
    news: async () => void (await publish("news", Buffer.from("x"))),
    heard: async (link) => (await link.list()).length,
    tellManifest: (notice) => setVariable(variable, formatVariable(notice)),
    receipts: () => readReceipts(under),
    radio: {
      off: network.off,
      on: network.on,
      connected: async () => (await under.host.ask({ req: "hub.status" })).connected === true,
    },
  };
}

/** Half of this time there is a network, and half there is none: which half it is, the clock decides. */
const OUTAGE = { every: 2_000_000, seconds: 1_000_000 };

/** Longest pause of the Notecard's, in milliseconds: after a failed sync it would wait five seconds. */
const LONGEST_PAUSE_MS = 20;

/** A network that is there or not, for the Notecard's options. */
function createNetwork() {
  let skippedMs = 0;
  const clock: LinkClock = {
    now: () => performance.now() + skippedMs,
    sleep: (milliseconds) => sleep(Math.min(milliseconds, LONGEST_PAUSE_MS)),
  };
  return {
    options: { link: { ...linkProfile("none"), outage: OUTAGE }, clock },
    off() {
      skippedMs = OUTAGE.seconds * 1000;
    },
    on() {
      skippedMs = 0;
    },
  };
}

const QUEUE = { req: "note.changes", file: ANNOUNCEMENT_NOTEFILE, max: 1 };

async function countQueued({ host }: CardUnderTest): Promise<number> {
  return Number((await host.ask(QUEUE)).total ?? 0);
}

async function readReceipts({ host, until, test }: CardUnderTest): Promise<unknown[]> {
  await host.ask({ req: "hub.sync", out: true });
  await until({ req: "hub.sync.status" }, ({ sync }) => sync !== true);
  const { json } = await test.api("GET", `/events?files=${RECEIPT_NOTEFILE}&pageSize=1000`);
  const { events }: { events: { body: unknown }[] } = Object(json);
  return events.map(({ body }) => body);
}
