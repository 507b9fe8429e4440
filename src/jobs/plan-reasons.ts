/** Why an attempt is made as it is, by what the attempts before ran into. The whole policy is in docs/escalation.md. */
export const planReasons = {
  same_way: "It was the target's own trouble, which says nothing about the visitor: it is asked again in the same way.",
  confirmation: 'The site refuses the page for good; the job fails when a second attempt ends in the same way.',
  proxy_trouble: 'It was the trouble of a proxy, not of the target: it is asked again in the same way.',
  fresh_connection: 'Another visitor might have got the page: the next attempt uses a connection of its own.',
  other_headers: 'That was not enough: the next attempt looks like another browser.',
  session: 'A session looks the same to the target each time, so only the connection is a new one.',
  browser_tls: "Neither connection nor headers are enough: the next attempt has a browser's own TLS and HTTP/2.",
  known_protection:
    "The protection knows browsers by their TLS, so steps that cannot impress it are skipped: the next attempt has a browser's own TLS and HTTP/2.",
  other_protocol:
    "The two sides did not understand each other, which neither a fresh connection nor other headers change: the next attempt has a browser's own TLS and HTTP/2.",
  other_certificates:
    'The certificate was not accepted. The engines accept different ones, so the other one has its turn.',
  in_turn: 'All steps have been taken: the last two are taken in turn.',
  browser: 'The page is loaded in a browser each time, with a fresh one for each attempt.',
} as const;

export type PlanReason = keyof typeof planReasons;
