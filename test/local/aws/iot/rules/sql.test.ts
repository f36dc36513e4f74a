import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluate, NotForRule } from "../../../../../local/aws/iot/rules/evaluate.ts";
import { RuleError } from "../../../../../local/aws/iot/rules/rule-error.ts";
import { parseRuleSql } from "../../../../../local/aws/iot/rules/sql.ts";
import { matchesFilter } from "../../../../../local/aws/iot/rules/topic-filter.ts";

const message = (topic: string, payload: unknown) => ({
  ...{ topic, clientId: "pump", now: 5 },
  payload: Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload)),
});
const run = (sql: string, topic: string, payload: unknown) =>
  evaluate(parseRuleSql(sql).selected, message(topic, payload));

describe("the SQL of a rule", () => {
  test("takes the thing from the topic, whatever the body says", () => {
    const sql = "SELECT *, topic(3) AS thing FROM 'noteferry/receipts/+'";
    expect(parseRuleSql(sql).filter).toBe("noteferry/receipts/+");
    expect(run(sql, "noteferry/receipts/pump", { thing: "valve", n: 1 })).toEqual({ thing: "pump", n: 1 });
  });

  test("selects members, text, numbers and what the broker knows", () => {
    const sql =
      "select a.b, c AS d, 'it''s' as t, 3 AS n, topic() AS all, clientid() AS id, timestamp() AS at from 'x'";
    expect(run(sql, "x", { a: { b: [1] }, c: null })).toEqual({
      ...{ b: [1], d: null, t: "it's", n: 3, all: "x", id: "pump", at: 5 },
    });
  });

  test("hands on the payload as it came, whatever it is", () => {
    const sql = "SELECT encode(*, 'base64') AS body, topic(1) AS t FROM 'x'";
    for (const payload of ["no JSON", "[1]", ""])
      expect(run(sql, "x", payload)).toEqual({ body: Buffer.from(payload).toString("base64"), t: "x" });
    expect(() => parseRuleSql("SELECT encode(a, 'base64') AS body FROM 'x'")).toThrow(RuleError);
    expect(() => parseRuleSql("SELECT encode(*, 'hex') AS body FROM 'x'")).toThrow(RuleError);
    expect(() => parseRuleSql("SELECT encode(*, 'base64') FROM 'x'")).toThrow(RuleError);
  });

  test("leaves out what there is not", () => {
    expect(run("SELECT a, topic(9) AS t, constructor FROM 'x'", "x", {})).toEqual({});
  });

  test.each([
    ["SELECT * FROM 'x' WHERE a = 1", "WHERE"],
    ["SELECT topic(3) FROM 'x'", "topic without AS"],
    ["SELECT topic(0) AS t FROM 'x'", "topic(0)"],
    ["SELECT get_thing_shadow('a') AS s FROM 'x'", "get_thing_shadow"],
    ["SELECT a + 1 AS b FROM 'x'", "+"],
    ["SELECT * FROM x", "x"],
    ["SELECT * FROM 'a/#/b'", "'a/#/b'"],
    ["UPDATE x", "UPDATE"],
    ["", "its end"],
  ])("of %s refuses %s by its name", (sql, named) => {
    expect(() => parseRuleSql(sql)).toThrow(RuleError);
    expect(() => parseRuleSql(sql)).toThrow(named);
  });

  test("is refused or taken, never a fault, and neither is any payload", () => {
    const word = fc.constantFrom(
      "SELECT",
      "*",
      "FROM",
      "'a/b'",
      ",",
      "AS",
      "topic",
      "(",
      ")",
      "1",
      "x.y",
      "'",
    );
    fc.assert(
      fc.property(fc.array(word), fc.string(), (words, payload) => {
        try {
          evaluate(parseRuleSql(words.join(" ")).selected, message("a/b", payload));
        } catch (error) {
          expect(error instanceof RuleError || error instanceof NotForRule).toBe(true);
        }
      }),
    );
  });

  test.each(["[1]", "1", "null", "{", ""])("makes nothing of %s", (payload) => {
    expect(() => run("SELECT * FROM 'x'", "x", payload)).toThrow(NotForRule);
  });
});

describe("matchesFilter", () => {
  test.each([
    ["a/+/c", "a/b/c", true],
    ["a/+/c", "a/b/d", false],
    ["a/+", "a", false],
    ["a/+", "a/b/c", false],
    ["a/#", "a", true],
    ["a/#", "a/b/c", true],
    ["#", "a/b", true],
    ["#", "$aws/x", false],
    ["+/x", "$aws/x", false],
    ["$aws/events/#", "$aws/events/jobExecution/j/succeeded", true],
    ["a//b", "a//b", true],
    ["a/b", "a/b/", false],
  ])("%s and %s: %s", (filter, topic, expected) => {
    expect(matchesFilter(filter, topic)).toBe(expected);
  });
});
