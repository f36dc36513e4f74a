import { createAnnounceFile } from "../../../../../functions/file-notifier/announce/announce-file.ts";
import { createTellByJob } from "../../../../../functions/file-notifier/carrier/iot/tell-by-job.ts";
import { composeFleets } from "../../../../../functions/file-notifier/fleet/compose-fleets.ts";
import type { FleetAnnouncements } from "../../../../../functions/file-notifier/fleet/reach.ts";
import { createProcessMessage } from "../../../../../functions/file-notifier/outcome/process-message.ts";
import { RetryLater } from "../../../../../functions/file-notifier/outcome/retry-later.ts";
import { createModelBucket } from "../../../../flow/support/model/bucket.ts";
import type { Random } from "../../../../support/seeded-random.ts";
import { wrongWith } from "./check-fleets.ts";
import { createModelCloud, type Message } from "./cloud.ts";
import { createEnvironments } from "./environments.ts";

export const FLEETS = ["fleet:1", "fleet:2", "thing:t", "thing-group:g"] as const;
const DEFAULT_TARGET = { kind: "fleet", fleetUid: "fleet:1" } as const;

/** Of two fleets and by the default target, of a thing and a group; two keys of one path, and a file where another has a folder. */
export const KEYS = [
  ...["a", "b", "d", "d/x", "fleets/fleet:1/a", "fleets/fleet:1/c", "fleets/fleet:1/d/y"],
  ...["fleets/fleet:2/a", "fleets/fleet:2/b", "things/t/a", "things/t/b", "thing-groups/g/a"],
];

const LINES = Array.from({ length: 20 }, (_, at) => `${(at * 7919 + 13).toString(36)};`).join("");
const CONTENTS = ["", "A", "BB", LINES, `${LINES}once more`].map((text) => Buffer.from(text));

/** The fewer come after it, the more a fault counts. */
const MOST_ACTS = [40, 300] as const;
const MOST_ROUNDS = 20_000;

/**
 * What a run is spared: without lost events, late requests, and messages that two notifiers have at once, nothing needs a sweep. SQS gives
 * the latter rarely, since a message shows again only after six times the function's time-out.
 */
export type Spared = { loses: boolean };

/**
 * Lets uploads, deletions, expiries, shares and switches of the setting, events lost, doubled and out of order, notifiers that die, and a
 * Notehub that is slow, deaf or late, and an AWS IoT that is, happen in an order of the seed's; then waits until all has settled.
 *
 * @returns a sentence for each thing that is not as it must be.
 */
export async function runFleets(random: Random, { loses }: Spared): Promise<string[]> {
  const environments = createEnvironments(random);
  const bucket = createModelBucket();
  let calm = false;
  const cloud = createModelCloud(bucket, KEYS, random, environments, () => !calm, loses);
  const { clock, messages, ports } = cloud;
  const keys = random.shuffle(KEYS).slice(0, 1 + random.below(KEYS.length)); // the fewer, the more they change
  const shares = new Map<string, number>();
  let mode: FleetAnnouncements = "variable";
  const held = new Set<Message>();
  const deadly = random.next();
  const perMinute = random.pick(["7", "60"] as const);
  let wereNotes = false;
  let deaths = 0;
  let failure: unknown;

  function createNotifier() {
    const report = () => undefined;
    const announceOnce = async () => undefined;
    const deliveries = {
      announced: () => environments.step(),
      notAnnounced: () => environments.step(),
      withdrawn: () => environments.step(),
    };
    const { tellFleet, serveFleet } = composeFleets({
      env: {
        ...{ FILES_BUCKET: "files", FLEET_ANNOUNCEMENTS: mode },
        ...{ NOTEHUB_CALLS_PER_MINUTE: perMinute, PRUNE: "false", STAGE: undefined },
      },
      ports: {
        ...{ files: ports.files, queue: ports.queue, deliveries, report, pack: undefined },
        ...{ maxFileBytes: 1_000, defaultTarget: DEFAULT_TARGET, now: () => clock.now },
      },
      ...{ ...ports, announceOnce },
      tellByJob: createTellByJob({
        ...{ jobs: cloud.iot.jobs, fileServer: "https://files.example.com", report },
        readSecret: async () => '{"current":"secret"}',
      }),
    });
    const queue = {
      sendToDevices: async () => undefined,
      async bury(body: string, reason: string) {
        failure ??= new Error(`buried: ${reason}: ${body}`);
      },
      async postpone(receiptHandle: string, seconds: number) {
        const message = messages[Number(receiptHandle)];
        if (message !== undefined) message.visibleAt = clock.now + seconds * 1000;
      },
    };
    const announce = createAnnounceFile({ announceOnce, tellFleet, report, defaultTarget: DEFAULT_TARGET });
    return createProcessMessage({
      announce,
      serveFleet,
      queue,
      report,
      random: random.next,
      maxReceives: 1000,
    });
  }

  /** One batch: events side by side, any other message alone. */
  async function receive(): Promise<void> {
    const visible = messages.flatMap((message, at) => (isVisible(message) ? [{ message, at }] : []));
    const events = visible.filter(({ message }) => message.body.startsWith('{"Records"'));
    const first = random.pick(visible);
    if (first === undefined || environments.alive() > 3) return;
    const batch = events.includes(first) ? random.shuffle(events).slice(0, 1 + random.below(4)) : [first];
    for (const { message } of batch) {
      held.add(message);
      message.receives += 1;
      message.visibleAt = clock.now + 60_000;
    }
    const process = createNotifier();
    const signal = new AbortController().signal;
    await environments.run(async () => {
      await Promise.all(
        batch.map(async ({ message, at }) => {
          const { body, receives } = message;
          try {
            await process({ body, receiptHandle: `${at}`, receives }, signal);
            message.done = true;
          } catch (error) {
            if (!(error instanceof RetryLater)) failure ??= error;
          }
        }),
      );
    });
    for (const { message } of batch) held.delete(message);
  }

  const isVisible = (message: Message) =>
    !message.done && message.visibleAt <= clock.now && (loses || !held.has(message));

  function send(body: string): void {
    messages.push({ body, receives: 0, visibleAt: clock.now, done: false });
  }

  function change(): void {
    const key = random.pick(keys) ?? "";
    const versions = bucket.versions(key);
    const version = random.pick(versions);
    const draw = random.below(10);
    if (draw < 5 || version === undefined) bucket.put(key, random.pick(CONTENTS) ?? Buffer.alloc(0));
    else if (draw < 7) bucket.remove(key);
    else if (draw === 7) share(key);
    else {
      const cause = random.pick(["ObjectRemoved", "LifecycleExpiration"] as const);
      bucket.removeVersion(
        key,
        cause === "LifecycleExpiration" ? (versions[0]?.versionId ?? "") : version.versionId,
        cause,
      );
    }
  }

  function switchTo(next: FleetAnnouncements): void {
    mode = next;
    wereNotes ||= next === "notes";
  }

  /** One for each version: what came of two would depend on their order. */
  function share(key: string): void {
    const { versionId } = bucket.current(key) ?? {};
    if (versionId === undefined || shares.has(versionId)) return;
    const percent = random.pick([0, 10, 50, 99] as const);
    shares.set(versionId, percent);
    send(JSON.stringify({ share: { bucket: "files", key, versionId, percent } }));
  }

  function raiseEvent(): void {
    const [body] = bucket.events.splice(random.below(bucket.events.length), 1);
    if (body === undefined || (loses && !calm && random.chance(0.1))) return;
    for (const _ of !calm && random.chance(0.2) ? [1, 2] : [1]) send(body);
  }

  /** At any time only where a sweep follows: nobody else hears of one that comes after the variable was read. */
  function land(): void {
    cloud.late.splice(random.below(cloud.late.length), 1)[0]?.carryOut();
    cloud.iot.late.splice(random.below(cloud.iot.late.length), 1)[0]?.();
  }

  async function act(): Promise<void> {
    const draw = random.below(20);
    if (draw < 2) change();
    else if (draw < 6) raiseEvent();
    else if (draw < 13) void receive();
    else if (draw < 17) clock.now += random.below(random.chance(0.1) ? 70_000 : 7_000);
    else if (draw === 17 && random.chance(deadly)) deaths += Number(environments.strike());
    else if (draw === 18 && loses && random.chance(0.3)) land();
    else if (loses && random.chance(0.1)) switchTo(random.pick(["variable", "notes", "both"] as const));
    else if (random.chance(0.2)) send('{"sweep":{}}');
    for (let steps = 1 + random.below(6); steps > 0; steps -= 1) await environments.step();
  }

  async function settle(): Promise<void> {
    for (let rounds = 0; rounds < MOST_ROUNDS; rounds += 1) {
      while (loses && cloud.late.length + cloud.iot.late.length > 0) land();
      while (bucket.events.length > 0) raiseEvent();
      void receive();
      await environments.step();
      clock.now += 500;
      if (environments.alive() === 0 && messages.every(({ done }) => done)) return;
    }
    const left = messages.filter(({ done }) => !done);
    throw new Error(`nothing settles: ${JSON.stringify(left)}`);
  }

  await environments.run(async () => {
    for (let acts = 20 + random.below(random.pick(MOST_ACTS)); acts > 0; acts -= 1) await act();
    calm = true;
    await settle();
    if (!loses) return;
    send('{"sweep":{}}');
    await settle();
  }, "immortal");
  if (failure !== undefined) throw failure;
  // Told by Notes, a version is everybody's.
  return wrongWith({ bucket, cloud, shares: wereNotes ? undefined : shares, mode, deaths });
}
