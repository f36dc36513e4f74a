import { randomInt } from "node:crypto";
import * as v from "valibot";

/** `GenerateSecretString` of a template. */
export type GenerateSecretString = {
  SecretStringTemplate?: string | undefined;
  GenerateStringKey?: string | undefined;
  PasswordLength?: number | undefined;
  ExcludeCharacters?: string | undefined;
  ExcludePunctuation?: boolean | undefined;
  ExcludeLowercase?: boolean | undefined;
  ExcludeUppercase?: boolean | undefined;
  ExcludeNumbers?: boolean | undefined;
  IncludeSpace?: boolean | undefined;
  RequireEachIncludedType?: boolean | undefined;
};

/** A `GenerateSecretString` that CloudFormation would refuse. */
export class GenerateError extends Error {
  override name = "GenerateError" as const;
}

const LOWERCASE = "abcdefghijklmnopqrstuvwxyz";
const DIGITS = "0123456789";
const PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
const DEFAULT_LENGTH = 32;
const MAX_LENGTH = 4096;

const Template = v.pipe(
  v.string(),
  v.parseJson(),
  v.check((json) => !Array.isArray(json), "expected an object"),
  v.record(v.string(), v.unknown()),
);

/**
 * Makes a secret as CloudFormation does: a password, or a JSON object with the password as one more member.
 *
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-secretsmanager-secret-generatesecretstring.html
 *
 * @throws {GenerateError}
 */
export function generateSecretString(generate: GenerateSecretString): string {
  const password = generatePassword(generate);
  const { SecretStringTemplate: template, GenerateStringKey: key } = generate;
  if (template === undefined && key === undefined) return password;
  if (template === undefined || key === undefined) {
    throw new GenerateError("SecretStringTemplate and GenerateStringKey need each other");
  }
  const parsed = v.safeParse(Template, template);
  if (!parsed.success) throw new GenerateError("SecretStringTemplate is not a JSON object");
  return JSON.stringify({ ...parsed.output, [key]: password });
}

function generatePassword(generate: GenerateSecretString): string {
  const length = generate.PasswordLength ?? DEFAULT_LENGTH;
  const types = includedTypes(generate);
  const all = types.join("");
  if (all === "") throw new GenerateError("every character is excluded");
  if (!Number.isInteger(length) || length < 1 || length > MAX_LENGTH) {
    throw new GenerateError(`PasswordLength is not from 1 to ${MAX_LENGTH}`);
  }
  // One of each type first, then any; shuffled, since their positions would be known otherwise.
  const required = generate.RequireEachIncludedType === false ? [] : types;
  if (required.length > length) throw new GenerateError("PasswordLength has no room for each included type");
  const characters = Array.from({ length }, (_, at) => pick(required[at] ?? all));
  for (let at = length - 1; at > 0; at -= 1) {
    const other = randomInt(at + 1);
    [characters[at], characters[other]] = [characters[other] ?? "", characters[at] ?? ""];
  }
  return characters.join("");
}

function includedTypes(generate: GenerateSecretString): string[] {
  const excluded = new Set(generate.ExcludeCharacters ?? "");
  const types = [
    generate.ExcludeLowercase === true ? "" : LOWERCASE,
    generate.ExcludeUppercase === true ? "" : LOWERCASE.toUpperCase(),
    generate.ExcludeNumbers === true ? "" : DIGITS,
    generate.ExcludePunctuation === true ? "" : PUNCTUATION,
    generate.IncludeSpace === true ? " " : "",
  ];
  return types
    .map((type) => [...type].filter((character) => !excluded.has(character)).join(""))
    .filter((type) => type !== "");
}

function pick(characters: string): string {
  return characters[randomInt(characters.length)] ?? "";
}
