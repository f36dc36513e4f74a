import { RuleError } from "./rule-error.ts";
import { isFilter } from "./topic-filter.ts";

/** What a rule takes of a message. */
export type Expression =
  | { kind: "topic"; segment: number | undefined }
  | { kind: "clientid" | "timestamp" | "base64" }
  | { kind: "member"; path: string[] }
  | { kind: "literal"; value: string | number };

export type Selected = { kind: "all" } | { kind: "as"; name: string; expression: Expression };

export type RuleSql = { selected: Selected[]; filter: string };

/** Text in quotes, a number, a word with its dots, or a single character. */
const TOKEN = /'(?:[^']|'')*'|\d+(?:\.\d+)?|[A-Za-z_][\w]*(?:\.[A-Za-z_]\w*)*|[^\s]/g;

/**
 * Reads the part of AWS IoT's SQL that is carried out here: `SELECT`, of `*`, members, text, numbers, `topic()`, `topic(n)`, `clientid()`,
 * `timestamp()` and `encode(*, 'base64')`, each but `*` and members with `AS`, and `FROM`.
 *
 * https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-reference.html
 *
 * @throws {RuleError} that names what is not.
 */
export function parseRuleSql(sql: string): RuleSql {
  const tokens = sql.match(TOKEN) ?? [];
  let at = 0;
  const peek = () => tokens[at];
  const take = () => tokens[at++] ?? fail("its end");
  const fail = (found: string): never => {
    throw new RuleError(`${found} in the SQL of a topic rule is not known here: ${sql}`);
  };
  const isWord = (token: string | undefined, word: string) => token?.toUpperCase() === word;
  const expect = (word: string) => {
    const token = take();
    if (!isWord(token, word)) fail(token);
  };

  function expression(): Expression {
    const token = take();
    if (token.startsWith("'")) return { kind: "literal", value: unquote(token) };
    if (/^\d/.test(token)) return { kind: "literal", value: Number(token) };
    if (!/^[A-Za-z_]/.test(token)) return fail(token);
    if (peek() !== "(") return { kind: "member", path: token.split(".") };
    return call(token.toLowerCase());
  }

  function call(name: string): Expression {
    expect("(");
    if (name === "encode") return encode();
    const argument = peek() === ")" ? undefined : take();
    expect(")");
    if (name === "topic") {
      if (argument === undefined) return { kind: "topic", segment: undefined };
      if (/^[1-9]\d*$/.test(argument)) return { kind: "topic", segment: Number(argument) };
      return fail(`topic(${argument})`);
    }
    if (argument === undefined && (name === "clientid" || name === "timestamp")) return { kind: name };
    return fail(`${name}(${argument ?? ""})`);
  }

  /** Of the whole payload alone, whatever that is. */
  function encode(): Expression {
    for (const token of ["*", ",", "'base64'", ")"]) {
      const found = take();
      if (found !== token) return fail(`encode(…${found}`);
    }
    return { kind: "base64" };
  }

  function item(): Selected {
    if (peek() === "*") {
      take();
      return { kind: "all" };
    }
    const found = expression();
    if (isWord(peek(), "AS")) {
      take();
      const name = take();
      return /^[A-Za-z_]\w*$/.test(name) ? { kind: "as", name, expression: found } : fail(name);
    }
    const name = found.kind === "member" ? found.path.at(-1) : undefined;
    return name === undefined ? fail(`${found.kind} without AS`) : { kind: "as", name, expression: found };
  }

  expect("SELECT");
  const selected = [item()];
  while (peek() === ",") {
    take();
    selected.push(item());
  }
  expect("FROM");
  const quoted = take();
  const filter = quoted.startsWith("'") ? unquote(quoted) : fail(quoted);
  if (!isFilter(filter)) fail(quoted);
  const rest = peek();
  if (rest !== undefined) fail(rest);
  return { selected, filter };
}

function unquote(token: string): string {
  return token.slice(1, -1).replaceAll("''", "'");
}
