import type { SerialLine } from "../serial-line.ts";
import { type Host, resync, sendInSegments } from "./host.ts";

/** note-go 1: no `crc`, a user agent in `hub.set`, no retry, and an eye for lines that are no reply. */
export function noteGo(line: SerialLine): Host & { receiveBytes(): Promise<Buffer> } {
  return {
    reset: () => resync(line, 10),
    retries: () => 0,
    async transaction(request) {
      const isHubSet = request.req === "hub.set" || request.cmd === "hub.set";
      const sent = isHubSet && !("body" in request) ? { ...request, body: { agent: "note-go" } } : request;
      await sendInSegments(line, `${JSON.stringify(sent)}\n`);
      let text = "";
      for (;;) {
        text += (await line.read()).toString("latin1");
        const lines = text.split("\n");
        const [reply, rest] = lines.slice(-2);
        if (lines.length < 2 || reply === undefined) continue;
        // Trace lines may come first: a reply is what a read ends with, and what stands before it is dropped.
        if (rest !== "") text = rest ?? "";
        else if (reply.startsWith("{")) return JSON.parse(Buffer.from(reply, "latin1").toString());
        else text = "";
      }
    },
    async receiveBytes() {
      let bytes = Buffer.alloc(0);
      while (!bytes.includes(0x0a)) bytes = Buffer.concat([bytes, await line.read()]);
      return bytes;
    },
  };
}
