import { createAnnounceFile } from "../../../../functions/file-notifier/announce/announce-file.ts";
import { createAnnounceOnce } from "../../../../functions/file-notifier/announce/announce-once.ts";
import { createProcessMessage } from "../../../../functions/file-notifier/outcome/process-message.ts";
import type { RecordStore } from "../../../../functions/file-notifier/ports.ts";
import type { Random } from "../../../support/seeded-random.ts";
import { createModelBucket, etagOf } from "./bucket.ts";
import { createModelDevice } from "./device.ts";
import { createModelNotehub } from "./notehub.ts";
import { createModelPacking } from "./packing.ts";
import { createTurns, PowerCut } from "./turns.ts";

export const DEVICE_UID = "dev:1";

/** Keys to one device: its own, one by the default target, and one that has room for `seq` in short versions only. */
const OWN = `devices/${DEVICE_UID}/own`;
const LONG = `devices/${DEVICE_UID}/${"long-".repeat(30)}`.slice(0, 112);
export const KEYS = [OWN, "by-default", LONG] as const;

/** Contents of different lengths, two of them much alike; the same one comes again and again. */
const LINES = Array.from({ length: 20 }, (_, at) => `${(at * 7919 + 13).toString(36)};`).join("");
const CONTENTS = ["", "A", "BB", "C".repeat(9), "E".repeat(99), LINES, `${LINES}once more`].map((text) =>
  Buffer.from(text),
);

const OPERATIONS = 40;
const MOST_TURNS = 40_000;

export const pathOf = (key: string) => key.replace(`devices/${DEVICE_UID}/`, "");

/**
 * Lets uploads, copies, deletions and expiries, S3's events in any order, several notifiers, a Notehub that is slow, deaf or loses
 * replies, and an agent whose power goes, happen in an order of the seed's; then waits until all has settled.
 *
 * @returns a sentence for each key whose file on the device is not what the bucket has.
 */
export async function runMachine(random: Random, folder: string): Promise<string[]> {
  const turns = createTurns(random);
  const bucket = createModelBucket();
  let calm = false;
  const faulty = () => !calm;
  const packing = createModelPacking(() => turns.turn("notifier"), random, { faulty, now: () => now });
  const notehub = createModelNotehub(turns, random, { faulty });
  let room = 50;
  const device = createModelDevice(
    folder,
    { turns, bucket, packing, notehub, random },
    { faulty, room: () => (calm ? Number.POSITIVE_INFINITY : room) },
  );
  const uploaded = new Map<string, Set<string>>();
  const messages: { body: string; receives: number; visibleAt: number; taken: boolean }[] = [];
  let now = 0;
  let notifiers = 0;

  const records = createRecords(() => turns.turn("notifier"));
  const queue = {
    sendToDevices: async () => undefined,
    bury: async (body: string, reason: string) => {
      throw new Error(`buried: ${reason}: ${body}`);
    },
    async postpone(receiptHandle: string, seconds: number) {
      const message = messages[Number(receiptHandle)];
      if (message !== undefined) message.visibleAt = now + seconds * 1000;
    },
  };

  function change(): void {
    const key = random.pick(KEYS);
    const versions = bucket.versions(key);
    const version = random.pick(versions);
    const draw = random.below(11);
    const old = random.pick(versions.flatMap(({ bytes }) => bytes ?? []));
    if (draw < 5 || version === undefined) put(key, random.pick(CONTENTS));
    else if (draw === 5 && old !== undefined) put(key, old);
    else if (draw === 6) bucket.remove(key);
    else if (draw === 7 && versions.length > 1) {
      bucket.removeVersion(key, versions[0]?.versionId ?? "", "LifecycleExpiration");
    } else if (draw === 8) comeAndGo(key);
    else bucket.removeVersion(key, version.versionId, "ObjectRemoved");
  }

  /** Versions that are gone again, the newest first, perhaps before anybody has looked. */
  function comeAndGo(key: string): void {
    for (const _ of [1, 2]) put(key, random.pick(CONTENTS));
    for (const { versionId } of bucket.versions(key).slice(-2).reverse()) {
      bucket.removeVersion(key, versionId, "ObjectRemoved");
    }
  }

  /** A message that S3 did not send, by whoever may write to the queue: it silences nothing. */
  function forge(): void {
    const key = random.pick(KEYS);
    const { versionId } = bucket.current(key) ?? {};
    if (versionId === undefined) return;
    const object = { key: encodeURIComponent(key), versionId, sequencer: "F".repeat(18) };
    const eventName = random.pick(["ObjectCreated:Put", "ObjectRemoved:Delete"]);
    const record = { eventVersion: "2.1", eventName, s3: { bucket: { name: "files" }, object } };
    bucket.events.push(JSON.stringify({ Records: [record] }));
  }

  function put(key: string, bytes: Buffer | undefined): void {
    if (bytes === undefined) return;
    bucket.put(key, bytes);
    uploaded.set(key, (uploaded.get(key) ?? new Set()).add(bytes.toString()));
  }

  function raiseEvent(): void {
    const [body] = bucket.events.splice(random.below(bucket.events.length), 1);
    if (body === undefined) return;
    for (const _ of faulty() && random.chance(0.2) ? [1, 2] : [1]) {
      messages.push({ body, receives: 0, visibleAt: now, taken: false });
    }
  }

  function notify(): void {
    const at = random.pick(messages.flatMap((each, index) => (isVisible(each) ? index : [])));
    const message = at === undefined ? undefined : messages[at];
    if (at === undefined || message === undefined || notifiers > 3) return;
    const visibleAfter = now + 60_000;
    Object.assign(message, { receives: message.receives + 1, visibleAt: visibleAfter });
    notifiers += 1;
    turns.join(async () => {
      try {
        const taken = { body: message.body, receiptHandle: `${at}`, receives: message.receives };
        await createNotifier()(taken, new AbortController().signal);
        message.taken = true;
      } catch (error) {
        if (error instanceof PowerCut || !isRetryLater(error)) throw error;
      } finally {
        notifiers -= 1;
      }
    });
  }

  const isVisible = ({ taken, visibleAt }: (typeof messages)[number]) => !taken && visibleAt <= now;

  const createNotifier = () => {
    const report = () => undefined;
    const files = {
      async currentVersionId({ key }: { key: string }) {
        await turns.turn("notifier");
        return bucket.current(key)?.versionId;
      },
      async open({ key, versionId }: { key: string; versionId: string }) {
        await turns.turn("notifier");
        const bytes = bucket.find(key, versionId);
        if (bytes === undefined) return undefined;
        return {
          size: bytes.length,
          etag: etagOf(bytes),
          bytes: (async function* () {
            await turns.turn("notifier"); // what is current may change while a file is read
            yield bytes;
          })(),
          discard: () => undefined,
        };
      },
    };
    const announceOnce = createAnnounceOnce({
      ...{ files, records, carrier: notehub.carrier, queue, report, pack: packing.packFor(files) },
      deliveries: {
        announced: async () => undefined,
        notAnnounced: async () => undefined,
        withdrawn: async () => undefined,
      },
      ...{ maxFileBytes: 1_000_000, now: () => now },
    });
    const defaultTarget = { kind: "device", deviceUid: DEVICE_UID } as const;
    const announce = createAnnounceFile({
      announceOnce,
      tellFleet: noFleets,
      report,
      defaultTarget,
    });
    return createProcessMessage({
      announce,
      serveFleet: noFleets,
      queue,
      report,
      random: random.next,
      maxReceives: 1000,
    });
  };

  const stopping = new AbortController();
  turns.join(async function live(): Promise<void> {
    try {
      await device.run(stopping.signal);
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
      if (faulty()) for (let off = random.below(30); off > 0; off -= 1) await turns.turn("switched-off");
      await live();
    }
  });

  turns.join(async () => {
    for (let operations = 0; operations < OPERATIONS; ) {
      await turns.turn("world");
      const draw = random.below(20);
      if (draw < 3) {
        if (random.chance(0.03)) forge();
        if (random.chance(0.1)) packing.spoil();
        change();
        operations += 1;
      } else if (draw < 8) raiseEvent();
      else if (draw < 13) notify();
      else if (draw < 16) notehub.sync();
      else if (draw === 16) now += random.below(30_000);
      else if (draw === 17 && random.chance(0.3)) turns.strike("agent", false);
      else if (draw === 18 && random.chance(0.3)) notifiers -= turns.strike("notifier", true);
      else room = random.pick([5, 50, 500]);
    }
    calm = true;
    let idleSince = 0;
    for (let turn = 0; ; turn += 1) {
      await turns.turn("world");
      if (turn > MOST_TURNS)
        throw new Error(`nothing settles: ${JSON.stringify({ messages, queue: notehub.queue })}`);
      raiseEvent();
      notify();
      notehub.sync();
      now += 5_000;
      const busy =
        bucket.events.length + notifiers + notehub.pending.length + notehub.queue.length > 0 ||
        messages.some(({ taken }) => !taken) ||
        turns.waitsFor("post");
      if (busy) idleSince = device.idle();
      else if (device.idle() > idleSince + 1) break;
    }
    stopping.abort();
  });
  await turns.over();

  const wrong: string[] = [];
  for (const key of KEYS) {
    const there = (await device.content(pathOf(key)))?.toString();
    const current = bucket.current(key)?.bytes.toString();
    const torn = there !== undefined && !uploaded.get(key)?.has(there);
    if (torn || (current !== undefined && there !== current)) {
      wrong.push(`${key}: the bucket has ${current ?? "nothing"}, the device ${there ?? "nothing"}`);
    }
  }
  return wrong;
}

async function noFleets(): Promise<never> {
  throw new TypeError("no key here is a fleet's");
}

function isRetryLater(error: unknown): boolean {
  return error instanceof Error && error.name === "RetryLater";
}

/** One record for each target and key, by conditional writes. */
function createRecords(turn: () => Promise<void>): RecordStore {
  type Stored = NonNullable<Awaited<ReturnType<RecordStore["read"]>>["record"]>;
  const stored = new Map<string, { record: Stored; tag: string }>();
  let writes = 0;
  const nameOf = (targetUid: string, key: string) => `${targetUid} ${key}`;
  return {
    async read(targetUid, key) {
      await turn();
      return stored.get(nameOf(targetUid, key)) ?? { record: undefined, tag: undefined };
    },
    async write(targetUid, key, record, over) {
      await turn();
      const name = nameOf(targetUid, key);
      if (stored.get(name)?.tag !== over) return undefined;
      writes += 1;
      const tag = `${writes}`;
      stored.set(name, { record, tag });
      await turn();
      return tag;
    },
  };
}
