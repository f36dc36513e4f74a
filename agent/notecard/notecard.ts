import { createHash } from "node:crypto";
import * as v from "valibot";
import { CobsMalformed, decodeCobs } from "./cobs.ts";
import { LineError } from "./line-error.ts";
import type { Port } from "./port.ts";
import type { Reply } from "./reply.ts";
import { createTransactions, type Request, type TransactionOptions } from "./transaction.ts";

/**
 * A Notecard on the other end of a port. Calls made at the same time take turns, since the protocol has one transaction at a
 * time.
 */
export type Notecard = {
  /**
   * Sends a request and waits for its reply. Repeats it where that is safe.
   *
   * @throws {NotecardError} if the reply has `err`
   * @throws {LineError} if no reply came, or only damaged ones
   * @throws {PortClosed} if the line is gone
   */
  request(request: Request, options?: TransactionOptions): Promise<Reply>;
  /**
   * Reads bytes of the Notecard's binary buffer, decodes them and verifies their MD5. Ask for 64 KiB at most: a repeat stays cheap.
   *
   * @throws as `request`; {LineError} `garbled` after three damaged packets.
   */
  readBinary(offset: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
};

const BinaryReply = v.object({ status: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/i)) });

/** As many as note-c's `NoteBinaryStoreReceive` makes. */
const BINARY_TRIES = 3;

export function createNotecard(port: Port): Notecard {
  const transactions = createTransactions(port);
  let last: Promise<unknown> = Promise.resolve();

  function inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
    const turn = last.then(task, task);
    last = turn.catch(() => undefined);
    return turn;
  }

  async function readOnce(offset: number, length: number): Promise<Buffer> {
    const reply = v.safeParse(
      BinaryReply,
      await transactions.transact({ req: "card.binary.get", offset, length }),
    );
    transactions.setInStep(false); // a packet may follow even if the reply makes no sense
    if (!reply.success) throw new LineError("garbled", "card.binary.get tells no MD5");
    const packet = await transactions.readPacket(length + Math.floor(length / 254) + 2);
    const bytes = decoded(packet);
    const md5 = createHash("md5").update(bytes).digest("hex");
    if (bytes.length !== length || md5 !== reply.output.status.toLowerCase()) {
      throw new LineError("garbled", "a packet of the binary buffer is damaged");
    }
    transactions.setInStep(true);
    return bytes;
  }

  return {
    request: (request, options) => inTurn(() => transactions.transact(request, options)),
    readBinary: (offset, length) =>
      inTurn(async () => {
        for (let left = BINARY_TRIES; ; left -= 1) {
          try {
            return await readOnce(offset, length);
          } catch (error) {
            if (left <= 1 || !(error instanceof LineError)) throw error;
          }
        }
      }),
    close: () => port.close(),
  };
}

function decoded(packet: Buffer): Buffer {
  try {
    return decodeCobs(packet);
  } catch (cause) {
    if (cause instanceof CobsMalformed) throw new LineError("garbled", "a packet is damaged", { cause });
    throw cause;
  }
}
