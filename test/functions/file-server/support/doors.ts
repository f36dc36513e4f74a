import { afterAll, beforeEach, expect } from "vitest";
import type { FunctionUrlReply } from "../../../../functions/file-server/function-url/reply.ts";
import { type Chunk, parseChunk } from "../../../../protocol/chunk.ts";
import { RANGE_MAX_BYTES } from "../../../../protocol/limits.ts";
import { encodeKey } from "../../../../protocol/query.ts";
import type { EventOptions } from "../../../support/function-url-event.ts";
import { type FileServerUnderTest, headOf, startFileServer } from "./file-server-under-test.ts";

/** More bytes than one reply by range may have. */
export const LARGE = Buffer.alloc(RANGE_MAX_BYTES + 1000, "0123456789abcdef");

/** Bytes that differ from place to place. */
export function numbered(length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, index) => (index * 7 + (index >> 8)) & 0xff));
}

/** One server for all tests of a file; each begins with no files, and nothing counted. */
export async function serverForAllTests(): Promise<FileServerUnderTest> {
  const server = await startFileServer();
  afterAll(() => server.close());
  beforeEach(() => {
    server.aws.files.clear();
    server.aws.s3Requests.length = 0;
    server.aws.s3Bytes = 0;
  });
  return server;
}

/** Asks a server for chunks by number. */
export function chunkDoor(server: FileServerUnderTest) {
  return {
    async getChunk(query: string, path = "/"): Promise<Chunk> {
      const reply = await server.call({ path, query });
      expect([reply.statusCode, reply.headers["Content-Type"]]).toEqual([200, "application/json"]);
      expect(reply.isBase64Encoded).toBe(false);
      const chunk = parseChunk(JSON.parse(reply.body));
      if (chunk === undefined) throw new Error(`not a chunk: ${reply.body}`);
      return chunk;
    },
    async getError(request: EventOptions): Promise<[status: number, code: string | undefined]> {
      const reply = await server.call(request);
      expect(headOf(reply).length).toBeLessThan(600);
      return [reply.statusCode, errorCodeOf(reply)];
    },
  };
}

/** Asks a server for bytes by range; of the file `f` unless told otherwise. */
export function rangeDoor(server: FileServerUnderTest) {
  const get = (request: EventOptions & { key?: string }) =>
    server.call({ path: `/files/${encodeKey(request.key ?? "f")}`, ...request });
  return {
    get,
    async getError(request: EventOptions) {
      const reply = await get(request);
      return {
        status: reply.statusCode,
        code: errorCodeOf(reply),
        contentRange: reply.headers["Content-Range"],
      };
    },
  };
}

function errorCodeOf({ body }: FunctionUrlReply): string | undefined {
  return /^.+ \{([a-z-]+)\}$/.exec(JSON.parse(body).err)?.[1];
}
