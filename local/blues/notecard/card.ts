import type { JsonObject } from "../note/json-object.ts";
import type { NotehubSession } from "../notehub/session.ts";
import { type Attention, createAttention } from "./attention.ts";
import { type BinaryBuffer, createBinaryBuffer } from "./binary-buffer.ts";
import { type Connection, createConnection } from "./connection.ts";
import type { Flash } from "./flash/flash.ts";
import { type HubSettings, type HubSettingsStore, openHubSettings } from "./hub-settings.ts";
import { openKnownVariables } from "./known-variables.ts";
import type { Link } from "./link/link.ts";

/** What the requests act on: one Notecard, since its last restart. */
export type Card = {
  session: NotehubSession;
  flash: Flash;
  link: Link;
  hub: HubSettingsStore;
  connection: Connection;
  attention: Attention;
  binary: BinaryBuffer;
  /** Signals from Notehub that no host has asked for, oldest first. */
  signals: JsonObject[];
  /** What a host left here before it went to sleep. */
  kept: { payload: string; time: number } | undefined;
  /** Epoch seconds of the start. */
  started: number;
  /** Epoch seconds, whole. */
  now(): number;
  stop(): void;
};

/** Starts a Notecard on its flash, and connects it if its mode says so. */
export function startCard(
  session: NotehubSession,
  flash: Flash,
  link: Link,
  preset: Partial<HubSettings>,
  fired: () => void,
): Card {
  const now = () => Math.floor(Date.now() / 1000);
  const hub = openHubSettings(flash.settings, session.productUid, preset);
  const attention = createAttention(fired);
  const known = openKnownVariables(flash.settings);
  const connection = createConnection(session, flash.sync, known, link, hub.read, attention, now);
  const signals: JsonObject[] = [];
  const unlisten = session.onSignal((body) => {
    if (!connection.connected()) return false;
    signals.push(body);
    attention.notify("signal");
    return true;
  });
  connection.configure();
  return {
    ...{ session, flash, link, hub, connection, attention, signals, now },
    binary: createBinaryBuffer(),
    kept: undefined,
    started: now(),
    stop() {
      unlisten();
      attention.stop();
      connection.stop();
    },
  };
}
