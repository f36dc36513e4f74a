import type { Expression, Selected } from "./sql.ts";

/** A message as a rule sees it. */
export type RuleMessage = { topic: string; payload: Buffer; clientId: string | undefined; now: number };

/** A message that a rule cannot make anything of. */
export class NotForRule extends Error {
  override name = "NotForRule" as const;
}

/**
 * The object that a rule's actions get. What comes later replaces what has the same name, so `topic(3) AS thing` after `*` is the topic's
 * whatever the payload says.
 *
 * @throws {NotForRule} for a payload that is no JSON object, where members of it are selected.
 */
export function evaluate(selected: readonly Selected[], message: RuleMessage): Record<string, unknown> {
  const body = selected.some(isOfBody) ? readObject(message.payload) : {};
  const entries = selected.flatMap((item): [string, unknown][] => {
    if (item.kind === "all") return Object.entries(body);
    const value = resolve(item.expression, message, body);
    return value === undefined ? [] : [[item.name, value]];
  });
  return Object.fromEntries(entries);
}

/** Who selects no member of the payload gets any, such as `encode(*, 'base64')`. */
function isOfBody(item: Selected): boolean {
  return item.kind === "all" || item.expression.kind === "member";
}

function resolve(expression: Expression, message: RuleMessage, body: Record<string, unknown>): unknown {
  switch (expression.kind) {
    case "topic":
      if (expression.segment === undefined) return message.topic;
      return message.topic.split("/")[expression.segment - 1];
    case "clientid":
      return message.clientId ?? "n/a";
    case "timestamp":
      return message.now;
    case "base64":
      return message.payload.toString("base64");
    case "literal":
      return expression.value;
    case "member":
      return expression.path.reduce<unknown>(memberOf, body);
  }
}

function memberOf(value: unknown, name: string): unknown {
  const object = typeof value === "object" && value !== null && Object.hasOwn(value, name);
  return object ? Reflect.get(value, name) : undefined;
}

function readObject(payload: Buffer): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(payload.toString("utf8"));
  } catch (cause) {
    throw new NotForRule("the payload is not JSON", { cause });
  }
  if (typeof json === "object" && json !== null && !Array.isArray(json)) return { ...json };
  throw new NotForRule("the payload is no JSON object");
}
