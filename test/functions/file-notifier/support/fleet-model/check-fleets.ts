import { zstdDecompressSync } from "node:zlib";
import { manifestOfState } from "../../../../../functions/file-notifier/fleet/manifest-of-state.ts";
import type { FleetAnnouncements } from "../../../../../functions/file-notifier/fleet/reach.ts";
import { type FleetState, fleetStateKey, parseFleetState } from "../../../../../protocol/fleet-state.ts";
import {
  formatManifest,
  type Manifest,
  manifestDigest,
  ownKey,
  parseManifest,
} from "../../../../../protocol/manifest.ts";
import { parseStep } from "../../../../../protocol/manifest-step.ts";
import { parseVariable, variableName } from "../../../../../protocol/manifest-variable.ts";
import { packedKey } from "../../../../../protocol/packed.ts";
import { addressKey, manifestOwner } from "../../../../../protocol/target.ts";
import type { ModelBucket } from "../../../../flow/support/model/bucket.ts";
import { wrongJobs } from "./check-jobs.ts";
import type { ModelCloud } from "./cloud.ts";
import { FLEETS, KEYS } from "./run-fleets.ts";

/** Manifests that a state names: five that were surely announced, five that may have been, and one under way. */
const MOST_MANIFESTS = 11;

type Settled = {
  bucket: ModelBucket;
  cloud: ModelCloud;
  /** Undefined: who gets what is not told. */
  shares: ReadonlyMap<string, number> | undefined;
  mode: FleetAnnouncements;
  deaths: number;
};

/** What is not as it must be once all has settled, a sentence each. [NF-11.14] */
export function wrongWith(settled: Settled): string[] {
  return FLEETS.flatMap((fleet) => {
    const text = settled.cloud.objects.get(fleetStateKey(fleet));
    const state = typeof text === "string" ? parseFleetState(text) : undefined;
    const shown = settled.cloud.variables.get(fleet)?.get(variableName(fleet));
    if (settled.mode === "notes" && fleet.startsWith("fleet:"))
      return shown === undefined ? [] : [`${fleet}: the variable is still there`];
    if (state === undefined) {
      const keys = KEYS.filter(
        (key) => fleetOfKey(key) === fleet && settled.bucket.current(key) !== undefined,
      );
      return keys.length === 0 ? [] : [`${fleet}: nothing is known of it`];
    }
    return [...wrongFiles(fleet, state, settled), ...wrongVariable(fleet, state, shown, settled)].map(
      (sentence) => `${fleet}: ${sentence}`,
    );
  });
}

function fleetOfKey(key: string): string {
  return manifestOwner(addressKey(key).target) ?? "fleet:1";
}

function wrongFiles(fleet: string, { files }: FleetState, { bucket, shares }: Settled): string[] {
  const path = (key: string) => key.replace(ownKey(fleet, ""), "");
  const paths = Object.keys(files).map(path);
  return KEYS.filter((key) => fleetOfKey(key) === fleet).flatMap((key) => {
    const [file, current] = [files[key], bucket.current(key)];
    const isInTheWay = paths.some(
      (each) => each.startsWith(`${path(key)}/`) || path(key).startsWith(`${each}/`),
    );
    if (file !== undefined && isInTheWay) return [`${key} is a file and a folder`];
    if (file === undefined && isInTheWay) return []; // refused
    if (file?.version !== current?.versionId)
      return [`${key} is ${current?.versionId}, the state says ${file?.version}`];
    if (file === undefined || shares === undefined) return [];
    const percent = shares.get(file.version);
    return file.share?.[0] === percent
      ? []
      : [`${key} is for ${percent} %, the state says ${file.share?.[0]}`];
  });
}

/** A higher `seq` of the same version is told with the next change. */
function unordered(manifest: Manifest): string {
  return formatManifest({ ...manifest, files: manifest.files.map((file) => ({ ...file, seq: undefined })) });
}

function wrongVariable(
  fleet: string,
  state: FleetState,
  shown: string | undefined,
  { cloud, deaths }: Settled,
): string[] {
  const { announced, manifests } = state;
  if (announced === undefined && state.changedAt === undefined)
    return shown === undefined ? [] : ["a variable is there that nobody knows of"];
  if (announced?.revision !== state.revision) return ["the last revision is not on record as announced"];
  const find = (key: string) => {
    const found = cloud.objects.get(key);
    return typeof found === "string" || found === undefined ? undefined : Buffer.from(found);
  };
  if (!fleet.startsWith("fleet:"))
    return wrongJobs(state, cloud.iot.all, (sha256) => find(packedKey({ sha256, manifest: true })));
  const notice = parseVariable(shown ?? "");
  if (notice?.serial !== announced.serial)
    return [`the variable says ${notice?.serial}, the state ${announced.serial}`];
  const made = manifestOfState(state, { serial: announced.serial, prune: false });
  const whole = (sha256: string) => find(packedKey({ sha256, manifest: true }));
  const wrong: string[] = [];
  const text = whole(notice.sha256)?.toString() ?? "";
  if (manifestDigest(text) !== notice.sha256) wrong.push("the announced manifest is not stored");
  const told = parseManifest(Buffer.from(text));
  if (told === undefined || unordered(told) !== unordered(made))
    wrong.push("another manifest is announced than the state makes");
  const stored = manifests.find(({ serial }) => serial === announced.serial);
  if (stored?.step !== undefined) {
    const { base } = stored.step;
    const step = parseStep(
      find(packedKey({ sha256: stored.sha256, base, manifest: true })) ?? Buffer.alloc(0),
    );
    const dictionary = whole(base);
    const led = step && dictionary && zstdDecompressSync(step.manifest, { dictionary }).toString();
    if (led !== text) wrong.push("the step does not lead to the manifest");
    if (notice.step?.base !== base.slice(0, 8)) wrong.push("the variable names another step");
  }
  for (const { sha256, isDoubtful } of manifests)
    if (!isDoubtful && whole(sha256) === undefined) wrong.push("a kept manifest is not stored");
  const named = new Set(manifests.map(({ sha256 }) => sha256));
  if (manifests.length > MOST_MANIFESTS) wrong.push(`${manifests.length} manifests are kept`);
  const ownText = `{"fleet":"${fleet}"`;
  const left = [...cloud.objects].filter(
    ([key, value]) =>
      key.startsWith("manifest/") &&
      Buffer.from(value).toString().startsWith(ownText) &&
      !named.has(key.slice("manifest/".length)),
  );
  if (left.length > deaths + MOST_MANIFESTS) wrong.push(`${left.length} manifests are left over`);
  return wrong;
}
