/** No retry can help: the message belongs in the dead-letter queue, with this sentence as the reason. */
export class Undeliverable extends Error {
  override name = "Undeliverable" as const;
}
