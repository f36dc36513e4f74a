import * as v from "valibot";
import { RECEIPT_NOTEFILE } from "../../../protocol/notefiles.ts";
import { OperatorError } from "../operator-error.ts";
import type { NotehubApi } from "./notehub-api.ts";

const PAGE_SIZE = 200;

const Page = v.object({
  events: v.nullish(v.array(v.looseObject({})), []),
  next_cursor: v.nullish(v.string(), ""),
  has_more: v.optional(v.boolean(), false),
});

/** Events with receipts, a page at a time, in Notehub's order. @throws {OperatorError} */
export async function* readReceiptEvents(
  api: NotehubApi,
  since: Date | undefined,
): AsyncGenerator<Record<string, unknown>[]> {
  const query = new URLSearchParams({ limit: String(PAGE_SIZE), files: RECEIPT_NOTEFILE });
  if (since !== undefined) query.set("startDate", String(Math.floor(since.getTime() / 1000)));
  for (let cursor = ""; ; ) {
    if (cursor !== "") query.set("cursor", cursor);
    const parsed = v.safeParse(Page, await api.call("GET", `/events-cursor?${query}`));
    if (!parsed.success) throw new OperatorError("fault", "Notehub's answer about events cannot be read");
    const { events, next_cursor, has_more } = parsed.output;
    yield events ?? [];
    if (!has_more || next_cursor === cursor || next_cursor == null || next_cursor === "") return;
    cursor = next_cursor;
  }
}
