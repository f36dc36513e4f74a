import type { Reply } from "./reply.ts";

/**
 * A reply with `err`: the Notecard understood the request and could not do it. The message is the text of `err`; its codes are
 * those of https://dev.blues.io/notecard/notecard-walkthrough/notecard-error-and-status-codes/.
 */
export class NotecardError extends Error {
  override name = "NotecardError" as const;
  /** The request's name, for a log line. */
  readonly request: string;
  /** The codes, without their braces: `["note-noexist"]`. */
  readonly codes: readonly string[];
  /** The whole reply: `card.binary` and `hub.status` say more than what went wrong. */
  readonly reply: Reply;

  constructor(request: string, err: string, reply: Reply = { err }) {
    super(plainText(err));
    this.request = request;
    this.reply = reply;
    this.codes = [...err.matchAll(/\{([a-z0-9-]+)\}/g)].map(([, code = ""]) => code);
  }

  has(code: string): boolean {
    return this.codes.includes(code);
  }
}

/** The text comes over a line, and perhaps from a web server: it must not control a terminal. */
function plainText(err: string): string {
  return err.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ").slice(0, 500);
}
