import { createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { listenOnLoopback, type Port } from "../../host/loopback/listen-on-loopback.ts";
import { peerUser } from "../../host/loopback/peer-user.ts";
import type { NotehubSession } from "../notehub/session.ts";
import { BINARY_MAX_BYTES } from "./binary-buffer.ts";
import { type Card, startCard } from "./card.ts";
import { type Flash, openFlash } from "./flash/flash.ts";
import type { HubSettings } from "./hub-settings.ts";
import type { LinkClock } from "./link/clock.ts";
import type { LinkCounters } from "./link/counters.ts";
import { createLink } from "./link/link.ts";
import { type LinkProfile, linkProfile } from "./link/profile.ts";
import { createSerialFaults, damaged, type SerialFaults } from "./serial/faults.ts";
import { createLineSplitter } from "./serial/line-splitter.ts";
import { createTransactions } from "./serial/transactions.ts";
import { createWebClientCheck } from "./serial/web-client.ts";
import { writeLines } from "./serial/write-lines.ts";

/** What a Notecard tells whoever watches it. */
export type NotecardEvent =
  | { kind: "line"; direction: "from-host" | "to-host"; bytes: number }
  | { kind: "attention" }
  | { kind: "restart" }
  | { kind: "fault"; error: unknown };

export type NotecardOptions = {
  /** The SQLite file that is its flash. */
  file: string;
  /** 0, the default, for any free port. */
  port?: Port;
  session: NotehubSession;
  deviceUid: string;
  /** Without one, a link that is no bottleneck. */
  link?: LinkProfile;
  /** The link's time; the system's unless given. */
  clock?: LinkClock;
  /** Decides what is lost; a seeded one repeats it. */
  random?: () => number;
  /** The settings until `hub.set` changes them; they override the stand-in's own `continuous` with `sync`. */
  settings?: Partial<HubSettings>;
  observe?: (event: NotecardEvent) => void;
};

/** A running Notecard. Close it before its Notehub. */
export type Notecard = {
  port: number;
  /** Bytes on the link: in all, since the last `markDelivery`, and by request. */
  counters(): LinkCounters;
  markDelivery(): void;
  faults: SerialFaults;
  close(): Promise<void>;
};

/** The longest line is a full binary buffer as a COBS packet. */
const LINE_MAX_BYTES = BINARY_MAX_BYTES + Math.ceil(BINARY_MAX_BYTES / 254) + 1;

/**
 * Starts a stand-in for a Blues Notecard: its serial protocol over TCP on 127.0.0.1, one transaction at a time for any
 * number of hosts, which are programs of the same user, or root's, and no browsers. Attach a pseudo-terminal with socat for a library that insists on a serial device.
 */
export async function startNotecard(options: NotecardOptions): Promise<Notecard> {
  const {
    port = 0,
    session,
    deviceUid,
    link: profile = linkProfile("none"),
    settings = {},
    observe,
  } = options;
  if (session.deviceUid !== deviceUid) throw new Error(`the session is not of device ${deviceUid}`);
  const link = createLink(profile, options.clock, options.random);
  let flash: Flash;
  const start = (): Card => startCard(session, flash, link, settings, () => observe?.({ kind: "attention" }));
  let card: Card;
  const transactions = createTransactions(() => card);
  const faults = createSerialFaults();
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    serve(socket).catch((error: unknown) => {
      // A host that hangs up in the middle of a reply is no fault of the stand-in.
      if (!socket.destroyed) observe?.({ kind: "fault", error });
      socket.destroy();
    });
  });

  async function serve(socket: Socket): Promise<void> {
    const split = createLineSplitter(LINE_MAX_BYTES);
    const isWebClient = createWebClientCheck();
    const user = await peerUser(socket);
    if (user !== undefined && user !== 0 && user !== process.getuid?.()) return void socket.destroy();
    for await (const chunk of socket) {
      if (isWebClient(chunk)) return void socket.destroy();
      for (const line of split(chunk)) {
        const length = "bytes" in line ? line.bytes.length : LINE_MAX_BYTES;
        observe?.({ kind: "line", direction: "from-host", bytes: length + 1 });
        const blank = "bytes" in line && line.bytes.toString("latin1").trim() === "";
        const fault = blank || transactions.expectsPacket() ? undefined : faults.next();
        if (fault?.kind === "lose-request") continue;
        const { bytes, restart } = await transactions.answer(line);
        if (fault?.kind === "late-reply") await sleep(fault.milliseconds, undefined, { ref: false });
        const sent = fault?.kind === "restart" ? Buffer.alloc(0) : damaged(bytes ?? Buffer.alloc(0), fault);
        if (sent.length > 0) {
          observe?.({ kind: "line", direction: "to-host", bytes: sent.length });
          await writeLines(socket, sent);
        }
        if (restart === true || fault?.kind === "restart") return restartCard();
      }
    }
  }

  /** As a host on USB sees it: the port goes away, and the Notecard comes back with what is in its flash. */
  function restartCard(): void {
    observe?.({ kind: "restart" });
    card.stop();
    transactions.reset();
    card = start();
    for (const socket of sockets) socket.end();
  }

  const bound = await listenOnLoopback(server, port);
  // Only now: if the port is taken, nothing may be left behind that still syncs.
  flash = openFlash(options.file, deviceUid);
  card = start();
  return {
    port: bound,
    counters: link.counters,
    markDelivery: link.mark,
    faults,
    async close() {
      card.stop();
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      flash.close();
    },
  };
}
