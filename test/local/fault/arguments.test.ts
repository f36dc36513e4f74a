import type { InferOutput } from "valibot";
import { describe, expect, expectTypeOf, test } from "vitest";
import type { SerialFault } from "../../../local/blues/notecard/serial/faults.ts";
import type { ApiFault } from "../../../local/blues/notehub/api/faults.ts";
import type { RouteFault } from "../../../local/blues/notehub/proxy/faults.ts";
import type { NotehubFault, RouteFaultBody, SerialFaultBody } from "../../../local/control/fault-schemas.ts";
import { parseArguments } from "../../../local/fault/arguments.ts";
import { USAGE } from "../../../local/fault/usage.ts";
import { FlagError } from "../../../local/host/command-line/flags.ts";

const parse = (line: string) => parseArguments(line.split(" ").filter(Boolean), "/home/me");

test("every fault of the services can be asked for", () => {
  expectTypeOf<InferOutput<typeof NotehubFault>["kind"]>().toEqualTypeOf<ApiFault["kind"]>();
  expectTypeOf<InferOutput<typeof SerialFaultBody>["kind"]>().toEqualTypeOf<SerialFault["kind"]>();
  expectTypeOf<InferOutput<typeof RouteFaultBody>["kind"]>().toEqualTypeOf<RouteFault["kind"]>();
  for (const line of [
    "notehub rate-limit <retryAfterSeconds>",
    "route status <status> [body]",
    "serial heartbeat",
  ]) {
    expect(USAGE).toContain(`    ${line}\n`);
  }
});

describe("parseArguments", () => {
  test.each<[string, unknown]>([
    [
      "notehub slow 6000 --calls 1",
      { do: "inject", place: "notehub", fault: { kind: "slow", milliseconds: 6000, calls: 1 } },
    ],
    [
      "notehub lose-reply --method POST",
      { do: "inject", place: "notehub", fault: { kind: "lose-reply", method: "POST" } },
    ],
    [
      "serial truncate-reply 0.5 --requests 3",
      { do: "inject", place: "serial", fault: { kind: "truncate-reply", share: 0.5, requests: 3 } },
    ],
    [
      "notehub late-reply 6000 --path environment_variables --calls 1",
      {
        ...{ do: "inject", place: "notehub" },
        fault: { kind: "late-reply", milliseconds: 6000, path: "environment_variables", calls: 1 },
      },
    ],
    ["serial restart --device 7", { do: "inject", place: "serial", fault: { kind: "restart", device: "7" } }],
    ["route status 503", { do: "inject", place: "route", fault: { kind: "status", status: 503 } }],
    [
      "route status 200 42 --calls 2",
      { do: "inject", place: "route", fault: { kind: "status", status: 200, body: "42", calls: 2 } },
    ],
    ["clear", { do: "clear", places: ["notehub", "serial", "route"] }],
    ["clear route", { do: "clear", places: ["route"] }],
    ["kill file-server", { do: "kill", name: "file-server" }],
    ["calls", { do: "calls" }],
    ["events", { do: "events" }],
  ])("%s", (line, command) => {
    expect(parse(line)).toEqual({ dataDir: "/home/me/.noteferry", command });
  });

  test("takes the data folder relative to where it is run, and knows when only help is wanted", () => {
    expect(parse("calls --data d")).toMatchObject({ dataDir: "/home/me/d" });
    expect(parse("--help")).toBeUndefined();
  });

  test.each([
    ["", "say what"],
    ["nothing", "there is no nothing"],
    ["toString", "there is no toString"],
    ["notehub", "kind must be one of slow, "],
    ["notehub fast 3", "kind must be one of slow, "],
    ["notehub slow", "needs milliseconds"],
    ["notehub slow soon", "milliseconds must be a whole number"],
    ["notehub slow 6000 7000", "no use for 7000"],
    ["notehub slow 6000 --requests 2", 'no member "requests"'],
    ["notehub slow 6000 --calls many", "calls must be a whole number"],
    ["clear everything", "not everything"],
    ["kill", "the name of a function"],
    ["kill a b", "no use for b"],
    ["calls all", "no use for all"],
    ["events --calls 2", "--calls goes with a fault"],
    ["calls --loud", "--loud"],
  ])("refuses %j and says why", (line, sentence) => {
    expect(() => parse(line)).toThrow(FlagError);
    expect(() => parse(line)).toThrow(sentence);
  });
});
