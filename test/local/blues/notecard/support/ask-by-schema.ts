import { expect } from "vitest";
import { replyErrors, requestErrors } from "../../../../support/notecard-schema.ts";
import type { CardUnderTest } from "./card-under-test.ts";

/** Asks, and fails unless request and reply obey Blues' schemas. */
export async function ask({ host }: CardUnderTest, request: Record<string, unknown>) {
  expect(requestErrors(request), JSON.stringify(request)).toEqual([]);
  const reply = await host.ask(request);
  expect(replyErrors(String(request.req), reply), JSON.stringify(reply)).toEqual([]);
  return reply;
}
