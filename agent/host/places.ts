/** Where the parts of an installed agent are on its host. */
export type Places = {
  /** The program and the packages that it loads. */
  program: string;
  /** Name under which people call it. */
  command: string;
  config: string;
  unit: string;
  manPage: string;
  /** For bash. */
  completion: string;
  /** There while systemd is what runs the host. */
  systemd: string;
};

export const PLACES: Places = {
  program: "/opt/noteferry",
  command: "/usr/local/bin/noteferry-agent",
  config: "/etc/noteferry/agent.json",
  unit: "/etc/systemd/system/noteferry-agent.service",
  manPage: "/usr/local/share/man/man8/noteferry-agent.8",
  completion: "/etc/bash_completion.d/noteferry-agent",
  systemd: "/run/systemd/system",
};

/** The state folder that the unit has systemd make. */
export const UNIT_STATE = "/var/lib/noteferry";

export const SERVICE = "noteferry-agent";
