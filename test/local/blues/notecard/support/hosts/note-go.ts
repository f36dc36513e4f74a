import { type HostLibrary, resync, sendInSegments } from "./host.ts";

/** note-go 1: no `crc`, a user agent in `hub.set`, no retry, and an eye for lines that are no reply. */
export const noteGo: HostLibrary = (line) => ({
  reset: () => resync(line, 10),
  retries: () => 0,
  async transaction(request) {
    const isHubSet = request.req === "hub.set" || request.cmd === "hub.set";
    const sent = isHubSet && !("body" in request) ? { ...request, body: { agent: "note-go" } } : request;
    await sendInSegments(line, `${JSON.stringify(sent)}\n`);
    for (;;) {
      const reply = (await line.line()).toString();
      // Trace lines may come first: whatever does not look like JSON is dropped.
      if (reply.startsWith("{")) return JSON.parse(reply);
    }
  },
});
