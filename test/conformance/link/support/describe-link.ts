import { describe, onTestFinished } from "vitest";
import type { Link } from "../../../../agent/link/link.ts";
import { endIotServices } from "./iot-target.ts";
import { type StartOptions, TARGETS, TARGETS_BY_WAY, type Target, type TargetKind } from "./target.ts";

/** A link that is open, with all that is behind it. */
export type LinkUnderTest = Target & {
  link: Link;
  /** Opens another one. */
  open(): Promise<Link>;
};

type Body = (start: (options?: StartOptions) => Promise<LinkUnderTest>, kind: TargetKind) => void;

/** Registers tests for every kind of link; `start` is for use within a test, which ends it. */
export function describeLink(title: string, body: Body): void {
  describeEach(TARGETS, title, body);
}

/** The same, by each way in which a link can fetch. @param concerns kinds that have what it is about; the others have no such test */
export function describeFetch(
  title: string,
  body: Body,
  concerns: (kind: TargetKind) => boolean = () => true,
): void {
  describeEach(TARGETS_BY_WAY.filter(concerns), title, body);
}

function describeEach(kinds: readonly TargetKind[], title: string, body: Body): void {
  endIotServices();
  describe.each(kinds)(`${title} ($name)`, (kind) => {
    body(async (options) => {
      const target = await kind.start(options);
      const opened: Link[] = [];
      onTestFinished(async () => {
        for (const link of opened) await link.close();
        await target.links.stop();
      });
      const open = async () => {
        const link = await target.links.open(NEVER);
        opened.push(link);
        return link;
      };
      return { ...target, open, link: await open() };
    }, kind);
  });
}

/** A signal that does not abort. */
export const NEVER = new AbortController().signal;
