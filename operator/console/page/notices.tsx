import type { ComponentChildren } from "preact";
import type { Live } from "./live.ts";

/** Nothing is there: why, and what to do. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children}
    </div>
  );
}

/** Something went wrong; what is shown besides is as it was before. */
export function Failure({ sentence, stands = false }: { sentence: string; stands?: boolean }) {
  return (
    <div class="failure" role="alert">
      <strong>{stands ? "Not up to date" : "That did not work"}</strong>
      {sentence.split("\n").map((line) => (
        <p key={line}>{line}</p>
      ))}
    </div>
  );
}

/** What a live answer shows: its view once there is one, and what is wrong with it. */
export function Shown<T>({ live, children }: { live: Live<T>; children: (view: T) => ComponentChildren }) {
  const { view, problem } = live;
  return (
    <>
      {problem !== undefined && <Failure sentence={problem} stands={view !== undefined} />}
      {view !== undefined ? children(view) : problem === undefined && <Loading />}
    </>
  );
}

function Loading() {
  return (
    <div class="loading" role="status">
      <span class="visually-hidden">Loading</span>
      <span class="bone" />
      <span class="bone" />
      <span class="bone" />
    </div>
  );
}
