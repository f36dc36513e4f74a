import type { Device, RunningAgent } from "../../support/agent-under-test.ts";

/** An agent that could not begin is begun again, as its service does. */
export async function untilItRuns(
  device: Device,
  agent: RunningAgent,
  flags: string[] = [],
): Promise<RunningAgent> {
  const runs = await agent.next("ready").then(
    () => true,
    () => false,
  );
  return runs ? agent : device.spawn({ flags });
}
