import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createNoteStates } from "../../../agent/delivery/note-states.ts";
import { DEFAULT_RETRY_POLICY } from "../../../agent/delivery/retry-policy.ts";
import { FetchFailed } from "../../../agent/link/fetch-failed.ts";
import { createHearing } from "../../../agent/manifest/hear.ts";
import { openKeptManifests } from "../../../agent/state/kept-manifests.ts";
import { openPartialFiles } from "../../../agent/state/partial-files.ts";
import { createFleetLink } from "../../flow/support/model/fleet/link.ts";
import { createRandom } from "../../support/seeded-random.ts";

const NEVER = new AbortController().signal;

/** Hears of manifests of which a first piece comes, and then nothing more. */
async function hearingOfHalves() {
  const state = await mkdtemp(path.join(tmpdir(), "noteferry-hearing-"));
  onTestFinished(() => rm(state, { recursive: true }));
  const folder = path.join(state, "partial");
  const policy = { ...DEFAULT_RETRY_POLICY, attempts: 1 };
  const asks = { unpacking: { zstdMaxBytes: 0, patchMaxBytes: 0 }, stage: undefined };
  const files = { kept: await openKeptManifests(state), partials: await openPartialFiles(folder) };
  const hearing = createHearing(files, createNoteStates(policy), policy, asks, () => undefined);
  const link = createFleetLink({
    ...{ device: "dev:1", random: createRandom(1), faulty: () => false, step: async () => undefined },
    ...{
      now: () => 0,
      waits: () => undefined,
      piece: () => 10,
      queue: [],
      variables: new Map(),
      reports: [],
    },
    ...{ bucket: { current: () => undefined, find: () => undefined } },
    packed: () => Buffer.alloc(20),
    fetched() {
      fetches += 1;
      if (fetches % 2 === 0) throw new FetchFailed("offline", "no signal");
    },
  });
  let fetches = 0;
  const hear = (...variables: string[]) => {
    const notice = { serial: 1, sha256: "A".repeat(43), size: 20 };
    const announced = variables.map((variable) => ({ variable, notice }));
    return hearing.hear(link, announced, "dev:1", NEVER);
  };
  return { hearing, hear, begun: () => readdir(folder) };
}

test("of manifests that are told of no more nothing is left: neither why they could not be had, nor what had come of them", async () => {
  const { hearing, hear, begun } = await hearingOfHalves();
  for (let target = 0; target < 50; target += 1) await hear(`v${target}`);
  expect(hearing.failureOf("v0")).toBeUndefined();
  expect(hearing.failureOf("v49")).toMatchObject({ reason: "offline" });
  expect(await begun()).toHaveLength(1);
  await hear("v49", "v50");
  expect(await begun()).toHaveLength(2);
  await hear(); // of a Notecard that was just started
  expect(hearing.failureOf("v49")).toMatchObject({ reason: "offline" });
  expect(await begun()).toHaveLength(2);
});
