import { createServer, type Socket } from "node:net";
import { appendCrc, splitCrc } from "../../../agent/notecard/request-crc.ts";
import { type Answer, createFakeCard, type FakeCard } from "./fake-card.ts";

export type FakeRequest = { req: string; [member: string]: unknown };

/** What a script may do to one request, in place of the fake's own answer. */
export type Stroke =
  | { reply: object }
  /** Exactly these bytes. */
  | { raw: string | Buffer }
  | { silent: true }
  | { hangUp: true }
  /** The Notecard starts anew, without an answer. */
  | { reset: true }
  /** The answer it would have given, after so many milliseconds. */
  | { lateMs: number }
  /** The answer it would have given, but altered on its way. */
  | { mangle: (line: Buffer) => Buffer | Buffer[] }
  /** Executed, but the reply is lost. */
  | { loseReply: true };

export type FakeNotecard = {
  card: FakeCard;
  address: string;
  port: number;
  /** Every request that came whole, repeats included. */
  requests: FakeRequest[];
  /** Sent through by the line, for tests of the framing. */
  received: Buffer[];
  script: ((request: FakeRequest) => Stroke | undefined) | undefined;
  /** Requests are answered with a `crc` where they have one. */
  withCrc: boolean;
  answersNewlines: boolean;
  hangUp(): void;
  close(): Promise<void>;
};

/** The other end of the line: a TCP server that behaves as a Notecard unless its script says otherwise. */
export async function startFakeNotecard(listenPort = 0): Promise<FakeNotecard> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
    let held = Buffer.alloc(0);
    socket.on("data", (bytes) => {
      fake.received.push(bytes);
      held = Buffer.concat([held, bytes]);
      for (let end = held.indexOf(0x0a); end >= 0; end = held.indexOf(0x0a)) {
        const line = held.subarray(0, end).toString("utf8").trim();
        held = held.subarray(end + 1);
        answerLine(socket, line);
      }
    });
  });
  let last: { line: string; answer: Buffer } | undefined;

  function answerLine(socket: Socket, line: string): void {
    if (line === "") return void (fake.answersNewlines && socket.write("\r\n"));
    const split = splitCrc(line);
    if (split !== undefined && !split.crcOk) return void socket.write('{"err":"bad crc {io}"}\r\n');
    const request = JSON.parse(split?.json ?? line) as FakeRequest;
    fake.requests.push(request);
    const stroke = fake.script?.(request);
    if (stroke !== undefined && "hangUp" in stroke) return void socket.destroy();
    if (stroke !== undefined && "reset" in stroke) {
      last = undefined;
      fake.card.reset();
      return void socket.destroy();
    }
    if (stroke !== undefined && "silent" in stroke) return;
    if (stroke !== undefined && "raw" in stroke) return void socket.write(stroke.raw);
    const repeated = split !== undefined && last?.line === line; // a repeat is answered, not executed again
    const answer =
      stroke !== undefined && "reply" in stroke
        ? formatAnswer({ json: stroke.reply }, split?.sequence)
        : repeated
          ? (last?.answer ?? Buffer.alloc(0))
          : formatAnswer(fake.card.answer(request), split?.sequence);
    last = { line, answer };
    if (stroke !== undefined && "loseReply" in stroke) return;
    const mangled = stroke !== undefined && "mangle" in stroke ? stroke.mangle(answer) : answer;
    const send = () => {
      for (const piece of Array.isArray(mangled) ? mangled : [mangled]) socket.write(piece);
    };
    if (stroke !== undefined && "lateMs" in stroke) setTimeout(send, stroke.lateMs);
    else send();
  }

  function formatAnswer({ json, packet }: Answer, sequence: number | undefined): Buffer {
    const text = JSON.stringify(json);
    const line = sequence === undefined || !fake.withCrc ? text : appendCrc(text, sequence);
    const tail = packet === undefined ? [] : [packet, Buffer.from("\n")];
    return Buffer.concat([Buffer.from(`${line}\r\n`), ...tail]);
  }

  await new Promise<void>((resolve) => server.listen(listenPort, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const fake: FakeNotecard = {
    card: createFakeCard(),
    port,
    address: `tcp://127.0.0.1:${port}`,
    requests: [],
    received: [],
    script: undefined,
    withCrc: true,
    answersNewlines: true,
    hangUp: () => {
      for (const socket of sockets) socket.destroy();
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
  return fake;
}
