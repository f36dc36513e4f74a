import { BaseSequencer, type TestSpecification } from "vitest/node";

/** What starts stacks or agents, and waits for them, takes many times as long as its size has vitest think. The longest first. */
const LONG = [
  /\/test\/flow\/(?:latest-wins-model|start|delivery|faults|iot-faults)\./,
  /\/test\/(?:flow|agent\/faults|agent\/trial|conformance\/link|local\/aws\/lambda)\//,
];

/** The order of files: or a run ends with one worker at a long one, and others that have nothing to do. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = ({ moduleId }: TestSpecification) => {
      const found = LONG.findIndex((pattern) => pattern.test(moduleId));
      return found === -1 ? LONG.length : found;
    };
    return sorted.toSorted((one, other) => rank(one) - rank(other));
  }
}
