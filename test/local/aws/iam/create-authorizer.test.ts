import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AccessRequest } from "../../../../local/aws/iam/authorize.ts";
import { createAuthorizer, ROOT } from "../../../../local/aws/iam/create-authorizer.ts";
import { PolicyError, type PolicyStatement } from "../../../../local/aws/iam/policy-statement.ts";

const ROLE = "arn:aws:iam::123456789012:role/server";
const read: AccessRequest = { principal: ROLE, action: "s3:GetObject", resource: "arn:aws:s3:::files/a" };

/** Whether a role with these statements may do this. */
const may = (statements: PolicyStatement[], request: AccessRequest = read): boolean =>
  createAuthorizer([{ principal: ROLE, statements }])(request);

const allow = (more: Partial<PolicyStatement>): PolicyStatement => ({ Effect: "Allow", ...more });

describe("a role", () => {
  test("may do nothing that no statement allows", () => {
    expect(may([])).toBe(false);
    expect(may([allow({ Action: "s3:PutObject", Resource: "*" })])).toBe(false);
    expect(may([allow({ Action: "s3:GetObject", Resource: "arn:aws:s3:::other/*" })])).toBe(false);
  });

  test("may do what a statement allows, by wildcards and in any case of the action", () => {
    for (const Action of [
      "s3:GetObject",
      "s3:getobject",
      "s3:Get*",
      "s3:*",
      "*",
      ["sqs:*", "s3:GetObj?ct"],
    ]) {
      expect(may([allow({ Action, Resource: "arn:aws:s3:::files/*" })])).toBe(true);
    }
    expect(may([allow({ Action: "s3:GetObject", Resource: "arn:aws:s3:::FILES/*" })])).toBe(false);
  });

  test("may not do what a statement denies, whatever the others allow", () => {
    const everything = allow({ Action: "*", Resource: "*" });
    expect(may([everything, { Effect: "Deny", Action: "s3:Get*", Resource: "*" }])).toBe(false);
    expect(may([everything, { Effect: "Deny", Action: "s3:Put*", Resource: "*" }])).toBe(true);
  });

  test("NotAction and NotResource", () => {
    expect(may([allow({ NotAction: "s3:Put*", Resource: "*" })])).toBe(true);
    expect(may([allow({ NotAction: "s3:Get*", Resource: "*" })])).toBe(false);
    expect(may([allow({ Action: "s3:*", NotResource: "arn:aws:s3:::files/secret/*" })])).toBe(true);
    expect(may([allow({ Action: "s3:*", NotResource: "arn:aws:s3:::files/*" })])).toBe(false);
  });

  test("has all the policies attached to it, and no other role's", () => {
    const authorize = createAuthorizer([
      { principal: ROLE, statements: [] },
      { principal: ROLE, statements: [allow({ Action: "s3:GetObject", Resource: "*" })] },
    ]);
    expect(authorize(read)).toBe(true);
    expect(authorize({ ...read, principal: "arn:aws:iam::123456789012:role/other" })).toBe(false);
  });
});

describe("conditions", () => {
  const when = (Condition: PolicyStatement["Condition"]) => [
    allow({ Action: "*", Resource: "*", Condition }),
  ];
  const given = (context: Record<string, string>): AccessRequest => ({ ...read, context });

  test.each([
    [{ StringEquals: { "s3:prefix": "devices/" } }, { "s3:prefix": "devices/" }, true],
    [{ StringEquals: { "S3:Prefix": ["a", "devices/"] } }, { "s3:prefix": "devices/" }, true],
    [{ StringEquals: { "s3:prefix": "devices/*" } }, { "s3:prefix": "devices/1" }, false],
    [{ StringLike: { "s3:prefix": "devices/*" } }, { "s3:prefix": "devices/1" }, true],
    [{ StringEquals: { "s3:prefix": "devices/" } }, {}, false],
    [{ Bool: { "aws:SecureTransport": "false" } }, { "aws:SecureTransport": "false" }, true],
    [{ Bool: { "aws:SecureTransport": false } }, { "aws:SecureTransport": "true" }, false],
    [{ ArnLike: { "aws:SourceArn": "arn:aws:s3:::f*" } }, { "aws:SourceArn": "arn:aws:s3:::files" }, true],
    [{ ArnEquals: { "aws:SourceArn": "arn:*" } }, { "aws:SourceArn": "arn:aws:s3:::files" }, false],
    [{ StringEquals: { a: "1" }, Bool: { b: "true" } }, { a: "1", b: "false" }, false],
  ])("%j of %j: %s", (condition, context, expected) => {
    expect(may(when(condition), given(context))).toBe(expected);
  });

  test("an operator that is not evaluated is refused when the policy is loaded", () => {
    expect(() => may(when({ IpAddress: { "aws:SourceIp": "10.0.0.0/8" } }))).toThrow(PolicyError);
    expect(() => may(when({ StringEqualsIfExists: { a: "1" } }))).toThrow(/StringEqualsIfExists/);
  });
});

describe("policies of resources", () => {
  const denyInsecure: PolicyStatement = {
    Effect: "Deny",
    Principal: "*",
    Action: "s3:*",
    Resource: "arn:aws:s3:::files/*",
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  };

  test("deny everybody, the person at the machine too", () => {
    const authorize = createAuthorizer([], [denyInsecure]);
    const root = { ...read, principal: ROOT };
    expect(authorize({ ...root, context: { "aws:SecureTransport": "true" } })).toBe(true);
    expect(authorize({ ...root, context: { "aws:SecureTransport": "false" } })).toBe(false);
  });

  test("allow whom they name", () => {
    const grant = (Principal: unknown) =>
      createAuthorizer([], [{ ...denyInsecure, Effect: "Allow", Condition: {}, Principal }])(read);
    expect(grant("*")).toBe(true);
    expect(grant({ AWS: ROLE })).toBe(true);
    expect(grant({ AWS: ["arn:aws:iam::1:role/x", ROLE] })).toBe(true);
    expect(grant({ AWS: "arn:aws:iam::1:role/x" })).toBe(false);
    expect(grant({ Service: "s3.amazonaws.com" })).toBe(false);
    expect(() => grant(undefined)).toThrow(PolicyError);
  });
});

test("the person at the machine may do what nobody denies", () => {
  expect(createAuthorizer([])({ ...read, principal: ROOT })).toBe(true);
});

test("a statement without an action or a resource is refused", () => {
  expect(() => may([allow({ Action: "*" })])).toThrow(PolicyError);
  expect(() => may([allow({ Resource: "*" })])).toThrow(PolicyError);
});

test("wildcards match what the same pattern as a regular expression matches", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", ":"), maxLength: 8 });
  const pattern = fc.string({ unit: fc.constantFrom("a", "b", ":", "*", "?"), maxLength: 8 });
  fc.assert(
    fc.property(pattern, text, (Resource, resource) => {
      const expression = new RegExp(`^${Resource.replaceAll("*", ".*").replaceAll("?", ".")}$`);
      expect(may([allow({ Action: "*", Resource })], { ...read, resource })).toBe(expression.test(resource));
    }),
    { numRuns: 1000 },
  );
});
