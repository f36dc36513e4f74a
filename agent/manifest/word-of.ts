import { variableName } from "../../protocol/manifest-variable.ts";
import type { Outbox } from "../delivery/outbox.ts";
import type { ManifestWord } from "../link/iot/judge-job.ts";
import type { KeptManifests } from "../state/kept-manifests.ts";
import type { Hearing } from "./hear.ts";

/** What is known of the manifests of a target, for a link that has to say how its jobs end. All but the failure is on disk. [NF-13.5] */
export function createWordOf(
  kept: Pick<KeptManifests, "all">,
  outbox: Pick<Outbox, "toldOf" | "hasLeft">,
  hearing: Pick<Hearing, "failureOf">,
  stage: string | undefined,
): (target: string) => ManifestWord {
  return (target) => {
    const told = outbox.toldOf(target);
    return {
      serial: kept.all().get(target)?.manifest.serial,
      told: told && { ...told, hasLeft: outbox.hasLeft(target) },
      failure: hearing.failureOf(variableName(target, stage)),
    };
  };
}
