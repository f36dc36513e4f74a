import { createHash } from "node:crypto";
import { encodeCobs } from "../../../agent/notecard/cobs.ts";
import type { Announcement } from "../../../protocol/announcement.ts";
import { etagOf, serve } from "./fake-server.ts";

export type Answer = { json: object; packet?: Buffer };
/** What answers in the file-server's place: a status and the bytes of its body. */
export type Stranger = { status: number; text: string };
type Members = { req: string; [member: string]: unknown };

/** A Notecard's requests, and behind them a file-server: enough of both for the agent, with everything in plain sight. */
export type FakeCard = {
  /** What the server has, by key; packed content by `packed:` and its key. */
  files: Map<string, Buffer>;
  /** The announcement queue, oldest first. */
  queue: { id: string; seq: number; time: number; body: object; payload?: string }[];
  /** Environment variables as Notehub has them for this device. */
  readonly variables: ReadonlyMap<string, string>;
  setVariable(name: string, value: string | undefined): void;
  /** What each change tracker has seen, by its name. */
  trackers: Map<unknown, number>;
  /** What it was given to send: receipts, without what numbers them, and everything as it came. */
  readonly receipts: object[];
  reports: Report[];
  hub: { mode: string; product: string; [member: string]: unknown };
  /** Says by what a `web.get` is answered, unless by the server. */
  stranger: ((request: Members) => Stranger | undefined) | undefined;
  /** `web.get` requests that were executed. */
  fetches: number;
  /** Bytes of file that the server gave. */
  served: number;
  announce(body: object, payload?: Uint8Array | string): void;
  /** Puts a version on the server and announces it. */
  publish(key: string, bytes: Buffer): Announcement;
  /** Forgets what is in its memory; ids of Notes are counted anew. */
  reset(): void;
  answer(request: Members): Answer;
};

type Report = { state?: unknown; n?: unknown; way?: unknown };

export function announcementOf(key: string, bytes: Buffer): Announcement {
  return { name: key, size: bytes.length, sha256: sha256(bytes), etag: etagOf(bytes) };
}

export const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("base64url");

const textOf = (payload: Uint8Array | string) =>
  typeof payload === "string" ? payload : Buffer.from(payload).toString("base64");

export function createFakeCard(): FakeCard {
  let seq = 0;
  let epoch = 1;
  let counter = 0;
  let changed = false;
  let disarmed = false;
  let buffer = Buffer.alloc(0);
  const variables = new Map<string, string>();
  let modified = 0;
  const trackers = new Map<unknown, number>();
  const { files, queue, reports }: Pick<FakeCard, "files" | "queue" | "reports"> = {
    files: new Map(),
    queue: [],
    reports: [],
  };

  /** As a Notecard shows it: an object where JSON is expected, else a payload, or in the buffer. */
  function strangeAnswer({ binary, content }: Members, { status: result, text }: Stranger): Answer {
    if (text === "") return { json: { result } };
    const bytes = Buffer.from(text);
    if (content === "application/json") {
      if (!text.startsWith("{")) return { json: { err: `reply ${result} is no JSON object {not-json}` } };
      return { json: { result, body: JSON.parse(text) } };
    }
    if (binary !== true) return { json: { result, payload: bytes.toString("base64") } };
    buffer = bytes;
    return { json: { result, length: bytes.length, cobs: encodeCobs(bytes).length } };
  }

  function webGet(request: Members): Answer {
    card.fetches += 1;
    const strange = card.stranger?.(request);
    if (strange !== undefined) return strangeAnswer(request, strange);
    const { offset, max } = request;
    const range = offset === undefined ? undefined : `bytes=${offset}-${Number(offset) + Number(max) - 1}`;
    const served = serve(files, String(request.name), range);
    if ("json" in served) {
      card.served += served.bytes;
      return { json: { result: served.status, body: served.json } };
    }
    const { raw, total } = served;
    card.served += raw.length;
    if (request.binary !== true) return { json: { result: 206, payload: raw.toString("base64"), total } };
    buffer = Buffer.from(raw);
    return { json: { result: 206, length: raw.length, cobs: encodeCobs(raw).length, total } };
  }

  function noteGet(request: Members): Answer {
    const [oldest] = queue;
    if (oldest === undefined) return { json: { err: "no notes {note-noexist}" } };
    if (request.delete === true) queue.shift();
    const { id: _, seq: __, ...note } = oldest;
    return { json: note };
  }

  /** Without a tracker from the oldest on; with one, from where it was. */
  function noteChanges({ max = queue.length, tracker, start, stop }: Members): Answer {
    if (start === true || !trackers.has(tracker)) trackers.set(tracker, 0);
    const seen = tracker === undefined ? 0 : (trackers.get(tracker) ?? 0);
    const pending = queue.filter(({ seq }) => seq > seen);
    const shown = pending.slice(0, Number(max));
    trackers.set(tracker, shown.at(-1)?.seq ?? seen);
    if (stop === true || tracker === undefined) trackers.delete(tracker);
    const notes = Object.fromEntries(shown.map(({ id, seq: _, ...note }) => [id, note]));
    return { json: { changes: pending.length, total: queue.length, notes } };
  }

  function attention(request: Members): Answer {
    if (request.mode !== undefined) {
      changed = false;
      disarmed = false;
      return { json: {} };
    }
    if (disarmed) return { json: { off: true } };
    return { json: changed ? { files: ["file-update.qi", "env"], set: true } : {} };
  }

  function envGet({ time = -1 }: Members): Answer {
    if (modified <= Number(time)) return { json: { err: "not modified {env-not-modified}" } };
    const when = modified === 0 ? {} : { time: modified };
    return { json: { body: Object.fromEntries(variables), ...when } };
  }

  function binaryGet(request: Members): Answer {
    const slice = buffer.subarray(Number(request.offset), Number(request.offset) + Number(request.length));
    const packet = encodeCobs(slice);
    const status = createHash("md5").update(slice).digest("hex");
    return { json: { status, length: slice.length, cobs: packet.length }, packet };
  }

  const card: FakeCard = {
    files,
    queue,
    variables,
    setVariable(name, value) {
      if (value === undefined) variables.delete(name);
      else variables.set(name, value);
      modified = Math.max(modified + 1, 1_700_000_000);
      changed = true;
    },
    trackers,
    reports,
    get receipts() {
      const receipts = reports.filter(({ state }) => state !== "inventory");
      return receipts.map(({ n: _n, way: _way, ...receipt }) => receipt);
    },
    hub: { mode: "continuous", product: "com.example:fake" },
    stranger: undefined,
    fetches: 0,
    served: 0,
    announce(body, payload) {
      seq += 1;
      counter += 1;
      queue.push({
        id: `${epoch}:${counter}`,
        seq,
        time: 1_700_000_000 + seq,
        body,
        ...(payload && { payload: textOf(payload) }),
      });
      changed = true;
    },
    reset() {
      epoch += 1;
      counter = 0;
      disarmed = true;
      buffer = Buffer.alloc(0);
      trackers.clear();
    },
    publish(key, bytes) {
      files.set(key, bytes);
      const announcement = announcementOf(key, bytes);
      card.announce(announcement);
      return announcement;
    },
    answer(request) {
      switch (request.req) {
        case "hub.get":
          return { json: { ...card.hub, device: "dev:000000000000001" } };
        case "hub.set":
          return { json: {} };
        case "card.attn":
          return attention(request);
        case "env.get":
          return envGet(request);
        case "note.changes":
          return noteChanges(request);
        case "note.get":
          return noteGet(request);
        case "note.add":
          reports.push(Object(request.body));
          return { json: { total: reports.length } };
        case "card.time":
          return { json: { time: 1_700_000_000 } };
        case "web.get":
          return webGet(request);
        case "card.binary":
          if (request.delete === true) buffer = Buffer.alloc(0);
          return { json: { max: 130_554, length: buffer.length } };
        case "card.binary.get":
          return binaryGet(request);
        case "card.version":
          return { json: { version: "notecard-9.1.1", device: "dev:000000000000001" } };
        default:
          return { json: { err: `unknown request: ${request.req} {not-supported}` } };
      }
    },
  };
  return card;
}
