import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";
import { contentOf, fetchableOf } from "../../agent/delivery/ways.ts";
import { parseAnnouncement } from "../../protocol/announcement.ts";
import { type OpenWay, openWays } from "../../protocol/choose-way.ts";
import type { AnnouncementNote, Way } from "../../protocol/representation.ts";
import type { History } from "./histories.ts";
import { crossing } from "./link-bytes.ts";
import { type BenchNotifier, createBenchNotifier, UNPACKING } from "./notifier.ts";

/** One update of one device that has the content before. Bytes. */
export type Update = {
  key: string;
  size: number;
  way: Way;
  /** What stands for the content: the payload, or what is fetched. */
  packed: number;
  /** What came out is exactly the content. */
  exact: boolean;
  /** On the link in all: as it is, and as the whole file, as the sample has it, and as the whole file in brotli would be. */
  link: { ours: number; whole: number; base64: number; brotli: number };
};

const brotli = promisify(brotliCompress);

export async function measureHistory({ key, contents }: History): Promise<Update[]> {
  const notifier = createBenchNotifier(key);
  const updates: Update[] = [];
  let previous: Buffer | undefined;
  for (const content of contents) {
    const notes = await notifier.upload(content);
    if (previous !== undefined) updates.push(await measureUpdate(notifier, notes, previous, content));
    previous = content;
  }
  return updates;
}

async function measureUpdate(
  notifier: BenchNotifier,
  { note, bare }: { note: AnnouncementNote; bare: AnnouncementNote },
  previous: Buffer,
  content: Buffer,
): Promise<Update> {
  const announcement = parseAnnouncement(JSON.parse(JSON.stringify(note.announcement)));
  if (announcement === undefined) throw new Error("what was announced announces nothing");
  const { name: key, size, sha256 } = announcement;
  const way = chooseWay({ ...note, announcement }, previous);
  const came =
    way.way === "whole" ? content : "packed" in way ? notifier.packed(way.packed) : Buffer.alloc(0);
  if (came.length !== way.bytes)
    throw new Error(`${key}: ${came.length} bytes were packed, ${way.bytes} announced`);
  const hash = createHash("sha256");
  let length = 0;
  for await (const piece of contentOf(way, Readable.from([came]), size, previous)) {
    hash.update(piece);
    length += piece.length;
  }
  const fetchable = fetchableOf(way, announcement);
  const whole = { key, etag: announcement.etag, size };
  const short = await brotli(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  return {
    key,
    size,
    way: way.way,
    packed: way.way === "note" ? (note.payload?.length ?? 0) : way.bytes,
    exact: length === size && hash.digest("base64url") === sha256 && sha256 === digest(content),
    link: {
      ours: crossing().note(note).range(fetchable, came).bytes(),
      whole: crossing().note(bare).range(whole, content).bytes(),
      base64: crossing().note(bare).sample(key, content).bytes(),
      brotli: crossing().note(bare).range(whole, short).bytes(),
    },
  };
}

/** What a device takes first. */
function chooseWay({ announcement, payload }: AnnouncementNote, previous: Buffer): OpenWay {
  const { b, sha256, size } = announcement;
  const payloads =
    b === undefined || payload === undefined ? [] : [{ base: b, sha256, size, patch: payload }];
  const there = { sha256: digest(previous), size: previous.length };
  const [first] = openWays(announcement, there, payloads, UNPACKING);
  if (first === undefined) throw new Error("no way is open, not even the whole file");
  return first;
}

function digest(content: Buffer): string {
  return createHash("sha256").update(content).digest("base64url");
}
