import { compilePolicy, type Policy } from "../../iam/evaluate-policy.ts";
import { PolicyError, type PolicyStatement } from "../../iam/policy-statement.ts";
import { type IotAccount, iotArn } from "../arns.ts";

/** Who connects: what its client id, its certificate and the registry say. */
export type ConnectionIdentity = {
  clientId: string;
  /** The thing that the client id names, if there is one: AWS takes it from there, not from the certificate. */
  thing: string | undefined;
  /** Whether the certificate is that thing's. */
  attached: boolean;
};

export type DeviceAction = "Connect" | "Publish" | "RetainPublish" | "Subscribe" | "Receive";

/** What the policies allow one connection. `name` is a client id, a topic or a topic filter. */
export type MayDevice = (action: DeviceAction, name: string) => boolean;

const VARIABLE = /\$\{([^}]*)\}/g;

/** Wildcards are those of the policy alone: a client id or a topic with such a character must not act as one. */
const LITERALS = new Map([
  ["*", "\uE000"],
  ["?", "\uE001"],
  ["$", "$"],
]);

const RESOURCE_KINDS = {
  Connect: "client",
  Publish: "topic",
  RetainPublish: "topic",
  Subscribe: "topicfilter",
  Receive: "topic",
} as const;

/** By the name in the policy, what a variable stands for on a connection. */
function variables({
  clientId,
  thing,
  attached,
}: ConnectionIdentity): ReadonlyMap<string, string | undefined> {
  return new Map([
    ["iot:ClientId", clientId],
    ["iot:Connection.Thing.ThingName", thing],
    ["iot:Connection.Thing.IsAttached", String(attached)],
  ]);
}

/**
 * The policies attached to a certificate, to be asked for each connection with it. What is denied anywhere is denied; else it must be
 * allowed. `+` and `#` in a policy are those characters.
 *
 * https://docs.aws.amazon.com/iot/latest/developerguide/iot-policy-variables.html
 *
 * @throws {PolicyError} for what is not evaluated here, at once.
 */
export function createDevicePolicy(
  statements: readonly PolicyStatement[],
  account: IotAccount,
): (identity: ConnectionIdentity) => MayDevice {
  const known = variables({ clientId: "", thing: "", attached: false });
  for (const statement of statements) checkVariables(statement, known);
  compilePolicy(statements, "principal");
  return (identity) => {
    const values = variables(identity);
    const policy: Policy = compilePolicy(
      statements.flatMap((statement) => substitute(statement, values) ?? []),
      "principal",
    );
    const context = Object.fromEntries(
      [...values].flatMap(([name, value]) => (value === undefined ? [] : [[name, literal(value)]])),
    );
    return (action, name) =>
      policy({
        principal: identity.clientId,
        action: `iot:${action}`,
        resource: iotArn(account, RESOURCE_KINDS[action], literal(name)),
        context,
      }) === "allow";
  };
}

function checkVariables(statement: PolicyStatement, known: ReadonlyMap<string, unknown>): void {
  for (const [, name = ""] of JSON.stringify(statement).matchAll(VARIABLE)) {
    if (known.has(name) || LITERALS.has(name)) continue;
    throw new PolicyError(
      `the policy variable \${${name}} is not known here, only ${[...known.keys()].join(", ")}`,
    );
  }
}

/** Undefined where a variable has no value: such a statement matches nothing. */
function substitute(
  statement: PolicyStatement,
  values: ReadonlyMap<string, string | undefined>,
): PolicyStatement | undefined {
  let complete = true;
  const replace = (text: string) =>
    text.replaceAll(VARIABLE, (_, name: string) => {
      const value = LITERALS.get(name) ?? values.get(name);
      if (value === undefined) complete = false;
      return literal(value ?? "");
    });
  const resolved = mapStrings(statement, replace);
  return complete ? resolved : undefined;
}

function mapStrings(statement: PolicyStatement, map: (text: string) => string): PolicyStatement {
  return JSON.parse(JSON.stringify(statement), (_, value) =>
    typeof value === "string" ? map(value) : value,
  );
}

function literal(text: string): string {
  return text.replaceAll(/[*?]/g, (character) => LITERALS.get(character) ?? character);
}
