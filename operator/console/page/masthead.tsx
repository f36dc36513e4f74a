import type { Start } from "../api.ts";
import { Link } from "./link.tsx";
import { uploading, useUploads } from "./upload/uploads.ts";

const PAGES: [string, string][] = [
  ["/", "Devices"],
  ["/fleets", "Fleets"],
  ["/files", "Files"],
  ["/attention", "Attention"],
  ["/dead-letters", "Dead letters"],
];

export function Masthead({ path, start }: { path: string; start: Start | undefined }) {
  const { sends } = useUploads();
  const { done, all } = uploading(sends);
  const dead = start?.deadLetters ?? 0;
  return (
    <header class="masthead">
      <div class="brand">
        <img src="/icon.svg" alt="" width="22" height="22" />
        <span class="brand-name">Noteferry</span>
        <span class="deployment" title={start?.deployment}>
          {start === undefined ? "" : start.local ? "on this machine" : start.deployment}
        </span>
      </div>
      <nav aria-label="Pages">
        {PAGES.map(([to, name]) => (
          <Link key={to} to={to} class="tab" current={isWithin(path, to)}>
            {name}
            {to === "/dead-letters" && dead > 0 && <span class="badge">{dead}</span>}
          </Link>
        ))}
      </nav>
      <Link to="/upload" class="button primary" current={path === "/upload"}>
        {done < all ? `Uploading ${done + 1} of ${all}` : "Upload"}
      </Link>
    </header>
  );
}

/** The page of one device is among those of devices. */
const WITHIN: Readonly<Record<string, string>> = { "/device": "/", "/fleet": "/fleets", "/file": "/files" };

function isWithin(path: string, to: string): boolean {
  return path === to || WITHIN[path] === to;
}
