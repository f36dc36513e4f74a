import { moveNotes, type SyncEnd } from "../note/sync-end.ts";
import type { NotehubSession } from "../notehub/session.ts";
import type { Environment } from "../notehub/variables.ts";
import type { Attention } from "./attention.ts";
import { createCadence } from "./cadence.ts";
import type { HubSettings } from "./hub-settings.ts";
import type { KnownVariables } from "./known-variables.ts";
import { type Link, LinkLost } from "./link/link.ts";

/** What a sync is to move. */
export type SyncScope = { inbound?: boolean; outbound?: boolean };

/** Times are epoch seconds. `completed` is absent until a sync has come to its end. */
export type SyncState = { running: boolean; completed?: number; requested?: number; failed: boolean };

/** The Notecard's session with Notehub, and the syncs over it. */
export type Connection = {
  connected(): boolean;
  /** Applies settings that have changed. */
  configure(): void;
  /** Stays connected for so long, as `hub.set` with `on` does; 0 ends it. */
  stayConnected(seconds: number): void;
  /** Starts a sync, or another one after the one that runs. `explicit`: a host asked for it. */
  sync(scope: SyncScope, explicit?: boolean): void;
  state(): SyncState;
  /** The variables as they were at the last sync. */
  environment(): Environment;
  /** Runs the task as soon as a session is open. */
  onceConnected(task: () => Promise<void>): void;
  stop(): void;
};

/** Milliseconds of the link's clock before a failed sync is tried again. */
const RETRY_MS = 5_000;

/** @param now epoch seconds */
export function createConnection(
  session: NotehubSession,
  flash: SyncEnd,
  known: KnownVariables,
  link: Link,
  settings: () => HubSettings,
  attention: Attention,
  now: () => number,
): Connection {
  let open = false;
  let stopped = false;
  let connectedUntil = 0;
  let wanted: SyncScope = {};
  let running = false;
  let state: Omit<SyncState, "running"> = { failed: false };
  const tasks: (() => Promise<void>)[] = [];

  const offline = () => ["off", "dfu"].includes(settings().mode);
  const continuous = () => settings().mode === "continuous" || (!offline() && connectedUntil > now());
  const sync = (scope: SyncScope) => {
    if (stopped || offline()) return;
    wanted = { ...wanted, ...scope };
    if (!running) void run();
  };

  async function run(): Promise<void> {
    running = true;
    // A temporary connection that has run out is not open any more.
    if (!continuous()) open = false;
    while (!stopped && (wanted.inbound === true || wanted.outbound === true)) {
      const scope = wanted;
      wanted = {};
      try {
        await openSession();
        await exchange(scope);
        state = { ...state, completed: now(), failed: false };
      } catch (error) {
        if (!(error instanceof LinkLost)) throw error;
        state = { ...state, failed: true };
        if (!continuous()) break;
        wanted = { ...scope, ...wanted };
        await link.clock.sleep(RETRY_MS);
      }
    }
    running = false;
    if (!continuous()) open = false;
  }

  async function openSession(): Promise<void> {
    if (open) return;
    const forAWhile = settings().mode !== "continuous" && continuous();
    await link.connect();
    // `hub.set` with `off` came while it looked for the network: nobody needs the connection any more.
    if (forAWhile && !continuous()) throw new LinkLost("outage");
    await link.carry("sync", "up", 0);
    await link.carry("sync", "down", 0);
    open = true;
    attention.notify("connected");
    for (const task of tasks.splice(0)) await task();
  }

  async function exchange(scope: SyncScope): Promise<void> {
    if (stopped) return;
    const outbound = flash.waiting();
    if (scope.outbound === true && outbound.notes.length > 0) {
      await link.carry("sync", "up", outbound.bytes);
      if (!stopped) moveNotes(outbound.notes, flash, session.sync);
    }
    if (scope.inbound !== true || stopped) return;
    const inbound = session.sync.waiting();
    if (inbound.notes.length > 0) {
      await link.carry("sync", "down", inbound.bytes);
      if (!stopped) attention.notifyFiles(moveNotes(inbound.notes, session.sync, flash));
    }
    if (!stopped) await fetchEnvironment();
  }

  async function fetchEnvironment(): Promise<void> {
    const current = session.environment();
    if (!known.differs(current)) return;
    await link.carry("sync", "down", Buffer.byteLength(JSON.stringify(current.variables)));
    if (stopped) return;
    known.take(current);
    attention.notify("env");
  }

  const cadence = createCadence((direction) => sync({ [direction]: true }));
  const unlisten = session.onInbound(() => {
    if (open && continuous() && settings().sync) sync({ inbound: true });
  });
  return {
    connected: () => open && (running || continuous()) && link.available(),
    configure() {
      const { mode, inbound, outbound } = settings();
      cadence.set(
        mode === "periodic" || mode === "continuous" ? { inbound, outbound } : { inbound: 0, outbound: 0 },
      );
      if (offline()) open = false;
      else if (mode === "continuous") sync({ inbound: true, outbound: true });
      else if (!continuous() && !running) open = false;
    },
    stayConnected(seconds) {
      connectedUntil = now() + seconds;
      if (continuous()) sync({ inbound: true, outbound: true });
      else if (!running) open = false;
    },
    sync(scope, explicit = false) {
      if (explicit) state = { ...state, requested: now() };
      sync(scope);
    },
    state: () => ({ ...state, running }),
    environment: known.read,
    onceConnected: (task) => void tasks.push(task),
    stop() {
      stopped = true;
      unlisten();
      cadence.stop();
    },
  };
}
