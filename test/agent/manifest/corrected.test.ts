import { describe, expect, test } from "vitest";
import type { AgentEvent } from "../../../agent/events/agent-event.ts";
import { formatVariable, parseVariable } from "../../../protocol/manifest-variable.ts";
import { deviceOfFleet, filesOf } from "../support/fleet-device.ts";

/** A device whose fleet's variable says something wrong of a manifest that is right. */
async function told(lie: { serial?: number; size?: number }) {
  const device = await deviceOfFleet({ noZstd: true });
  const { card, fleet, start } = device;
  fleet.announce(filesOf(1));
  const right = card.variables.get(fleet.variable) ?? "";
  const notice = parseVariable(right);
  if (notice === undefined) throw new Error("nothing is announced");
  card.setVariable(fleet.variable, formatVariable({ ...notice, ...lie }));
  const agent = start({ flags: ["--rest", "0.02"] });
  return { ...device, agent, notice, correct: () => card.setVariable(fleet.variable, right) };
}

/** Has the agent look at its variables twice. */
async function lookTwice({ card, agent }: Awaited<ReturnType<typeof told>>) {
  for (const text of ["a Note", "another"]) {
    card.publish("note.txt", Buffer.from(text));
    await agent.next("installed");
  }
}

describe("a variable that says something wrong of its manifest [NF-11.4]", () => {
  test.each([
    ["its serial", { serial: 2 ** 53 - 1 }],
    ["that it is shorter", { size: 20 }],
    ["that it is longer", { size: 4_000_000 }],
  ])("%s: costs a request or two, and is heard once it is corrected", async (_, lie) => {
    const device = await told(lie);
    const { agent, correct, content, asked } = device;
    await expect.poll(() => agent.events.filter(isRefusal)).toHaveLength(1);
    const requests = () => asked().filter((name) => name.includes("manifest/")).length;
    expect(requests()).toBeLessThanOrEqual(2);
    const before = requests();
    await lookTwice(device);
    expect(requests()).toBe(before);
    correct();
    await agent.next("brought");
    expect(await content("app/file-0.py")).toBeDefined();
  });
});

function isRefusal(event: AgentEvent): boolean {
  return event.event === "manifest-failed" && event.retrySeconds === undefined;
}
