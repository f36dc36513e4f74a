/** How a link behaves. */
export type LinkProfile = {
  name: string;
  /** One way, in milliseconds. */
  latencyMs: number;
  /** Bytes per second each way; Infinity for a link that is no bottleneck. */
  upRate: number;
  downRate: number;
  /** Share of messages that never arrive, 0 to below 1: what is left after the network's own repeats. */
  loss: number;
  /** The link is gone for `seconds` at the end of every `every` seconds. */
  outage?: { every: number; seconds: number } | undefined;
  /** Milliseconds to find the network, each time that a session is opened; 0 unless given. */
  connectMs?: number | undefined;
};

// Rates and latencies are those that operators and module vendors give for a fair signal; nobody guarantees them.
const PROFILES: Record<string, Omit<LinkProfile, "name">> = {
  none: { latencyMs: 0, upRate: Number.POSITIVE_INFINITY, downRate: Number.POSITIVE_INFINITY, loss: 0 },
  lte: { latencyMs: 35, upRate: 400_000, downRate: 900_000, loss: 0 },
  "lte-m": { latencyMs: 100, upRate: 35_000, downRate: 35_000, loss: 0.002 },
  "nb-iot": { latencyMs: 1_200, upRate: 2_000, downRate: 2_500, loss: 0.01 },
  satellite: {
    latencyMs: 2_500,
    upRate: 100,
    downRate: 150,
    loss: 0.03,
    outage: { every: 900, seconds: 120 },
  },
};

const CUSTOM =
  /^custom:latency=(\d{1,6}),rate=(\d{1,10})(?:,loss=(0?\.\d{1,6}|0))?(?:,outage=(\d{1,6})\/(\d{1,6}))?(?:,connect=(\d{1,4}))?$/;

export const LINK_USAGE = `${Object.keys(PROFILES).join(" | ")} | custom:latency=MS,rate=BYTES_PER_SECOND[,loss=0.01][,outage=SECONDS/EVERY_SECONDS][,connect=SECONDS]`;

/**
 * Reads the profile that a person names.
 *
 * @throws an Error that says what can be named.
 */
export function linkProfile(text: string): LinkProfile {
  const known = Object.hasOwn(PROFILES, text) ? PROFILES[text] : undefined;
  if (known !== undefined) return { name: text, ...known };
  const [, latency, rate, loss = "0", seconds, every, connect] = CUSTOM.exec(text) ?? [];
  const outage = { seconds: Number(seconds ?? 0), every: Number(every ?? 1) };
  if (latency === undefined || Number(rate) === 0 || outage.seconds >= outage.every) {
    throw new Error(`no such link: ${text}; choose ${LINK_USAGE}`);
  }
  const bytes = Number(rate);
  return {
    name: "custom",
    latencyMs: Number(latency),
    upRate: bytes,
    downRate: bytes,
    loss: Number(loss),
    outage: outage.seconds === 0 ? undefined : outage,
    connectMs: connect === undefined ? undefined : Number(connect) * 1000,
  };
}
