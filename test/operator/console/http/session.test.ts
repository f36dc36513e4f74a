import { expect, test } from "vitest";
import { createSessions } from "../../../../operator/console/http/session.ts";

test("a link opens one session, once", () => {
  const sessions = createSessions();
  const invitation = sessions.invite();
  expect(sessions.isOpen(invitation)).toBe(false);
  const session = sessions.open(invitation) ?? "";
  expect(sessions.isOpen(session)).toBe(true);
  expect(sessions.open(invitation)).toBeUndefined();
  expect(sessions.isOpen(session)).toBe(true);
});

test("an answer that was lost does not cost the link; of two that were given, the one that is used first counts", () => {
  const sessions = createSessions();
  const invitation = sessions.invite();
  const [lost, other] = [sessions.open(invitation) ?? "", sessions.open(invitation) ?? ""];
  expect(lost).not.toBe(other);
  expect(sessions.isOpen(other)).toBe(true);
  expect(sessions.isOpen(lost)).toBe(false);
  expect(sessions.open(invitation)).toBeUndefined();
});

test("what was never given opens nothing", () => {
  const sessions = createSessions();
  sessions.invite();
  expect(sessions.open("")).toBeUndefined();
  expect(sessions.open("guess")).toBeUndefined();
  expect(sessions.isOpen("")).toBe(false);
});

test("two links are two sessions", () => {
  const sessions = createSessions();
  const [one = "", other = ""] = [sessions.invite(), sessions.invite()].map(
    (each) => sessions.open(each) ?? "",
  );
  expect(one).not.toBe(other);
  expect(sessions.isOpen(one) && sessions.isOpen(other)).toBe(true);
});
