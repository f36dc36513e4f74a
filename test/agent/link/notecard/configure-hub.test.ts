import { expect, test } from "vitest";
import { startDevice } from "../../support/agent-under-test.ts";

test.each<[string, object, object[]]>([
  [
    "that is not told of Notes at once",
    { mode: "continuous", inbound: 60 },
    [{ req: "hub.set", sync: true }],
  ],
  ["that has it all", { mode: "continuous", inbound: 60, sync: true }, []],
  ["that never looks for Notes", { mode: "continuous", sync: true }, [{ req: "hub.set", inbound: 60 }]],
  [
    "that was periodic",
    { mode: "periodic", inbound: 5 },
    [{ req: "hub.set", mode: "continuous", sync: true }],
  ],
])("with --mode continuous a Notecard %s: what differs is set", async (_what, settings, sets) => {
  const { fake, start } = await startDevice();
  fake.script = ({ req }) => (req === "hub.get" ? { reply: settings } : undefined);
  await start({ flags: ["--mode", "continuous"] }).next("ready");
  expect(fake.requests.filter(({ req }) => req === "hub.set")).toEqual(sets);
});
