import type { JobRefused } from "../../events/agent-event.ts";
import { type Link, LinkDown, type Links } from "../link.ts";
import { createFileSource } from "./file-source.ts";
import { createHttpsConnection } from "./https-connection.ts";
import { type Identity, IdentityUnusable, readIdentity } from "./identity-files.ts";
import { createIotLink } from "./iot-link.ts";
import { createJobRequests } from "./job-requests.ts";
import { createJobs, type HeardJobs } from "./jobs.ts";
import type { ManifestWord } from "./judge-job.ts";
import { type MqttSession, openSession } from "./mqtt-session.ts";
import { troubleOf } from "./network-failure.ts";
import { openTls } from "./open-tls.ts";
import { createPace, type Pace } from "./pace.ts";
import { openPasses, type Passes } from "./passes.ts";
import { createServerClock } from "./server-clock.ts";
import { addressOf, alpnOf, type ThingSettings } from "./thing-settings.ts";
import type { Wire } from "./wire.ts";

/** What outlives a link. */
type Lasting = {
  settings: ThingSettings;
  wordOf: (target: string) => ManifestWord;
  tell: (event: JobRefused) => void;
  memory: HeardJobs;
  pace: Pace;
  passes: Passes;
  wire: Wire;
};

/**
 * Links of an AWS IoT thing.
 *
 * @param passesFile where what opens its files is kept
 * @param wordOf what the agent knows of the manifests of a target: by that jobs end
 */
export function createIotLinks(
  settings: ThingSettings,
  passesFile: string,
  wordOf: (target: string) => ManifestWord,
  tell: (event: JobRefused) => void,
): Links {
  let lasting: Promise<Lasting> | undefined;
  const load = async (): Promise<Lasting> => ({
    ...{
      settings,
      wordOf,
      tell,
      memory: { announced: new Map() },
      pace: createPace(),
    },
    ...{ passes: await openPasses(passesFile), wire: (await import("./wire.ts")).wire },
  });
  return {
    address: addressOf(settings),
    async open(signal) {
      signal.throwIfAborted();
      lasting ??= load();
      try {
        return await openIotLink(await lasting, signal);
      } catch (error) {
        signal.throwIfAborted();
        throw error;
      }
    },
    stop: async () => undefined,
  };
}

/** @throws {LinkDown} or the signal's reason */
async function openIotLink(lasting: Lasting, signal: AbortSignal): Promise<Link> {
  const { settings, wordOf, tell, memory, pace, passes, wire } = lasting;
  const { thing, stage, rangeBytes } = settings;
  const identity = await readIdentity(settings).catch((error) => {
    throw error instanceof IdentityUnusable ? new LinkDown(error.message, { cause: error }) : error;
  });
  const clock = createServerClock();
  let session: MqttSession | undefined;
  const requests = createJobRequests(() => {
    if (session === undefined) throw new TypeError("there is no session yet");
    return session;
  }, thing);
  const jobs = createJobs({
    ...{ uid: `thing:${thing}`, stage, requests, passes, memory, pace, wordOf, tell },
  });
  session = await connectToBroker(lasting, identity, signal, (topic, payload) => {
    const { next, timestamp } = requests.hear(topic, payload);
    clock.hear(timestamp);
    if (next !== undefined) jobs.heard(next);
  });
  const connection = createHttpsConnection(wire, identity.ca);
  const end = () => {
    session.close();
    connection.close();
  };
  try {
    await requests.subscribe();
    await jobs.tend(); // what came while nobody was there is asked for, whatever the broker has kept
    signal.throwIfAborted();
  } catch (error) {
    end();
    throw error;
  }
  const files = createFileSource(connection, passes, settings);
  return createIotLink({
    ...{ thing, stage, rangeBytes, session, jobs, files, now: clock.now, end },
  });
}

/** Connects and says who it is. @throws {LinkDown} or the signal's reason */
export async function connectToBroker(
  { settings, wire }: Pick<Lasting, "settings" | "wire">,
  { ca, cert, key }: Identity,
  signal: AbortSignal,
  hear: (topic: string, payload: Buffer) => void,
): Promise<MqttSession> {
  const { host, port } = settings.endpoint;
  const alpn = alpnOf(settings);
  const options = { host, port, servername: settings.sni, ca, cert, key };
  const protocols = alpn === undefined ? {} : { ALPNProtocols: [alpn] };
  try {
    const socket = await openTls(wire.connect, { ...options, ...protocols }, signal);
    return await openSession(wire, { socket, host, clientId: settings.thing, hear }, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof LinkDown || error instanceof TypeError) throw error;
    throw new LinkDown(troubleOf(error, host).sentence, { cause: error });
  }
}
