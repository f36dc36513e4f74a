import type { FleetPorts } from "../../../../../functions/file-notifier/fleet/compose-fleets.ts";
import type {
  FleetStates,
  Listing,
  ManifestStore,
  PaceStore,
  Variables,
} from "../../../../../functions/file-notifier/fleet/ports.ts";
import { formatFleetMessage } from "../../../../../functions/file-notifier/message/fleet-message.ts";
import { RetryLater } from "../../../../../functions/file-notifier/outcome/retry-later.ts";
import type { RecordStore } from "../../../../../functions/file-notifier/ports.ts";
import { fleetStateKey, parseFleetState } from "../../../../../protocol/fleet-state.ts";
import { packedKey } from "../../../../../protocol/packed.ts";
import { etagOf, type ModelBucket } from "../../../../flow/support/model/bucket.ts";
import type { Random } from "../../../../support/seeded-random.ts";
import type { Environments } from "./environments.ts";
import { createModelJobs, type ModelJobs } from "./jobs.ts";

export type Message = { body: string; receives: number; visibleAt: number; done: boolean };

/** All that notifiers share, in memory, and what can go wrong with it. */
export type ModelCloud = {
  clock: { now: number };
  objects: Map<string, string | Uint8Array>;
  variables: Map<string, Map<string, string>>;
  messages: Message[];
  /** PUTs that Notehub has not carried out yet. */
  late: { fleet: string; carryOut: () => void }[];
  iot: ModelJobs;
  ports: {
    files: FleetPorts["files"];
    queue: FleetPorts["queue"];
    states: FleetStates;
    manifests: ManifestStore;
    pace: PaceStore;
    listing: Listing;
    variables: Variables;
    /** Nothing was announced by Notes. */
    records: Pick<RecordStore, "read">;
  };
};

const PAGE = 3;

/** As an attempt ends before its claim. */
const TIME_OUT_MS = 4_000;

export function createModelCloud(
  bucket: ModelBucket,
  keys: readonly string[],
  random: Random,
  { step }: Environments,
  faulty: () => boolean,
  /** What is late may be so late that nobody waits for it any more. */
  isPatient: boolean,
): ModelCloud {
  const clock = { now: Date.UTC(2026, 0, 1) };
  const objects: ModelCloud["objects"] = new Map();
  const tags = new Map<string, number>();
  const variables: ModelCloud["variables"] = new Map();
  const messages: Message[] = [];
  const late: ModelCloud["late"] = [];
  const iot = createModelJobs(clock, random, step, faulty, isPatient);
  let writes = 0;

  async function ask(): Promise<void> {
    await step();
    if (faulty() && random.chance(0.02)) throw new Error("S3 does not answer");
  }

  async function read(key: string) {
    await ask();
    const tag = tags.get(key);
    return { text: tag === undefined ? undefined : String(objects.get(key)), tag: tag?.toString() };
  }

  async function write(key: string, text: string, over: string | undefined): Promise<string | undefined> {
    await ask();
    if (tags.get(key)?.toString() !== over) return undefined;
    writes += 1;
    objects.set(key, text);
    tags.set(key, writes);
    const tag = `${writes}`;
    await ask(); // the reply may be lost
    return tag;
  }

  /** A request may be refused, heard though its reply is lost, carried out late, or take its time. */
  async function callNotehub(fleet: string, carryOut: () => void): Promise<void> {
    const started = clock.now;
    const onItsWay = { fleet, carryOut }; // if its sender dies now, it may arrive all the same
    if (faulty()) late.push(onItsWay);
    await step();
    if (late.includes(onItsWay)) late.splice(late.indexOf(onItsWay), 1);
    const draw = faulty() ? random.below(10) : 9;
    if (draw === 0) throw new RetryLater("notehub-503", "not now", { fate: "uncertain" });
    if (draw === 1) throw new RetryLater("notehub-429", "not so fast", { fate: "unsent", seconds: 5 });
    const isGivenUp = clock.now - started > TIME_OUT_MS;
    if (draw === 2 || (isGivenUp && faulty() && isPatient)) late.push({ fleet, carryOut });
    else if (!isGivenUp) carryOut();
    if (isGivenUp || draw < 4)
      throw new RetryLater("notehub-timeout", "nobody saw how it ended", { fate: "uncertain" });
    if (draw === 4) carryOut(); // doubled on the way
    await step();
  }

  async function set(fleet: string, name: string, value: string): Promise<void> {
    await callNotehub(fleet, () => void variablesOf(fleet).set(name, value));
    for (const older of late.filter((each) => each.fleet === fleet)) {
      const arrives = random.chance(0.5); // just after it; or later, or never
      if (arrives || !isPatient) late.splice(late.indexOf(older), 1);
      if (arrives) older.carryOut();
    }
  }

  const variablesOf = (fleet: string) => {
    const found = variables.get(fleet) ?? new Map<string, string>();
    variables.set(fleet, found);
    return found;
  };

  return {
    ...{ clock, objects, variables, messages, late, iot },
    ports: {
      files: {
        async look({ key }) {
          await ask();
          const found = bucket.current(key);
          return found && { versionId: found.versionId, size: found.bytes.length, share: undefined };
        },
        async currentVersionId({ key }) {
          return bucket.current(key)?.versionId;
        },
        async open({ key, versionId }) {
          await ask();
          const bytes = bucket.find(key, versionId);
          if (bytes === undefined) return undefined;
          const pieces = async function* () {
            await ask(); // what is current may change while a file is read
            yield bytes;
          };
          return { size: bytes.length, etag: etagOf(bytes), bytes: pieces(), discard: () => undefined };
        },
      },
      queue: {
        async send(all, delaySeconds) {
          for (const message of all) {
            await ask();
            const visibleAt = clock.now + delaySeconds * 1000;
            messages.push({ body: formatFleetMessage(message), receives: 0, visibleAt, done: false });
          }
          await ask();
        },
      },
      states: {
        async read(fleet) {
          const { text, tag } = await read(fleetStateKey(fleet));
          const state = text === undefined ? undefined : parseFleetState(text);
          if (text !== undefined && state === undefined) throw new Error(`no state: ${text}`);
          return { state, tag };
        },
        write: (state, over) => write(fleetStateKey(state.fleet), JSON.stringify(state), over),
        async fleets() {
          await ask();
          return [...objects.keys()].flatMap((key) => /^fleets\/(.*)\.json$/.exec(key)?.[1] ?? []);
        },
        hold: async () => undefined,
      },
      manifests: {
        async find(packed) {
          await ask();
          const found = objects.get(packedKey(packed));
          return typeof found === "string" ? undefined : found;
        },
        async store(packed, bytes) {
          await ask();
          objects.set(packedKey(packed), Uint8Array.from(bytes));
          await ask();
        },
        async remove(packed) {
          await ask();
          objects.delete(packedKey(packed));
        },
      },
      pace: {
        async read() {
          const { text, tag } = await read("pace");
          return { turns: JSON.parse(text ?? "[]"), tag };
        },
        write: async (turns, over) => (await write("pace", JSON.stringify(turns), over)) !== undefined,
      },
      listing: {
        async page(prefix, { keyMarker }) {
          await ask();
          const rest = keys
            .filter((key) => key.startsWith(prefix) && bucket.versions(key).length > 0)
            .filter((key) => keyMarker === undefined || key > keyMarker)
            .sort();
          const listed = rest.slice(0, PAGE);
          const last = listed.at(-1);
          return {
            current: new Map(listed.map((key) => [key, bucket.current(key)?.versionId])),
            last,
            next: rest.length > PAGE && last !== undefined ? { keyMarker: last } : undefined,
          };
        },
      },
      variables: {
        isKnown: async () => true,
        set,
        async get(fleet, name) {
          let shown: string | undefined;
          await callNotehub(fleet, () => {
            shown = variablesOf(fleet).get(name);
          });
          return shown;
        },
        remove: (fleet, name) => callNotehub(fleet, () => void variablesOf(fleet).delete(name)),
      },
      records: { read: async () => ({ record: undefined, tag: undefined }) },
    },
  };
}
