import { expect, test } from "vitest";
import { planUpload } from "../../../../operator/cli/put/plan-upload.ts";
import { parseTarget } from "../../../../protocol/target.ts";

const FILE = { folder: false, files: [{ file: "/x/main.py", relative: "", bytes: 1 }], left: [] };
const FOLDER = { folder: true, files: [{ file: "/x/app/a/b.py", relative: "a/b.py", bytes: 1 }], left: [] };

test.each([
  [FILE, "/x/main.py", undefined, undefined, "main.py"],
  [FILE, "/x/main.py", undefined, "app/start.py", "app/start.py"],
  [FILE, "/x/main.py", undefined, "app/", "app/main.py"],
  [FILE, "/x/main.py", "dev:1", undefined, "devices/dev:1/main.py"],
  [FILE, "/x/main.py", "fleet:1", "a", "fleets/fleet:1/a"],
  [FOLDER, "/x/app", undefined, undefined, "app/a/b.py"],
  [FOLDER, "/x/app", undefined, ".", "a/b.py"],
  [FOLDER, "/x/app", "dev:1", "srv//", "devices/dev:1/srv/a/b.py"],
])("%#: the key is the target's prefix, the name, and the path below", (found, source, to, as, key) => {
  const plan = planUpload(found, { source, to: to === undefined ? undefined : parseTarget(to), as });
  expect(plan).toMatchObject({ uploads: [{ key }], refused: [] });
});

test("a file above 5 GiB is refused, one of exactly that is not", () => {
  const of = (bytes: number) =>
    planUpload(
      { ...FILE, files: [{ file: "/x", relative: "", bytes }] },
      { source: "/x", to: undefined, as: undefined },
    );
  expect(of(5 * 1024 ** 3).refused).toEqual([]);
  expect(of(5 * 1024 ** 3 + 1).refused).toMatchObject([{ key: "x" }]);
});
