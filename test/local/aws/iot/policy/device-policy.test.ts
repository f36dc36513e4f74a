import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PolicyError, type PolicyStatement } from "../../../../../local/aws/iam/policy-statement.ts";
import { createDevicePolicy } from "../../../../../local/aws/iot/policy/device-policy.ts";
import { ACCOUNT, DEVICE_POLICY, topicArn } from "../support/device-policy.ts";

const PUMP = { clientId: "pump", thing: "pump", attached: true };
const allow = (Action: string, Resource: string): PolicyStatement => ({ Effect: "Allow", Action, Resource });

describe("createDevicePolicy", () => {
  test("binds a thing to its own name and its own jobs", () => {
    const may = createDevicePolicy(DEVICE_POLICY, ACCOUNT)(PUMP);
    expect(may("Connect", "pump")).toBe(true);
    expect(may("Connect", "valve")).toBe(false);
    for (const action of ["Publish", "Receive", "Subscribe"] as const) {
      expect(may(action, "$aws/things/pump/jobs/$next/get")).toBe(true);
      expect(may(action, "$aws/things/valve/jobs/$next/get")).toBe(false);
      expect(may(action, "$aws/things/pump")).toBe(false);
      expect(may(action, "$aws/things/pump2/jobs/get")).toBe(false); // a name that begins the same
    }
  });

  test("allows nothing by a variable that has no value", () => {
    const may = createDevicePolicy(
      DEVICE_POLICY,
      ACCOUNT,
    )({ clientId: "new", thing: undefined, attached: false });
    expect(may("Connect", "new")).toBe(false);
    expect(may("Publish", "$aws/things//jobs/get")).toBe(false);
  });

  test("takes + and # for the characters that they are", () => {
    const may = createDevicePolicy(
      [allow("iot:Subscribe", "arn:aws:iot:us-east-1:000000000000:topicfilter/a/+/#")],
      ACCOUNT,
    )(PUMP);
    expect(may("Subscribe", "a/+/#")).toBe(true);
    expect(may("Subscribe", "a/b/c")).toBe(false);
  });

  test("lets a Deny win, and a literal wildcard be written", () => {
    const deny: PolicyStatement = { Effect: "Deny", Action: "iot:Publish", Resource: topicArn("secret/*") };
    const may = createDevicePolicy([allow("iot:*", "*"), deny], ACCOUNT)(PUMP);
    expect(may("Publish", "open")).toBe(true);
    expect(may("Publish", "secret/x")).toBe(false);
    const star = createDevicePolicy([allow("iot:Publish", topicArn(`a\${*}`))], ACCOUNT)(PUMP);
    expect(star("Publish", "a*")).toBe(true);
    expect(star("Publish", "ab")).toBe(false);
  });

  test("a client id is never a wildcard", () => {
    const policy = createDevicePolicy([allow("iot:Publish", topicArn(`of/\${iot:ClientId}`))], ACCOUNT);
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (clientId, other) => {
        const may = policy({ clientId, thing: undefined, attached: false });
        expect(may("Publish", `of/${clientId}`)).toBe(true);
        expect(may("Publish", `of/${other}`)).toBe(clientId === other);
      }),
    );
    const may = policy({ clientId: "*", thing: undefined, attached: false });
    expect(may("Publish", "of/valve")).toBe(false);
  });

  test.each([
    [`\${iot:Certificate.Subject.CommonName}`, "iot:Certificate.Subject.CommonName"],
    [`\${aws:SourceIp}`, "aws:SourceIp"],
  ])("refuses the variable %s by its name, at once", (variable, named) => {
    expect(() => createDevicePolicy([allow("iot:Publish", topicArn(variable))], ACCOUNT)).toThrow(
      PolicyError,
    );
    expect(() => createDevicePolicy([allow("iot:Publish", topicArn(variable))], ACCOUNT)).toThrow(named);
  });
});
