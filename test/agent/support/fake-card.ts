import { createHash } from "node:crypto";
import { encodeCobs } from "../../../agent/notecard/cobs.ts";
import type { Announcement } from "../../../protocol/announcement.ts";
import { chunkCount, chunkExtent, formatChunk } from "../../../protocol/chunk.ts";
import { errorBody, RequestError } from "../../../protocol/errors.ts";
import { parseRequest } from "../../../protocol/request.ts";

export type Answer = { json: object; packet?: Buffer };
type Members = { req: string; [member: string]: unknown };

/** A Notecard's requests, and behind them a file-server: enough of both for the agent, with everything in plain sight. */
export type FakeCard = {
  /** What the server has, by key. */
  files: Map<string, Buffer>;
  /** The announcement queue, oldest first. */
  queue: { id: string; time: number; body: object }[];
  receipts: object[];
  hub: { mode: string; product: string; [member: string]: unknown };
  /** `web.get` requests that were executed. */
  fetches: number;
  /** Bytes of file that the server gave. */
  served: number;
  announce(body: object): void;
  /** Puts a version on the server and announces it. */
  publish(key: string, bytes: Buffer): Announcement;
  answer(request: Members): Answer;
};

export function announcementOf(key: string, bytes: Buffer): Announcement {
  return { name: key, size: bytes.length, sha256: sha256(bytes), etag: etagOf(bytes) };
}

export const etagOf = (bytes: Buffer): string => createHash("md5").update(bytes).digest("hex");
export const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("base64url");

export function createFakeCard(): FakeCard {
  let counter = 0;
  let changed = false;
  let buffer = Buffer.alloc(0);
  const { files, queue, receipts }: Pick<FakeCard, "files" | "queue" | "receipts"> = {
    files: new Map(),
    queue: [],
    receipts: [],
  };

  function webGet(request: Members): Answer {
    card.fetches += 1;
    const { status, body, total } = serve(String(request.name), request);
    if (Buffer.isBuffer(body)) card.served += body.length;
    const range = total === undefined ? {} : { total };
    if (request.content === "application/json" || !Buffer.isBuffer(body)) {
      return { json: { result: status, body: Buffer.isBuffer(body) ? {} : body } };
    }
    if (request.binary !== true)
      return { json: { result: status, payload: body.toString("base64"), ...range } };
    buffer = Buffer.from(body);
    return { json: { result: status, length: body.length, cobs: encodeCobs(body).length, ...range } };
  }

  function serve(name: string, request: Members): { status: number; body: object | Buffer; total?: number } {
    const [rawPath = "", rawQuery = ""] = name.split("?");
    const range =
      request.offset === undefined
        ? {}
        : { range: `bytes=${request.offset}-${Number(request.offset) + Number(request.max) - 1}` };
    try {
      const parsed = parseRequest({ method: "GET", rawPath, rawQuery, headers: range });
      const bytes = files.get(parsed.key);
      if (bytes === undefined) throw new RequestError("file-not-found", "no such file");
      const etag = etagOf(bytes);
      if (parsed.etag !== undefined && parsed.etag !== etag)
        throw new RequestError("file-changed", "another version");
      if (parsed.door === "range") {
        const from = parsed.range !== undefined && "first" in parsed.range ? parsed.range : { first: 0 };
        const body = bytes.subarray(from.first, (from.last ?? bytes.length) + 1);
        if (body.length === 0) throw new RequestError("out-of-range", "past the end");
        return { status: 206, body, total: bytes.length };
      }
      const { offset, length } = chunkExtent(parsed.chunk, parsed.size);
      if (offset >= bytes.length && bytes.length > 0) throw new RequestError("out-of-range", "past the end");
      const part = bytes.subarray(offset, offset + length);
      card.served += part.length;
      const totalChunks = chunkCount(bytes.length, parsed.size);
      return { status: 200, body: formatChunk({ bytes: part, chunk: parsed.chunk, totalChunks, etag }) };
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      return { status: error.status, body: errorBody(error) };
    }
  }

  function noteGet(request: Members): Answer {
    const [oldest] = queue;
    if (oldest === undefined) return { json: { err: "no notes {note-noexist}" } };
    if (request.delete === true) queue.shift();
    return { json: { body: oldest.body, time: oldest.time } };
  }

  function attention(request: Members): Answer {
    if (request.mode !== undefined) {
      changed = false;
      return { json: {} };
    }
    return { json: changed ? { files: ["file-update.qi"], set: true } : {} };
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
    receipts,
    hub: { mode: "continuous", product: "com.example:fake" },
    fetches: 0,
    served: 0,
    announce(body) {
      counter += 1;
      queue.push({ id: `1:${counter}`, time: 1_700_000_000, body });
      changed = true;
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
        case "note.changes": {
          const notes = Object.fromEntries(queue.map(({ id, body, time }) => [id, { body, time }]));
          return { json: { changes: queue.length, total: queue.length, notes } };
        }
        case "note.get":
          return noteGet(request);
        case "note.add":
          receipts.push(Object(request.body));
          return { json: { total: receipts.length } };
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
