/** A template that uses what the local stack cannot resolve or run. The message names the place in the template. */
export class TemplateError extends Error {
  override name = "TemplateError" as const;
}

/** What the template's names stand for on this machine. */
export type Scope = {
  /** Ref of resources, parameters and pseudo parameters (`AWS::Region`). */
  refs: ReadonlyMap<string, string>;
  /** GetAtt, as `LogicalId.Attribute`. */
  attributes: ReadonlyMap<string, string>;
};

type Json = string | number | boolean | null | undefined | Json[] | { [name: string]: Json };

const NO_VALUE = Symbol("AWS::NoValue");

/**
 * Replaces the intrinsic functions in a piece of the template by their values.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 *
 * @throws {TemplateError} for a name that does not exist or a function that is not known here.
 */
export function resolveIntrinsics(value: unknown, scope: Scope, place: string): unknown {
  const resolved = resolve(value as Json, scope, place);
  return resolved === NO_VALUE ? undefined : resolved;
}

function resolve(value: Json, scope: Scope, place: string): unknown {
  if (Array.isArray(value)) {
    return value
      .map((item, index) => resolve(item, scope, `${place}[${index}]`))
      .filter((item) => item !== NO_VALUE);
  }
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value);
  const [only] = entries;
  if (only !== undefined && entries.length === 1 && isIntrinsic(only[0])) {
    return apply(only[0], only[1], scope, place);
  }
  return Object.fromEntries(
    entries
      .map(([name, member]) => [name, resolve(member, scope, `${place}.${name}`)] as const)
      .filter(([, member]) => member !== NO_VALUE),
  );
}

function isIntrinsic(name: string): boolean {
  return name === "Ref" || name.startsWith("Fn::");
}

function apply(name: string, argument: Json, scope: Scope, place: string): unknown {
  const list = () => asList(resolve(argument, scope, place), place);
  switch (name) {
    case "Ref":
      if (argument === "AWS::NoValue") return NO_VALUE;
      return lookUp(scope.refs, String(argument), place);
    case "Fn::GetAtt":
      return lookUp(scope.attributes, Array.isArray(argument) ? argument.join(".") : String(argument), place);
    case "Fn::Join": {
      const [separator, parts] = list();
      return asList(parts, place).map(String).join(String(separator));
    }
    case "Fn::Select": {
      const [index, parts] = list();
      const picked = asList(parts, place)[Number(index)];
      if (picked === undefined) throw new TemplateError(`${place}: Fn::Select ${index} is out of bounds`);
      return picked;
    }
    case "Fn::Split": {
      const [separator, text] = list();
      return String(text).split(String(separator));
    }
    case "Fn::Sub":
      if (typeof argument !== "string")
        throw new TemplateError(`${place}: Fn::Sub with a map is not known here`);
      return argument.replaceAll(/\$\{(!?)([^!}][^}]*)\}/g, (_, literal: string, reference: string) =>
        literal === ""
          ? lookUp(reference.includes(".") ? scope.attributes : scope.refs, reference, place)
          : `\${${reference}}`,
      );
    default:
      throw new TemplateError(`${place}: ${name} is not known to the local stack`);
  }
}

function lookUp(names: ReadonlyMap<string, string>, name: string, place: string): string {
  const value = names.get(name);
  if (value === undefined) throw new TemplateError(`${place}: nothing here is called ${name}`);
  return value;
}

function asList(value: unknown, place: string): unknown[] {
  if (!Array.isArray(value)) throw new TemplateError(`${place}: expected a list`);
  return value;
}
