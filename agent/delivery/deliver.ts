import type { Stats } from "node:fs";
import type { OpenWay } from "../../protocol/choose-way.ts";
import { InstallFailed, onDisk } from "../install/install-failed.ts";
import { FetchFailed } from "../link/fetch-failed.ts";
import { checkCurrent } from "./check-current.ts";
import type { Outcome } from "./conclude.ts";
import type { Cost, Delivery } from "./delivery.ts";
import { REMEDIES } from "./failures.ts";
import { fetchRest, isServed } from "./fetch-rest.ts";
import { contentOf, fetchableOf, formOf, judgeWay, type WaysToGo, waysToGo } from "./ways.ts";

/**
 * Fetches a version and hands it on to be used: the old file stays until the new one is whole and verified. [NF-9.1]
 *
 * @throws {LinkDown} or the signal's reason. What was fetched is kept, and the next delivery of this version continues there.
 */
export async function deliver(delivery: Delivery): Promise<Outcome> {
  const begin = performance.now();
  const cost: Cost = { bytes: 0, requests: 0 };
  const since = () => (performance.now() - begin) / 1000;
  try {
    const way = await takeOneWay(delivery, cost);
    return { state: "installed", way, ...cost, seconds: since() };
  } catch (error) {
    if (!isFailure(error)) throw error;
    const { state, tryLater } = REMEDIES[error.reason];
    // If even that fails, it is swept once there is nothing else to do.
    if (!tryLater) await delivery.files.partials.remove(delivery.path).catch(() => undefined);
    const end = error instanceof InstallFailed ? error.ended : undefined;
    return {
      state,
      tryLater,
      reason: error.reason,
      detail: error.message,
      ended: end,
      ...cost,
      seconds: since(),
    };
  }
}

/** Tries one way after the other; what the last one, the whole file, ends with is how the delivery ends. [NF-10.6] */
async function takeOneWay(delivery: Delivery, cost: Cost): Promise<OpenWay> {
  const { announcement, note, emit } = delivery;
  const toGo = await waysToGo(delivery);
  for (const [at, way] of toGo.ways.entries()) {
    try {
      await takeWay(delivery, toGo, way, cost);
      return way;
    } catch (error) {
      const next = toGo.ways[at + 1];
      if (next === undefined || !isFailure(error)) throw error;
      const verdict = judgeWay(error, formOf(way), note.doubts);
      const wanted = { what: fetchableOf(next, announcement), form: formOf(next) };
      const fetching = { ...delivery, name: announcement.name };
      // In an outage no way is served: it is waited out, and not answered by one that costs more. [NF-10.6]
      if (verdict === "fine" || (verdict === "doubtful" && !(await isServed(fetching, wanted, cost))))
        throw error;
      const { reason, message: detail } = error;
      emit({ event: "fell-back", name: announcement.name, from: way.way, to: next.way, reason, detail });
    }
  }
  throw new TypeError("the whole file is always a way");
}

function isFailure(error: unknown): error is FetchFailed | InstallFailed {
  return error instanceof FetchFailed || error instanceof InstallFailed;
}

async function takeWay(delivery: Delivery, { base }: WaysToGo, way: OpenWay, cost: Cost): Promise<void> {
  const { announcement, path, emit } = delivery;
  const { installer, placing, partials } = delivery.files;
  const { name, size } = announcement;
  // Also of what was announced with its content: the download names an installation that was killed.
  const partial = await onDisk(partials.open(path, { ...announcement, size: way.bytes, form: formOf(way) }));
  try {
    const claims = async (existing?: Stats) => [
      ...[partial.claim(), ...(await placing.claims(path, existing))],
      ...(await delivery.besides()),
    ];
    await installer.check(path, size, claims);
    if (partial.bytes() > 0) emit({ event: "resumed", name, bytes: partial.bytes(), size: way.bytes });
    const wanted = { what: fetchableOf(way, announcement), form: formOf(way) };
    if (partial.bytes() < way.bytes)
      await fetchRest({ ...delivery, name }, wanted, partial, cost); // [NF-3.6]
    else if (size === 0) await checkCurrent(delivery, cost);
    const used = await onDisk(delivery.use(() => contentOf(way, partial.content(), size, base)));
    if (used === "kept") return;
  } finally {
    await partial.close();
  }
  // The file is in its place: a download that cannot be removed is swept once there is nothing else to do.
  await partials.remove(path).catch(() => undefined);
}
