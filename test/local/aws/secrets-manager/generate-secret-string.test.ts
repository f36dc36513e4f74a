import fc from "fast-check";
import { expect, test } from "vitest";
import {
  GenerateError,
  generateSecretString,
} from "../../../../local/aws/secrets-manager/generate-secret-string.ts";

test("32 characters, with one of each type, by default", () => {
  const made = generateSecretString({});
  expect(made).toHaveLength(32);
  for (const type of [/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9]/]) expect(made).toMatch(type);
  expect(made).not.toContain(" ");
  expect(generateSecretString({})).not.toBe(made);
});

test("a template gets the password as one more member", () => {
  const made = generateSecretString({
    SecretStringTemplate: '{"previous":"","n":1}',
    GenerateStringKey: "current",
    PasswordLength: 43,
    ExcludePunctuation: true,
  });
  expect(JSON.parse(made)).toEqual({
    previous: "",
    n: 1,
    current: expect.stringMatching(/^[a-zA-Z0-9]{43}$/),
  });
});

test("what is excluded is not there, what is required is", () => {
  const options = fc.record(
    {
      PasswordLength: fc.integer({ min: 5, max: 200 }),
      ExcludeCharacters: fc.constantFrom("", "aeiou", '"@/\\', "0123456789"),
      ExcludePunctuation: fc.boolean(),
      ExcludeLowercase: fc.boolean(),
      ExcludeUppercase: fc.boolean(),
      ExcludeNumbers: fc.boolean(),
      IncludeSpace: fc.boolean(),
      RequireEachIncludedType: fc.boolean(),
    },
    { requiredKeys: ["PasswordLength"] },
  );
  const nothingLeft = (o: {
    ExcludePunctuation?: boolean;
    ExcludeLowercase?: boolean;
    ExcludeUppercase?: boolean;
  }) => o.ExcludePunctuation === true && o.ExcludeLowercase === true && o.ExcludeUppercase === true;
  fc.assert(
    fc.property(
      options.filter((o) => !nothingLeft(o)),
      (given) => {
        const made = generateSecretString(given);
        expect(made).toHaveLength(given.PasswordLength);
        for (const character of given.ExcludeCharacters ?? "") expect(made).not.toContain(character);
        const types: [RegExp, boolean][] = [
          [/[a-z]/, given.ExcludeLowercase !== true],
          [/[A-Z]/, given.ExcludeUppercase !== true],
          [/[0-9]/, given.ExcludeNumbers !== true && given.ExcludeCharacters !== "0123456789"],
          [/[!-/:-@[-`{-~]/, given.ExcludePunctuation !== true],
          [/ /, given.IncludeSpace === true],
        ];
        for (const [type, included] of types) {
          if (!included) expect(made).not.toMatch(type);
          else if (given.RequireEachIncludedType !== false) expect(made).toMatch(type);
        }
      },
    ),
  );
});

test.each([
  ["a template without a key", { SecretStringTemplate: "{}" }],
  ["a key without a template", { GenerateStringKey: "k" }],
  ["a template that is no JSON", { SecretStringTemplate: "{", GenerateStringKey: "k" }],
  ["a template that is no object", { SecretStringTemplate: "[]", GenerateStringKey: "k" }],
  [
    "no characters left",
    { ExcludePunctuation: true, ExcludeLowercase: true, ExcludeUppercase: true, ExcludeNumbers: true },
  ],
  ["no length", { PasswordLength: 0 }],
  ["no room for each type", { PasswordLength: 3 }],
])("%s is refused", (_, given) => expect(() => generateSecretString(given)).toThrow(GenerateError));
