import { createAnnounceFile } from "../../../../../functions/file-notifier/announce/announce-file.ts";
import { createAnnounceOnce } from "../../../../../functions/file-notifier/announce/announce-once.ts";
import { composeFleets } from "../../../../../functions/file-notifier/fleet/compose-fleets.ts";
import type { FleetAnnouncements } from "../../../../../functions/file-notifier/fleet/reach.ts";
import { formatDeviceMessage } from "../../../../../functions/file-notifier/message/device-message.ts";
import { createProcessMessage } from "../../../../../functions/file-notifier/outcome/process-message.ts";
import { RetryLater } from "../../../../../functions/file-notifier/outcome/retry-later.ts";
import type { PackVersion } from "../../../../../functions/file-notifier/pack/pack-version.ts";
import type { Carrier, Queue } from "../../../../../functions/file-notifier/ports.ts";
import { packedKey } from "../../../../../protocol/packed.ts";
import {
  createModelCloud,
  type Message,
} from "../../../../functions/file-notifier/support/fleet-model/cloud.ts";
import type { Environments } from "../../../../functions/file-notifier/support/fleet-model/environments.ts";
import type { Random } from "../../../../support/seeded-random.ts";
import type { ModelBucket } from "../bucket.ts";
import { createModelNotehub, type ModelNotehub } from "../notehub.ts";
import { createModelPacking } from "../packing.ts";
import { createModelRecords } from "../records.ts";
import { DEFAULT_FLEET, DEVICES, KEYS } from "./places.ts";

/** No more are started as long as more than so many are at work. */
const MOST_NOTIFIERS = 3;

export type FleetSettings = { mode: FleetAnnouncements; prune: boolean };

export type FleetCloud = ReturnType<typeof createFleetCloud>;

/** The cloud's side: what notifiers share, what can go wrong with it, and the notifiers, which are real. */
export function createFleetCloud(
  bucket: ModelBucket,
  random: Random,
  environments: Environments,
  faulty: () => boolean,
) {
  const { step } = environments;
  const model = createModelCloud(bucket, KEYS, random, environments, faulty, true);
  const { clock, messages, ports } = model;
  const packing = createModelPacking(step, random, { faulty, now: () => clock.now });
  /** Metadata `noteferry-share` and `noteferry-release`, by VersionId. */
  const metadata = new Map<string, { share?: string | undefined; release?: string | undefined }>();
  const members = new Map<string, Set<string>>();
  let landing = 0;
  let failure: unknown;

  /** A Note that lands long after its request was given up. */
  const land = (work: () => Promise<void>) => {
    landing += 1;
    void environments.run(work, "immortal").finally(() => {
      landing -= 1;
    });
  };
  const cards = new Map<string, ModelNotehub>(
    DEVICES.map((uid) => [uid, createModelNotehub({ turn: step, join: land }, random, { faulty })]),
  );
  const carrierOf = (device: string): Carrier => {
    const card = cards.get(device);
    if (card === undefined) throw new TypeError(`there is no ${device}`);
    return card.carrier;
  };
  const carrier: Carrier = {
    announce: (device, ...rest) => carrierOf(device).announce(device, ...rest),
    isKnown: async () => true,
    isPending: (device, ...rest) => carrierOf(device).isPending(device, ...rest),
    async members(fleet) {
      await step();
      return [...(members.get(fleet) ?? [])];
    },
  };
  const files = {
    ...ports.files,
    async look(of: { bucket: string; key: string }, signal: AbortSignal) {
      const seen = await ports.files.look(of, signal);
      return seen && { ...seen, share: undefined, ...metadata.get(seen.versionId) };
    },
  };
  const manifests = {
    ...ports.manifests,
    find: async (...[packed, signal]: Parameters<typeof ports.manifests.find>) =>
      (await ports.manifests.find(packed, signal)) ?? packing.contents.get(packedKey(packed)),
  };
  const records = createModelRecords(step);

  function send(body: string): Message {
    const message = { body, receives: 0, visibleAt: clock.now, done: false };
    messages.push(message);
    return message;
  }

  const queue: Queue = {
    async sendToDevices(all) {
      for (const message of all) {
        await step();
        send(formatDeviceMessage(message));
      }
    },
    async bury(body, reason) {
      failure ??= new Error(`buried: ${reason}: ${body}`);
    },
    async postpone(receiptHandle, seconds) {
      const message = messages[Number(receiptHandle)];
      if (message !== undefined) message.visibleAt = clock.now + seconds * 1000;
    },
  };

  function createNotifier({ mode, prune }: FleetSettings) {
    const report = () => undefined;
    const defaultTarget = { kind: "fleet", fleetUid: DEFAULT_FLEET } as const;
    const deliveries = { announced: step, notAnnounced: step, withdrawn: step };
    const real = packing.packFor(files);
    let before: Promise<unknown> = Promise.resolve();
    const pack: PackVersion = {
      ...real,
      async pack(...args) {
        const turn = before.catch(() => undefined);
        const packing = turn.then(() => environments.compute(() => real.pack(...args)));
        before = packing;
        return packing;
      },
    };
    const shared = {
      ...{ deliveries, report, maxFileBytes: 1_000, now: () => clock.now, defaultTarget },
      pack,
    };
    const announceOnce = createAnnounceOnce({ ...shared, files, records, carrier, queue });
    const { tellFleet, serveFleet } = composeFleets({
      env: {
        ...{ FILES_BUCKET: "files", FLEET_ANNOUNCEMENTS: mode, STAGE: undefined },
        ...{ NOTEHUB_CALLS_PER_MINUTE: "7", PRUNE: prune ? "true" : "false" },
      },
      ports: { ...shared, files, queue: ports.queue },
      ...{ ...ports, manifests, announceOnce, records },
    });
    const announce = createAnnounceFile({ announceOnce, tellFleet, report, defaultTarget });
    const receiving = { announce, serveFleet, queue, report, random: random.next, maxReceives: 1000 };
    return createProcessMessage(receiving);
  }

  const isVisible = ({ done, visibleAt }: Message) => !done && visibleAt <= clock.now;

  /** A batch of one: what is packed side by side would be done in the order of threads. */
  async function receive(settings: FleetSettings): Promise<void> {
    if (environments.alive() > MOST_NOTIFIERS) return;
    const at = random.pick(messages.flatMap((message, index) => (isVisible(message) ? [index] : [])));
    const message = at === undefined ? undefined : messages[at];
    if (message === undefined) return;
    message.receives += 1;
    message.visibleAt = clock.now + 60_000;
    const process = createNotifier(settings);
    const { body, receives } = message;
    await environments.run(async () => {
      try {
        await process({ body, receiptHandle: `${at}`, receives }, new AbortController().signal);
        message.done = true;
      } catch (error) {
        if (!(error instanceof RetryLater)) failure ??= error;
      }
    });
  }

  return {
    ...{ clock, messages, variables: model.variables, objects: model.objects, late: model.late },
    ...{ metadata, members, cards, packing, send, receive },
    packed: (key: string): Uint8Array | undefined => {
      const found = model.objects.get(key);
      return found === undefined || typeof found === "string" ? packing.contents.get(key) : found;
    },
    /** A notifier could be started for a message. */
    canReceive: () => environments.alive() <= MOST_NOTIFIERS && messages.some(isVisible),
    /** Something of it is not done yet. */
    isBusy: () =>
      bucket.events.length + landing + model.late.length + environments.alive() > 0 ||
      messages.some(({ done }) => !done),
    failure: () => failure,
  };
}
