import { projectFleets } from "../../cloud/notehub/fleet-devices.ts";
import { OperatorError } from "../../cloud/operator-error.ts";
import { countMessages } from "../../cloud/queues/file-queues.ts";
import type { Start, Targets } from "../api.ts";
import type { World } from "../world.ts";

/** Names that are proposed for a target. */
const MOST_PROPOSED = 50;

/** What the whole console is about. */
export async function startView({ deployment, queues }: World, signal: AbortSignal): Promise<Start> {
  const { visible } = await countMessages(queues, queues.deadLetterQueueUrl, signal);
  const { name, local, outputs } = deployment;
  return { deployment: name, local, defaultTarget: outputs.DefaultTarget, deadLetters: visible };
}

/** Whom a file may go to. Where Notehub does not say, a fleet's UID can still be typed. */
export async function targetsView({ deployment, pages, project }: World, prefix: string): Promise<Targets> {
  const [devices, fleets] = await Promise.all([
    pages.devices(prefix, MOST_PROPOSED),
    project()
      .then(projectFleets)
      .catch((error: unknown) => {
        if (error instanceof OperatorError) return [];
        throw error;
      }),
  ]);
  return { defaultTarget: deployment.outputs.DefaultTarget, fleets, devices: devices.items };
}
