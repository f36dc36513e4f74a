import { expect, test } from "vitest";
import { decideAnnouncement } from "../../../../functions/file-notifier/fleet/decide-announcement.ts";
import { parseFleetMessage } from "../../../../functions/file-notifier/message/fleet-message.ts";
import { tellAnew } from "../../../../operator/cloud/fleets/tell-anew.ts";
import type { FleetState } from "../../../../protocol/fleet-state.ts";

const fleet = "thing:pump";
const announced = { revision: 4, serial: 9, at: 0 };
const told: FleetState = { version: 1, fleet, revision: 4, files: {}, serial: 9, announced, manifests: [] };

test("the notifier tells once more what it had told, and once only", () => {
  const message = parseFleetMessage(tellAnew(fleet, told));
  if (message === undefined || message === "unreadable" || message.kind !== "announce-fleet")
    throw new Error("no message that the notifier reads");
  expect(decideAnnouncement(told, message.ask, 1)).toEqual({ do: "announce" });
  const since = { ...told, announced: { ...announced, serial: 10 } };
  expect(decideAnnouncement(since, message.ask, 1)).toMatchObject({ do: "drop" });
});

test.each<[string, FleetState | undefined, string]>([
  ["was never told of a file", undefined, "there is no file for it"],
  ["waits to be told first", { ...told, announced: undefined }, "its first files wait to be told"],
  ["has changed since", { ...told, revision: 5 }, "is about to be told"],
  [
    "is being told",
    { ...told, announcing: { claimId: "1", revision: 4, serial: 10, expires: 9 } },
    "is about to be told",
  ],
])("who %s is not told anew", (_what, state, sentence) => {
  expect(() => tellAnew(fleet, state)).toThrow(sentence);
});
