import { useEffect, useState } from "preact/hooks";

/** Where the page is: all that a person chose is in the address, so that a view can be sent and gone back to. */
export type Route = { path: string; query: URLSearchParams };

const MOVED = "noteferry-moved";

/** An address of the page; parameters that are undefined or empty are left out. */
export function addressOf(path: string, parameters: Record<string, string | undefined> = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== "") query.set(name, value);
  }
  const text = query.toString();
  return text === "" ? path : `${path}?${text}`;
}

/** @param replace no step of the browser's history, as for each letter that is typed */
export function goTo(address: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  dispatchEvent(new Event(MOVED));
}

export function useRoute(): Route {
  const [route, setRoute] = useState(readRoute);
  useEffect(() => {
    const read = () => setRoute(readRoute());
    addEventListener("popstate", read);
    addEventListener(MOVED, read);
    return () => {
      removeEventListener("popstate", read);
      removeEventListener(MOVED, read);
    };
  }, []);
  return route;
}

function readRoute(): Route {
  return { path: location.pathname, query: new URLSearchParams(location.search) };
}

export const deviceAddress = (id: string) => addressOf("/device", { id });
export const fleetAddress = (id: string) => addressOf("/fleet", { id });
export const fileAddress = (key: string) => addressOf("/file", { key });
