import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseSettings, SettingsRefused } from "../../lib/settings.ts";
import { ALL_SETTINGS } from "../support/all-settings.ts";
import { thrownBy } from "../support/thrown-by.ts";

const PROJECT = { project: "app:1" };
const NAMES = Object.keys(ALL_SETTINGS);

test("a project is enough; the rest has defaults", () => {
  expect(parseSettings(PROJECT)).toEqual({
    project: "app:1",
    fleetAnnouncements: "variable",
    notehubCallsPerMinute: 7,
    prune: false,
    maxFileBytes: 5_368_709_120,
    notehubUrl: "https://api.notefile.net",
    logRetentionDays: 90,
    tracing: false,
    accessLogs: false,
    packing: "on",
    patchMaxBytes: 2_097_152,
    zstdMaxBytes: 67_108_864,
    packSeconds: 60,
    iot: "off",
    iotTargetSelection: "CONTINUOUS",
  });
});

test("every setting is taken as it is given", () => {
  expect(parseSettings(ALL_SETTINGS)).toEqual(ALL_SETTINGS);
});

test("numbers may be text, as -c gives them", () => {
  const text = { ...PROJECT, maxFileBytes: "1000000", logRetentionDays: "30", fileServerConcurrency: "20" };
  expect(parseSettings(text)).toMatchObject({
    maxFileBytes: 1_000_000,
    logRetentionDays: 30,
    fileServerConcurrency: 20,
  });
});

test.each([
  ["project", "com.example.lamps:street"],
  ["project", "app:2606f411-dea6-44a0-9743-1130f57d77d8"],
  ["defaultTarget", "dev:864475046552567"],
  ["maxFileBytes", 1],
  ["maxFileBytes", 5 * 1024 ** 3],
  ["alarmTopicArn", "arn:aws-cn:sns:cn-north-1:123456789012:x"],
  ["notehubUrl", "http://localhost:4573"],
  ["notehubUrl", "http://127.0.0.1:4573"],
])("%s may be %s", (name, value) => {
  expect(parseSettings({ ...PROJECT, [name]: value })).toHaveProperty(name, value);
});

test("a trailing slash of notehubUrl is taken off: paths are joined to it", () => {
  expect(parseSettings({ ...PROJECT, notehubUrl: "https://API.notefile.net/" }).notehubUrl).toBe(
    "https://api.notefile.net",
  );
});

describe("what is wrong is refused by name, and with a way out:", () => {
  test.each<[string, unknown]>([
    ["project", undefined],
    ["project", ""],
    ["project", "lamps"],
    ["project", "app:"],
    ["project", "app:1/../2"], // it becomes part of a Notehub address
    ["project", "app:1?x"],
    ["project", "app:1\n"],
    ["product", "lamps"],
    ["product", null],
    ["defaultTarget", "lamp"],
    ["defaultTarget", "dev:"],
    ["fleetAnnouncements", "manifest"],
    ["fleetAnnouncements", true],
    ["notehubCallsPerMinute", 0],
    ["notehubCallsPerMinute", "7.5"],
    ["prune", "yes"],
    ["prune", 1],
    ["maxFileBytes", 0],
    ["maxFileBytes", 5 * 1024 ** 3 + 1],
    ["maxFileBytes", "1e6"],
    ["maxFileBytes", " 5"],
    ["maxFileBytes", "05"],
    ["maxFileBytes", ""],
    ["maxFileBytes", 1.5],
    ["maxFileBytes", true],
    ["logRetentionDays", 31],
    ["logRetentionDays", 9999], // for ever
    ["alarmTopicArn", "alarms"],
    ["alarmTopicArn", "arn:aws:sqs:eu-central-1:123456789012:alarms"],
    ["fileServerConcurrency", 0],
    ["packing", "yes"],
    ["packing", true],
    ["patchMaxBytes", 4 * 1024 ** 2 + 1], // more than a device's window reaches
    ["zstdMaxBytes", 1024 ** 3],
    ["packSeconds", 0],
    ["packSeconds", 121],
    ["notifierMemoryMb", 128],
    ["iot", true],
    ["iotTargetSelection", "continuous"],
    ["iotRollout", "fast"],
    ["iotRollout", { maximumPerMinute: 1001 }],
    ["iotRollout", { maximumPerMinute: 0 }],
    ["iotRollout", { perMinute: 10 }],
    [
      "iotRollout",
      { exponentialRate: { baseRatePerMinute: 10, incrementFactor: 6, rateIncreaseCriteria: {} } },
    ],
    ["iotAbort", []],
    ["iotAbort", [{ failureType: "LOST", thresholdPercentage: 20, minNumberOfExecutedThings: 1 }]],
    ["iotAbort", [{ failureType: "ALL", thresholdPercentage: 0, minNumberOfExecutedThings: 1 }]],
    ["iotRetry", [{ failureType: "FAILED", numberOfRetries: 11 }]],
    ["iotRetry", [{ failureType: "REJECTED", numberOfRetries: 1 }]], // AWS retries those of two kinds
    ["iotTimeoutMinutes", 0],
    ["iotTimeoutMinutes", 10_081],
    ["notehubUrl", "api.notefile.net"],
    ["notehubUrl", "http://api.notefile.net"], // the token would be readable
    ["notehubUrl", "http://localhost.example.com"],
    ["notehubUrl", "https://user:secret@api.notefile.net"],
    ["notehubUrl", "https://api.notefile.net/v1"],
    ["notehubUrl", "https://api.notefile.net?a"],
    ["notehubUrl", "https://"],
    ["notehubUrl", ["https://api.notefile.net"]],
  ])("%s = %j", (name, value) => {
    const refused = thrownBy(() => parseSettings({ ...PROJECT, [name]: value }));
    expect(refused).toBeInstanceOf(SettingsRefused);
    const found = value === undefined ? "nothing" : JSON.stringify(value);
    expect(String(refused)).toContain(`setting ${name}: expected `);
    expect(String(refused)).toContain(
      `, found ${found}; give it in cdk.json, under context, or with -c ${name}=`,
    );
    expect(String(refused).split("\n")).toHaveLength(1);
  });

  test("several at once, a line each", () => {
    const refused = thrownBy(() => parseSettings({ product: 1, maxFileBytes: -1, colour: "red" }));
    const named = String(refused).matchAll(/setting (\w+)/g);
    expect([...named].map(([, name]) => name)).toEqual(["project", "product", "maxFileBytes", "colour"]);
  });

  test("and shown only in part when it is long", () => {
    const refused = thrownBy(() => parseSettings({ project: "x".repeat(10_000) }));
    expect(String(refused).length).toBeLessThan(400);
  });
});

test.each(["prodct", "Project", "max-file-bytes", "default_target", "notehub:url", "log/retention/days", ""])(
  "the misspelt setting %j is refused, not ignored",
  (name) => {
    expect(() => parseSettings({ ...PROJECT, [name]: "x" })).toThrow(
      `setting ${name}: unknown; the settings are`,
    );
  },
);

test.each([
  "aws:cdk:bundling-stacks",
  "@aws-cdk/aws-iam:minimizePolicies",
  "availability-zones:account=123456789012:region=eu-central-1",
  "acknowledged-issue-numbers",
  "cli-telemetry",
])("CDK's own %s is left alone", (name) => {
  expect(parseSettings({ ...PROJECT, [name]: true })).not.toHaveProperty(name);
});

test("whatever the context holds, it is parsed or refused with a sentence about a setting", () => {
  const context = fc.dictionary(
    fc.oneof(fc.constantFrom(...NAMES), fc.string()),
    fc.oneof(fc.constantFrom(...Object.values(ALL_SETTINGS)), fc.jsonValue(), fc.string()),
  );
  fc.assert(
    fc.property(context, (given) => {
      const refused = thrownBy(() => parseSettings(given));
      if (refused === undefined) return;
      expect(refused).toBeInstanceOf(SettingsRefused);
      expect(String(refused)).toMatch(/^SettingsRefused: setting /);
    }),
    { numRuns: 1000 },
  );
});

test("lists and objects may be text, as -c gives them", () => {
  const { iotRollout, iotAbort, iotRetry } = ALL_SETTINGS;
  const text = Object.entries({ iotRollout, iotAbort, iotRetry }).map(([name, value]) => [
    name,
    JSON.stringify(value),
  ]);
  const parsed = parseSettings({ ...PROJECT, ...Object.fromEntries(text) });
  expect(parsed).toMatchObject({ iotRollout, iotAbort, iotRetry });
});

test("yes and no are taken from text too", () => {
  for (const prune of [true, false]) {
    expect(parseSettings({ ...PROJECT, prune: String(prune) }).prune).toBe(prune);
    expect(parseSettings({ ...PROJECT, prune }).prune).toBe(prune);
  }
});

test("a number is taken from text if and only if it prints back the same", () => {
  const text = fc.oneof(fc.integer().map(String), fc.stringMatching(/^[-+ 0-9.exX_]{1,12}$/));
  fc.assert(
    fc.property(text, (maxFileBytes) => {
      const plain = /^[1-9][0-9]*$/.test(maxFileBytes) && Number(maxFileBytes) <= 5 * 1024 ** 3;
      const refused = thrownBy(() => parseSettings({ ...PROJECT, maxFileBytes }));
      expect(refused === undefined).toBe(plain);
    }),
    { numRuns: 1000 },
  );
});

test("what was parsed parses to itself", () => {
  const origin = fc.webAuthority().map((authority) => `https://${authority}/`);
  fc.assert(
    fc.property(origin, (notehubUrl) => {
      const context = { ...ALL_SETTINGS, notehubUrl };
      if (thrownBy(() => parseSettings(context)) !== undefined) return;
      const once = parseSettings(context);
      expect(parseSettings(once)).toEqual(once);
      expect(once.notehubUrl).not.toMatch(/\/$/);
    }),
  );
});
