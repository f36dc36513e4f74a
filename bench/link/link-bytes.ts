import type { Fetchable } from "../../agent/link/link.ts";
import { noteBytes } from "../../local/blues/note/note.ts";
import { createCounters } from "../../local/blues/notecard/link/counters.ts";
import { requestBytes } from "../../local/blues/notecard/web-exchange.ts";
import { webResultBytes } from "../../local/blues/notehub/session.ts";
import { chunkCount, formatChunk } from "../../protocol/chunk.ts";
import { CHUNK_DEFAULT_BYTES, JSON_REPLY_MAX_BYTES } from "../../protocol/limits.ts";
import { formatRangeRequest } from "../../protocol/range-request.ts";
import type { AnnouncementNote } from "../../protocol/representation.ts";

/** Bytes on the link in all, as the local Notecard counts them: what is carried, and 60 for each message around it. */
type Crossing = {
  note(note: AnnouncementNote): Crossing;
  /** Bytes by range, as the agent's way `raw` asks for them. */
  range(file: Fetchable, content: Buffer): Crossing;
  /** Base64 in JSON, 250 bytes at a time, as the Python File Downloader sample asks for them. */
  sample(key: string, content: Buffer): Crossing;
  bytes(): number;
};

/** What one delivery takes on the link. The receipt is the same for every way, and is not counted. */
export function crossing(): Crossing {
  const counters = createCounters();
  const ask = (route: string, name: string, content: string) =>
    counters.count("web.get", "up", requestBytes({ route, method: "GET", name, content }));
  const link: Crossing = {
    note({ announcement, payload }) {
      const note = { body: announcement, payload: payload && Buffer.from(payload).toString("base64") };
      counters.count("sync", "down", noteBytes(note));
      return link;
    },
    range(file, content) {
      for (let at = 0; at < content.length; at += JSON_REPLY_MAX_BYTES) {
        ask("noteferry", formatRangeRequest(file), "application/octet-stream");
        const payload = content.subarray(at, at + JSON_REPLY_MAX_BYTES);
        counters.count("web.get", "down", webResultBytes({ result: 206, payload }));
      }
      return link;
    },
    sample(key, content) {
      const totalChunks = chunkCount(content.length, CHUNK_DEFAULT_BYTES);
      for (let chunk = 1; chunk <= totalChunks; chunk += 1) {
        ask("remoteFileDownloader", `?file=${encodeURIComponent(key)}&chunk=${chunk}`, "");
        const bytes = content.subarray((chunk - 1) * CHUNK_DEFAULT_BYTES, chunk * CHUNK_DEFAULT_BYTES);
        const body = formatChunk({ bytes, chunk, totalChunks });
        counters.count("web.get", "down", webResultBytes({ result: 200, body }));
      }
      return link;
    },
    bytes() {
      const { up, down, overhead } = counters.read().total;
      return up + down + overhead;
    },
  };
  return link;
}
