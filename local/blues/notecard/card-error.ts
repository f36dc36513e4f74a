/**
 * A request that a Notecard answers with `err`. Its message is that text, with a code of the published list in braces:
 * https://dev.blues.io/notecard/notecard-walkthrough/notecard-error-and-status-codes/ and note-go's `note/errors.go`.
 */
export class CardError extends Error {
  override name = "CardError" as const;
}
