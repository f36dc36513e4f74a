import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { S3Error } from "../../../../../local/aws/s3/s3-error.ts";
import { childrenNamed, childText, readXml } from "../../../../../local/aws/s3/xml/read-xml.ts";
import { element, xmlDocument } from "../../../../../local/aws/s3/xml/write-xml.ts";
import { anyKey } from "../../../../support/arbitrary-key.ts";
import { thrownBy } from "../../../../support/thrown-by.ts";

test("any text that is written is read back, however awkward", () => {
  fc.assert(
    fc.property(fc.array(anyKey), (keys) => {
      const document = xmlDocument(
        "Delete",
        keys.map((key) => element("Object", element("Key", key))),
      );
      const objects = childrenNamed(readXml(document, "Delete"), "Object");
      expect(objects.map((object) => childText(object, "Key"))).toEqual(keys);
    }),
  );
});

test("control characters are written as references, which XML 1.0 does not have, as S3 writes them", () => {
  expect(element("Key", "a\u0001\r<&").markup).toBe("<Key>a&#1;&#13;&lt;&amp;</Key>");
});

test("undefined is left out, and markup is not escaped again", () => {
  expect(element("A", undefined, [element("B", 1)], "x").markup).toBe("<A><B>1</B>x</A>");
});

describe("what clients send", () => {
  test.each([
    ["<?xml version='1.0'?>\n<!-- c --><A xmlns=\"x\"> <B>1</B> <C/> </A>\n", "1"],
    ["<A><B>a&lt;&gt;&amp;&quot;&apos;&#13;&#xd;b</B></A>", "a<>&\"'\r\rb"],
    ["<A><B>a\r\nb</B></A>", "a\nb"],
    ["<A><B>&amp;lt;</B></A>", "&lt;"],
    ["\uFEFF<A><B> spaces </B></A>", " spaces "],
  ])("%j", (document, text) => {
    expect(childText(readXml(document, "A"), "B")).toBe(text);
  });

  test.each([
    "",
    "text",
    "<A>",
    "</A>",
    "<A></B>",
    "<A/><A/>",
    "<A/>text",
    "<B/>",
    "<A>&bogus;</A>",
    "<A>&</A>",
    "<A>&#xD800;</A>",
    "<A>&#9999999;</A>",
    "<A b=c/>",
    '<!DOCTYPE A [<!ENTITY x "y">]><A>&x;</A>',
    "<A>".repeat(20) + "</A>".repeat(20),
  ])("%j is malformed", (document) => {
    expect(thrownBy(() => readXml(document, "A"))).toMatchObject({ code: "MalformedXML" });
  });
});

test("random text is read or malformed, never anything else", () => {
  const piece = fc.constantFrom(
    "<",
    ">",
    "/",
    "A",
    "<A>",
    "</A>",
    "&",
    ";",
    "#",
    "x",
    "amp",
    '"',
    "=",
    " ",
    "<!--",
    "-->",
    "?",
  );
  fc.assert(
    fc.property(fc.string({ unit: piece, maxLength: 30 }), (document) => {
      const error = thrownBy(() => readXml(document, "A"));
      expect(error === undefined || error instanceof S3Error).toBe(true);
    }),
    { numRuns: 2000 },
  );
});
