/** No retry can help: the message belongs into the dead-letter queue, with this sentence as the reason. */
export class Undeliverable extends Error {
  override name = "Undeliverable" as const;
}
