import { describe, expect, test } from "vitest";
import { resolveIntrinsics, TemplateError } from "../../../local/template/intrinsics.ts";

const scope = {
  refs: new Map([
    ["AWS::Region", "eu-central-1"],
    ["Files", "files"],
  ]),
  attributes: new Map([["Files.Arn", "arn:aws:s3:::files"]]),
};

const resolve = (value: unknown) => resolveIntrinsics(value, scope, "Here");

describe("resolveIntrinsics", () => {
  test("replaces names at any depth", () => {
    expect(resolve({ a: [{ Ref: "Files" }, { b: { "Fn::GetAtt": ["Files", "Arn"] } }] })).toEqual({
      a: ["files", { b: "arn:aws:s3:::files" }],
    });
  });

  test("joins, splits, selects and substitutes", () => {
    const url = { "Fn::Join": ["", ["https://", { Ref: "Files" }, "/x/"]] };
    expect(resolve({ "Fn::Select": [2, { "Fn::Split": ["/", url] }] })).toBe("files");
    // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's own syntax
    expect(resolve({ "Fn::Sub": "${Files.Arn}/* in ${AWS::Region}" })).toBe(
      "arn:aws:s3:::files/* in eu-central-1",
    );
  });

  test("leaves a variable that is not CloudFormation's to whoever knows it", () => {
    const text = `of/\${!iot:ClientId}/in/\${AWS::Region}`;
    expect(resolve({ "Fn::Sub": text })).toBe(`of/\${iot:ClientId}/in/eu-central-1`);
  });

  test("leaves out what is AWS::NoValue", () => {
    expect(resolve({ a: { Ref: "AWS::NoValue" }, b: [1, { Ref: "AWS::NoValue" }] })).toEqual({ b: [1] });
  });

  test("keeps an object whose only member merely looks like a function", () => {
    expect(resolve({ Reference: "Files" })).toEqual({ Reference: "Files" });
  });

  test.each([
    [{ Ref: "Nobody" }, "nothing here is called Nobody"],
    [{ "Fn::GetAtt": ["Files", "Colour"] }, "Files.Colour"],
    [{ "Fn::Transform": {} }, "Fn::Transform is not known"],
    [{ "Fn::Select": [9, ["a"]] }, "out of bounds"],
    [{ "Fn::Join": "," }, "expected a list"],
  ])("names the place of %j, which it cannot resolve", (value, sentence) => {
    expect(() => resolve({ deep: value })).toThrow(TemplateError);
    expect(() => resolve({ deep: value })).toThrow(sentence);
    expect(() => resolve({ deep: value })).toThrow("Here.deep");
  });
});
