import type { ComponentChildren } from "preact";
import { goTo } from "./route.ts";

type LinkProps = { to: string; children: ComponentChildren; class?: string; current?: boolean };

/** A link within the page. With a key held down the browser does with it what it does with any. */
export function Link({ to, children, class: className, current }: LinkProps) {
  const onClick = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    goTo(to);
  };
  return (
    <a href={to} class={className} aria-current={current === true ? "page" : undefined} onClick={onClick}>
      {children}
    </a>
  );
}
