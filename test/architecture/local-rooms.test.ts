import { describe, expect, test } from "vitest";
import { readRepositoryFile, sourceFiles } from "../support/repository-files.ts";
import { findCircles } from "./import-circles.ts";
import { LOCAL_ROOMS, roomBreaches } from "./local-rooms.ts";
import { readImports } from "./read-imports.ts";

const sources = sourceFiles("local").map((file) => ({
  file,
  imports: readImports(readRepositoryFile(file)),
}));

test("every file of local/ keeps to what its room may import", () => {
  expect(sources.length).toBeGreaterThan(200);
  expect(sources.flatMap((source) => roomBreaches(source))).toEqual([]);
});

test("the rooms themselves have no circle", () => {
  expect(findCircles(new Map(Object.entries(LOCAL_ROOMS)))).toEqual([]);
});

test("every room exists, and what it may import is imported", () => {
  const used = (from: string, to: string) =>
    sources.some((source) =>
      roomBreaches(source, { [from]: [] }).some((breach) => breach.endsWith(` local/${to}`)),
    );
  const unused = Object.entries(LOCAL_ROOMS).flatMap(([from, allowed]) =>
    allowed.filter((to) => !used(from, to)).map((to) => `${from} > ${to}`),
  );
  expect(unused).toEqual([]);
});

describe("a planted breach is caught:", () => {
  test.each<[string, string, string, string]>([
    ["a step that is told knows the stack", "local/progress/narrator.ts", "../stack/start-stack.ts", "stack"],
    ["the control door knows the stack", "local/control/door.ts", "../stack/flags.ts", "stack"],
    ["the stack knows the command that talks to it", "local/stack/banner.ts", "../fault/usage.ts", "fault"],
    ["the template knows the stack", "local/template/names.ts", "../stack/identity.ts", "stack"],
    ["a service knows the stack", "local/aws/s3/server.ts", "../../stack/flags.ts", "stack"],
    ["Notehub knows the stack", "local/blues/notehub/hub.ts", "../../stack/identity.ts", "stack"],
    ["the host knows the stack", "local/host/tls/local-ca.ts", "../../stack/flags.ts", "stack"],
    ["the host knows a service", "local/host/tls/local-ca.ts", "../../aws/s3/server.ts", "aws/s3"],
    ["a service knows the entry", "local/aws/sqs/queue.ts", "../../main.ts", "main.ts"],
    ["the stack knows the entry", "local/stack/run-stack.ts", "../main.ts", "main.ts"],
    ["Notehub knows its Notecards", "local/blues/notehub/hub.ts", "../notecard/server.ts", "blues/notecard"],
    ["AWS knows Blues", "local/aws/lambda/function.ts", "../../blues/notehub/hub.ts", "blues/notehub"],
    ["Blues knows AWS", "local/blues/notecard/card.ts", "../../aws/sqs/queue.ts", "aws/sqs"],
    ["S3 knows a queue", "local/aws/s3/server.ts", "../sqs/queue.ts", "aws/sqs"],
    ["a queue knows its functions", "local/aws/sqs/queue.ts", "../lambda/function.ts", "aws/lambda"],
    ["a room that has no line", "local/stack/run-stack.ts", "../console/page.ts", "console"],
  ])("%s", (_what, file, specifier, target) => {
    for (const typeOnly of [false, true]) {
      expect(roomBreaches({ file, imports: [{ specifier, typeOnly }] })).toEqual([
        expect.stringMatching(new RegExp(`may not import from local/${target}$`)),
      ]);
    }
  });

  test("a file in a room that has no line", () => {
    expect(roomBreaches({ file: "local/console/page.ts", imports: [] })).toEqual([
      expect.stringContaining("lies in no room"),
    ]);
  });

  test.each([
    ["local/stack/start-stack.ts", "../blues/notecard/server.ts"],
    ["local/aws/s3/http/drain.ts", "../s3-error.ts"],
    ["local/blues/notecard/card.ts", "../../../agent/notecard/cobs.ts"], // which another rule judges
    ["agent/main.ts", "./run-agent.ts"],
  ])("and what is allowed is not: %s imports %s", (file, specifier) => {
    expect(roomBreaches({ file, imports: [{ specifier, typeOnly: false }] })).toEqual([]);
  });
});
